/** In charge of holding what several pages show at the same moments against each other, by the clock in their pictures. */
import { percentile } from '../bench/figures.ts'
import { clockGrid } from './clockGrid.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'
import { waitFor } from './waitFor.ts'

/** How old the pictures were at one moment, page by page, in milliseconds; by this machine's clock. */
export type Moment = readonly number[]

export interface SideBySideOptions {
  /** How many moments are looked at. */
  readonly moments: number
  /** Milliseconds between them; no multiple of a frame, so that all phases of frames are met. */
  readonly every?: number
}

/** Milliseconds in which all pages must have been told when the first moment is. */
const LEAD = 700

/** Resolves with the moments at which the picture of every page could be read. */
export async function sideBySide(pages: readonly AnyPage[], options: SideBySideOptions): Promise<Moment[]> {
  const { moments, every = 270 } = options
  const start = Date.now() + LEAD
  const look = (page: AnyPage) =>
    evaluate<(number | null)[]>(
      page,
      callSource(agesInPage, `(${clockGrid.toString()})()`, pictureElement, `${start}`, `${every}`, `${moments}`),
    )
  const ages = await Promise.all(pages.map(look))
  return Array.from({ length: moments }, (_, index) => ages.map((page) => page[index] ?? null)).filter(
    (moment): moment is number[] => moment.every((age) => age !== null),
  )
}

/** How far apart the pages are at each moment, in milliseconds. */
export function spreads(moments: readonly Moment[]): number[] {
  return moments.map((ages) => Math.max(...ages) - Math.min(...ages))
}

/**
 * Looks until the pages were within `bound` milliseconds of each other at 95 % of some moments in a row, and resolves with
 * these moments; rejects after `deadline`, telling the ages seen last. Whoever stalls moves all of them, for a while.
 */
export async function waitUntilInStep(
  pages: readonly AnyPage[],
  { bound, moments, deadline }: { bound: number; moments: number; deadline: number },
): Promise<Moment[]> {
  let last: Moment[] = []
  const look = async () => {
    last = await sideBySide(pages, { moments })
    return last.length > moments * 0.8 && percentile(spreads(last), 0.95) < bound
  }
  await waitFor('all show the same instant', look, { every: 300, deadline }).catch((error: unknown) => {
    throw new Error(`the pictures are ${JSON.stringify(last.slice(-5))} ms old`, { cause: error })
  })
  return last
}

/** Resolves when all of some moments in a row find the picture of such an age, in milliseconds. */
export async function waitForAges(page: AnyPage, wanted: (age: number) => boolean, deadline: number): Promise<void> {
  let last: Moment[] = []
  const look = async () => {
    last = await sideBySide([page], { moments: 4 })
    return last.length === 4 && last.flat().every(wanted)
  }
  await waitFor('the picture is as old as it should be', look, { every: 300, deadline }).catch((error: unknown) => {
    throw new Error(`the picture is ${last.flat().join(', ')} ms old`, { cause: error })
  })
}

/** Presses the switch that keeps a viewer in step with the others. */
export async function setSync(page: AnyPage, sync: boolean): Promise<void> {
  await evaluate(page, `document.querySelector('nearcast-player').sync = ${sync}`)
}

/** Runs in the page; refers to nothing outside itself. */
function agesInPage(
  grid: ReturnType<typeof clockGrid>,
  video: HTMLVideoElement | null,
  start: number,
  every: number,
  moments: number,
): Promise<(number | null)[]> {
  const canvas = new OffscreenCanvas(320, 180)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!video || !context) throw new Error('no picture to look at')
  const ages: (number | null)[] = []
  return new Promise((done) => {
    const look = () => {
      // Whoever is busy looks late, and at a picture that much younger: what counts is how old it is then.
      const now = Date.now()
      context.drawImage(video, 0, 0, canvas.width, canvas.height)
      const reading = grid.decode(context.getImageData(0, 0, canvas.width, canvas.height))
      ages.push(reading?.upright ? now - reading.ms : null)
      if (ages.length === moments) done(ages)
      else setTimeout(look, Math.max(0, start + ages.length * every - Date.now()))
    }
    setTimeout(look, Math.max(0, start - Date.now()))
  })
}
