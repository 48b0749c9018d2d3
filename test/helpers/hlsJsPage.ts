/** In charge of hls.js alone in a page, without our player: what any site's player would make of our playlists. */
import { readFile } from 'node:fs/promises'
import { type BlankPage, serveBlankPage } from './blankPage.ts'

const LIBRARY = new URL('../../node_modules/hls.js/dist/hls.js', import.meta.url)

/** An empty page that finds hls.js at `/hls.js`, and `files` beside it. */
export async function serveHlsJs(files: Record<string, Uint8Array> = {}): Promise<BlankPage> {
  return serveBlankPage({ '/favicon.ico': new Uint8Array(0), '/hls.js': await readFile(LIBRARY), ...files })
}

/**
 * Source text that loads hls.js and makes known to the page: `video`, `hls`, `errors` (details of what went wrong) and
 * `mediaEvents` (what became of the element and of hls.js, with what was loaded then, after so many seconds of the page).
 */
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
    const range = (from, to) => from.toFixed(3) + '-' + to.toFixed(3)
    const note = (what) => {
      const { buffered, currentTime, duration } = video
      const ranges = Array.from({ length: buffered.length }, (_, n) => range(buffered.start(n), buffered.end(n)))
      const place = 'at ' + currentTime.toFixed(3) + ' of ' + duration + ' in [' + ranges.join(' ') + ']'
      mediaEvents.push((performance.now() / 1000).toFixed(3) + ' s: ' + what + ' ' + place + ', level ' + hls.currentLevel)
    }
    for (const name of ['play', 'pause', 'ended', 'seeking', 'waiting', 'emptied']) {
      video.addEventListener(name, () => note(name))
    }
    hls.on(Hls.Events.ERROR, (_, { details, frag, error }) => {
      errors.push(details)
      const about = frag ? ' (' + frag.type + ' ' + frag.level + '/' + frag.sn + ' ' + range(frag.start, frag.end) + ')' : ''
      note(details + about + ': ' + (error?.message ?? ''))
    })
    Object.assign(globalThis, { video, hls, errors, mediaEvents })
  })()`
}
