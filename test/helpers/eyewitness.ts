/**
 * In charge of what somebody in front of the page saw: which captured instant was shown when, by which transport, and whether
 * it was black. Of a broadcast of the clock picture.
 */
import { clockGrid } from './clockGrid.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'

/** One look at what is seen, where that was another picture than at the look before. */
export interface Sight {
  /** When it was looked at, on the wall clock, in milliseconds since the Unix epoch. */
  readonly at: number
  /** When what is seen was captured, on the same clock; null for what can't be read. */
  readonly ms: number | null
  readonly isBlack: boolean
  readonly transport: string | null
}

/** What it comes to. Times are milliseconds. */
export interface Account {
  /** The transports in order. */
  readonly transports: readonly string[]
  /** Longest time for which the same instant was seen, from the first sight to the last. */
  readonly longestStandstill: number
  /** Longest time that was looked into the past again, and how often that was more than two frames. */
  readonly mostBackwards: number
  readonly backwards: number
  /** The longest of these times that came without a change of transport. */
  readonly mostBackwardsWithin: number
  readonly black: number
  /** Captured instants between the last sight before each change of transport and the first after: what was missed. */
  readonly gaps: readonly number[]
  /** How long the picture stood at each change of transport. */
  readonly pauses: readonly number[]
}

export const TWO_FRAMES_MS = 70

/** Begins to look, before each repaint. */
export async function beginToLook(page: AnyPage): Promise<void> {
  await evaluate(page, callSource(look, `(${clockGrid.toString()})()`, `() => ${pictureElement}`))
}

/** All sights so far, the last of them up to now. */
export async function sights(page: AnyPage): Promise<Sight[]> {
  return evaluate<Sight[]>(page, 'globalThis.sights')
}

/** What was seen from a moment on (wall clock, milliseconds). Pure. */
export function accountOf(all: readonly Sight[], from = 0): Account {
  const seen = all.filter(({ at, ms, isBlack }) => at >= from && (ms !== null || isBlack))
  const account = { longestStandstill: 0, mostBackwards: 0, backwards: 0, mostBackwardsWithin: 0, black: 0 }
  const transports: string[] = []
  const gaps: number[] = []
  const pauses: number[] = []
  let last: Sight | null = null
  for (const sight of seen) {
    if (sight.isBlack) account.black++
    if (sight.ms === null) continue
    if (last?.ms != null) {
      account.longestStandstill = Math.max(account.longestStandstill, sight.at - last.at)
      const back = last.ms - sight.ms
      account.mostBackwards = Math.max(account.mostBackwards, back)
      if (back > TWO_FRAMES_MS) account.backwards++
      if (sight.transport !== last.transport) {
        gaps.push(sight.ms - last.ms)
        pauses.push(Math.round(sight.at - last.at))
      } else account.mostBackwardsWithin = Math.max(account.mostBackwardsWithin, back)
    }
    if (sight.transport !== null && sight.transport !== transports.at(-1)) transports.push(sight.transport)
    last = sight
  }
  const longestStandstill = Math.round(account.longestStandstill)
  return { ...account, longestStandstill, transports, gaps, pauses }
}

/** Runs in the page; refers to nothing outside itself. */
function look(grid: ReturnType<typeof clockGrid>, find: () => HTMLVideoElement | null): void {
  /** Some minutes of 30 pictures a second. */
  const mostSights = 20_000
  const canvas = new OffscreenCanvas(160, 90)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2d canvas')
  const all: { at: number; ms: number | null; isBlack: boolean; transport: string | null }[] = []
  Object.assign(globalThis, { sights: all })
  let before = ''
  const lookOnce = () => {
    requestAnimationFrame(lookOnce)
    const video = find()
    const player = document.querySelector('nearcast-player')
    // While an element begins anew, the player shows a still of it.
    const seen = player?.shadowRoot?.querySelector('canvas') ?? video
    if (!seen || (seen === video && !video.videoWidth)) return
    context.drawImage(seen, 0, 0, canvas.width, canvas.height)
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
    // What differs from frame to frame: the cells of time and number.
    const sample: number[] = []
    for (let at = 0; at < pixels.data.length; at += 4 * 37) sample.push(pixels.data[at] ?? 0)
    const picture = sample.join()
    const transport = player?.getAttribute('transport') ?? null
    const last = all.at(-1)
    if (picture === before && last?.transport === transport) return
    before = picture
    const isBlack = !sample.some((value) => value > 100)
    const reading = isBlack ? null : grid.decode(pixels)
    const ms = reading?.ms ?? null
    if (ms !== null && ms === last?.ms && transport === last.transport) return
    all.push({ at: Date.now(), ms, isBlack, transport })
    if (all.length > mostSights) all.shift()
  }
  requestAnimationFrame(lookOnce)
}
