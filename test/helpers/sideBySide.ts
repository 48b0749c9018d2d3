/** In charge of holding what several pages show at the same moments against each other, by the clock in their pictures. */
import { percentile } from '../bench/figures.ts'
import { clockGrid } from './clockGrid.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'
import { waitFor } from './waitFor.ts'

/** How old the pictures were at one moment, page by page, in milliseconds; by this machine's clock. */
export type Moment = readonly number[]

/** Milliseconds between two moments; no multiple of a frame, so that all phases of frames are met. */
const EVERY = 270
/** Milliseconds in which all pages must have been told when the first moment is. */
const LEAD = 700

/** What was seen over some moments. */
export interface Together {
  /** Those at which the picture of every page could be read. */
  readonly moments: readonly Moment[]
  /** Milliseconds between two frames, on the page where that is most. */
  readonly spacing: number
}

async function sideBySide(pages: readonly AnyPage[], moments: number): Promise<Together> {
  const start = Date.now() + LEAD
  const look = (page: AnyPage) =>
    evaluate<PageLooks>(
      page,
      callSource(agesInPage, `(${clockGrid.toString()})()`, pictureElement, `${start}`, `${EVERY}`, `${moments}`),
    )
  const looks = await Promise.all(pages.map(look))
  return {
    moments: Array.from({ length: moments }, (_, index) => looks.map(({ ages }) => ages[index] ?? null)).filter(
      (moment): moment is number[] => moment.every((age) => age !== null),
    ),
    spacing: Math.max(...looks.map(({ lasted, frames }) => lasted / Math.max(1, frames))),
  }
}

/** How far apart the pages are at each moment, in milliseconds. */
export function spreads(moments: readonly Moment[]): number[] {
  return moments.map((ages) => Math.max(...ages) - Math.min(...ages))
}

/**
 * Looks at some moments in a row, again and again, until what was seen is as wanted, and resolves with it; rejects after
 * `deadline`, telling the ages seen last. Whoever stalls moves all of them, for a while.
 */
export async function waitForMoments(
  what: string,
  pages: readonly AnyPage[],
  { moments, deadline }: { moments: number; deadline: number },
  isWanted: (together: Together) => boolean | Promise<boolean>,
): Promise<Together> {
  let last: Together = { moments: [], spacing: 0 }
  const look = async () => {
    last = await sideBySide(pages, moments)
    return isWanted(last)
  }
  await waitFor(what, look, { every: 300, deadline }).catch((error: unknown) => {
    const { length } = last.moments
    const ages = JSON.stringify(last.moments.slice(-5).map((moment) => moment.map(Math.round)))
    const spacing = `a frame every ${Math.round(last.spacing)} ms`
    throw new Error(`of ${length} moments read the pictures are ${ages} ms old at the last, ${spacing}`, {
      cause: error,
    })
  })
  return last
}

/** Resolves with the moments in which the pages were within `bound` milliseconds of each other at 95 % of some in a row. */
export async function waitUntilInStep(
  pages: readonly AnyPage[],
  { bound, moments, deadline }: { bound: number; moments: number; deadline: number },
): Promise<readonly Moment[]> {
  const isInStep = ({ moments: read }: Together) =>
    read.length > moments * 0.8 && percentile(spreads(read), 0.95) < bound
  return (await waitForMoments('all show the same instant', pages, { moments, deadline }, isInStep)).moments
}

/** Presses the switch that keeps a viewer in step with the others. */
export async function setSync(page: AnyPage, sync: boolean): Promise<void> {
  await evaluate(page, `document.querySelector('nearcast-player').sync = ${sync}`)
}

/** What one page saw: how old its picture was, null where it could not be read, and its new frames over how many milliseconds. */
interface PageLooks {
  readonly ages: (number | null)[]
  readonly frames: number
  readonly lasted: number
}

/** Runs in the page; refers to nothing outside itself. */
function agesInPage(
  grid: ReturnType<typeof clockGrid>,
  video: HTMLVideoElement | null,
  start: number,
  every: number,
  moments: number,
): Promise<PageLooks> {
  const canvas = new OffscreenCanvas(320, 180)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!video || !context) throw new Error('no picture to look at')
  const ages: (number | null)[] = []
  const shown = () => {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality()
    return totalVideoFrames - droppedVideoFrames
  }
  const before = { frames: shown(), at: performance.now() }
  return new Promise((done) => {
    const look = () => {
      // Whoever is busy looks late, and at a picture that much younger: what counts is how old it is then.
      const now = Date.now()
      context.drawImage(video, 0, 0, canvas.width, canvas.height)
      const reading = grid.decode(context.getImageData(0, 0, canvas.width, canvas.height))
      ages.push(reading?.upright ? now - reading.ms : null)
      if (ages.length === moments) {
        done({ ages, frames: shown() - before.frames, lasted: performance.now() - before.at })
      } else setTimeout(look, Math.max(0, start + ages.length * every - Date.now()))
    }
    setTimeout(look, Math.max(0, start - Date.now()))
  })
}
