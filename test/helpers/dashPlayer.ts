/** In charge of dash.js in a page that is not ours: the independent player by which DASH delivery is judged. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type BlankPage, serveBlankPage } from './blankPage.ts'
import type { DrivenBrowser, DrivenPage } from './broadcast.ts'
import { type AnyPage, evaluate } from './page.ts'

/** What the player says of itself. */
export interface DashFacts {
  /** Its errors so far, and how often it ran dry after its beginning. */
  readonly errors: readonly string[]
  readonly stalls: number
  readonly dynamic: boolean
  /** Seconds. */
  readonly currentTime: number
  readonly duration: number
  readonly ended: boolean
  readonly width: number
  /** Wall clock of presentation time 0, milliseconds since the Unix epoch. */
  readonly anchor: number
  /** Where it may seek to, presentation times in seconds. */
  readonly from: number
  readonly to: number
}

/** A page of another origin that has dash.js. */
export async function serveDashPlayer(): Promise<BlankPage> {
  const script = createRequire(import.meta.url).resolve('dashjs')
  return serveBlankPage({ '/dash.js': await readFile(script) })
}

/** Opens the page and plays a manifest with dash.js as it is out of the box, muted. */
export async function playDash<Page extends DrivenPage>(
  browser: DrivenBrowser<Page>,
  player: BlankPage,
  manifest: string,
): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(player.url)
  await evaluate(page, `(${playInPage.toString()})(${JSON.stringify(manifest)})`)
  return page
}

export async function dashFacts(page: AnyPage): Promise<DashFacts> {
  return evaluate<DashFacts>(page, 'globalThis.dashFacts()')
}

/** Seeks to a presentation time in seconds; resolves when the picture is that of the new place. */
export async function seekDash(page: AnyPage, time: number): Promise<void> {
  await evaluate(page, `globalThis.seekDash(${time})`)
}

/** Runs in the page; refers to nothing outside itself. */
async function playInPage(manifest: string): Promise<void> {
  await new Promise((done, failed) => {
    const script = document.createElement('script')
    script.src = '/dash.js'
    script.onload = done
    script.onerror = failed
    document.head.append(script)
  })
  const { dashjs } = globalThis as unknown as { dashjs: typeof import('dashjs') }
  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  const player = dashjs.MediaPlayer().create()
  const errors: string[] = []
  let stalls = 0
  let anchor = 0
  player.on('error', (event) => errors.push(JSON.stringify(event)))
  player.on('playbackStalled', () => {
    stalls += 1
  })
  player.on('manifestLoaded', ({ data }) => {
    anchor = new Date((data as unknown as { availabilityStartTime: Date }).availabilityStartTime).getTime()
  })
  player.initialize(video, manifest, true)
  Object.assign(globalThis, {
    dashFacts: () => {
      const { currentTime, duration, ended, videoWidth: width } = video
      const { start: from, end: to } = player.getDvrWindow()
      return { errors, stalls, dynamic: player.isDynamic(), currentTime, duration, ended, width, anchor, from, to }
    },
    seekDash: (time: number) =>
      new Promise<void>((done) => {
        const shown = () => video.requestVideoFrameCallback(() => done())
        video.addEventListener('seeked', shown, { once: true })
        player.seekToPresentationTime(time)
      }),
  })
}
