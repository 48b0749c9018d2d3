/** In charge of hls.js alone in a page, without our player: what any site's player would make of our playlists. */
import { readFile } from 'node:fs/promises'
import { type BlankPage, serveBlankPage } from './blankPage.ts'

const LIBRARY = new URL('../../node_modules/hls.js/dist/hls.js', import.meta.url)

/** An empty page that finds hls.js at `/hls.js`, and `files` beside it. */
export async function serveHlsJs(files: Record<string, Uint8Array> = {}): Promise<BlankPage> {
  return serveBlankPage({ '/favicon.ico': new Uint8Array(0), '/hls.js': await readFile(LIBRARY), ...files })
}

/** Source text that loads hls.js and makes `video`, `hls` and `errors` (details of what went wrong) known to the page. */
export function startHlsJs(config: object = {}): string {
  return `(async () => {
    await new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: '/hls.js', onload: done, onerror: failed })
      document.head.append(script)
    })
    const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }))
    const hls = new Hls(${JSON.stringify(config)})
    const errors = []
    const mediaEvents = []
    for (const name of ['play', 'pause', 'ended', 'seeking', 'waiting', 'emptied']) {
      video.addEventListener(name, () => mediaEvents.push(name + ' at ' + video.currentTime + ' of ' + video.duration))
    }
    const range = (from, to) => from.toFixed(3) + '-' + to.toFixed(3)
    hls.on(Hls.Events.ERROR, (_, { details, frag, error }) => {
      errors.push(details)
      const ranges = Array.from({ length: video.buffered.length }, (_, n) => range(video.buffered.start(n), video.buffered.end(n)))
      const about = frag ? frag.type + ' ' + frag.level + '/' + frag.sn + ' ' + range(frag.start, frag.end) : ''
      mediaEvents.push([details, error?.message, about, 'at ' + video.currentTime, ...ranges].join(', '))
    })
    Object.assign(globalThis, { video, hls, errors, mediaEvents })
  })()`
}
