/** In charge of the questions that tests of a broadcast's life ask of a viewer's page. */
import { expect } from 'vitest'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { waitForPlayer } from './broadcast.ts'
import type { ClockReading } from './clockGrid.ts'
import { type ClockWatch, readClock, watchClock } from './clockPicture.ts'
import { beginToLook, type Sight, sights } from './eyewitness.ts'
import { type AnyPage, evaluate } from './page.ts'
import { waitFor } from './waitFor.ts'

/** The camera of a person with a small one: two layers, and little to encode where a test needs no more. */
export const smallCameraScript = `{
  const devices = navigator.mediaDevices
  const open = devices?.getUserMedia.bind(devices)
  const size = { width: 640, height: 360, frameRate: 30 }
  if (open) devices.getUserMedia = (wanted) => open(wanted?.video ? { ...wanted, video: size } : wanted)
}`

/** A screen that is smaller than a camera's 1280×720, yet large enough for three layers. */
export const smallScreenScript = `{
  const devices = navigator.mediaDevices
  const open = devices?.getDisplayMedia?.bind(devices)
  const video = { width: 1024, height: 576, frameRate: 15 }
  if (open) devices.getDisplayMedia = (wanted) => open({ ...wanted, video })
}`

/** A machine without a device of this kind. */
export const withoutDevice = (kind: 'video' | 'audio') => `{
  const devices = navigator.mediaDevices
  const open = devices?.getUserMedia.bind(devices)
  const missing = () => Promise.reject(new DOMException('Requested device not found', 'NotFoundError'))
  if (open) devices.getUserMedia = (wanted) => (wanted?.${kind} ? missing() : open(wanted))
}`

/**
 * Resolves when the player plays by this transport and its picture moves, upright, from these sources (the camera). The
 * way back to a transport may be long: MSE is tried again after a minute.
 */
export async function expectMoving(
  page: AnyPage,
  transport: PlayerTransport,
  sources: readonly number[] = [1],
  deadline = 90_000,
): Promise<ClockWatch> {
  await waitForPlayer(page, { state: 'playing', transport }, deadline)
  const seen = await watchClock(page, { samples: 20 })
  expect(seen).toMatchObject({ upright: true, monotonic: true, sources })
  return seen
}

/** Resolves with the first reading of a frame that was captured after `moment` (wall clock, milliseconds). */
export async function pictureSince(page: AnyPage, moment: number, deadline = 30_000): Promise<ClockReading> {
  const look = async () => {
    const reading = await readClock(page)
    return reading && reading.ms > moment ? reading : undefined
  }
  return waitFor(`the page shows a picture from after ${new Date(moment).toISOString()}`, look, { every: 30, deadline })
}

/** Marks the page, so that `isSamePage` tells whether it was loaded again since. */
export async function markPage(page: AnyPage): Promise<void> {
  await evaluate(page, 'globalThis.markOfTest = true')
}

export async function isSamePage(page: AnyPage): Promise<boolean> {
  return evaluate<boolean>(page, 'globalThis.markOfTest === true')
}

/** The transports by which the page was played so far. */
export async function transportHistory(page: AnyPage): Promise<string[]> {
  const read = "document.querySelector('nearcast-player').transportHistory.map(({ transport }) => transport)"
  return evaluate<string[]>(page, read)
}

/**
 * Tells, whenever it is called, the transports by which the page was played since, the present one first. Those before are
 * left out: on a busy machine WebRTC may rightly be late, and another one begin.
 */
export async function followTransports(page: AnyPage): Promise<() => Promise<string[]>> {
  const before = (await transportHistory(page)).length - 1
  return async () => (await transportHistory(page)).slice(before)
}

/** Longest gap of a picture that nothing happened to, in milliseconds: 2 s of an encoder made anew, and a busy machine's stalls. */
export const LONGEST_GAP_MS = 4_000
/** After so long without a frame a player says that it stalls (`Front`): it may say so for the rest of that gap. Milliseconds. */
const STALLED_AFTER_MS = 2_500

/** Expects a picture that was never away for longer, by the states since `noteStates`. */
export async function expectNoGap(page: AnyPage): Promise<void> {
  expect(await stalledFor(page)).toBeLessThan(LONGEST_GAP_MS - STALLED_AFTER_MS)
}

/** Standstills for which the fallback policy rightly leaves a transport (rules 5 and 14), in milliseconds. */
const RIGHTLY_LEFT_AFTER = { webrtc: 1_000, mse: 4_000 } as const

/** What `noteStandstills` leaves in the page. */
interface StandstillNotes {
  /** Where the history of transports was. */
  readonly since: number
  /** Whether the page knew that something was sent, and since when on the wall clock in milliseconds. */
  readonly sending: readonly (readonly [isSending: boolean, at: number])[]
}

/** Begins to note what a transport may be left for; `expectKept` judges. */
export async function noteStandstills(page: AnyPage): Promise<void> {
  await beginToLook(page)
  await evaluate(
    page,
    `{
      const player = document.querySelector('nearcast-player')
      const notes = { since: player.transportHistory.length - 1, sending: [] }
      const note = () => {
        const isSending = player.broadcast?.sending ?? false
        if (notes.sending.at(-1)?.[0] !== isSending) notes.sending.push([isSending, Date.now()])
      }
      globalThis.standstillsOfTest = notes
      note()
      player.addEventListener('broadcastchange', note)
    }`,
  )
}

/**
 * Expects that this transport alone had the picture since `noteStandstills`. Where that stood for so long that it is rightly
 * left, it must have been the first, and be the last again.
 */
export async function expectKept(page: AnyPage, transport: keyof typeof RIGHTLY_LEFT_AFTER): Promise<void> {
  const { since, sending } = await evaluate<StandstillNotes>(page, 'globalThis.standstillsOfTest')
  const used = (await transportHistory(page)).slice(since)
  const stood = longestStandstill(await sights(page), sending, Date.now())
  const isExcused = stood >= RIGHTLY_LEFT_AFTER[transport]
  const kept = isExcused ? [...new Set([used[0], used.at(-1)])] : used
  expect(kept, `${used.join()}, while the picture stood for up to ${Math.round(stood)} ms`).toEqual([transport])
}

/** Longest time for which one instant was seen although something was sent, in milliseconds. Pure. */
function longestStandstill(seen: readonly Sight[], sending: StandstillNotes['sending'], now: number): number {
  const readable = seen.filter(({ ms }) => ms !== null)
  const moves = readable.filter(({ ms }, index) => ms !== readable[index - 1]?.ms).map(({ at }) => at)
  const stood = moves.flatMap((from, index) =>
    sending.map(([isSending, began], place) => {
      const until = Math.min(moves[index + 1] ?? now, sending[place + 1]?.[1] ?? now)
      return isSending ? until - Math.max(from, began) : 0
    }),
  )
  return Math.max(0, ...stood)
}

/** All words of the page that a person reads, those of the player included. */
export async function wordsOf(page: AnyPage): Promise<string> {
  const read = `[document.body.innerText, ...[...document.querySelectorAll('nearcast-player')].map(
    (player) => player.shadowRoot?.textContent ?? '')].join(' ')`
  return evaluate<string>(page, read)
}

/** What a browser complained of, without what a test expects. */
export function otherProblems({ problems }: { problems: readonly string[] }, ...expected: RegExp[]): string[] {
  return problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)))
}

/** Begins to note the states of the page's player; `statesOf` tells them. */
export async function noteStates(page: AnyPage): Promise<void> {
  await evaluate(
    page,
    `{
      const player = document.querySelector('nearcast-player')
      const note = () => globalThis.statesOfTest.push([player.state, performance.now()])
      globalThis.statesOfTest = []
      note()
      player.addEventListener('statechange', note)
    }`,
  )
}

/** The states that the player had since `noteStates`, in order. */
export async function statesOf(page: AnyPage): Promise<string[]> {
  return evaluate<string[]>(page, 'globalThis.statesOfTest.map(([state]) => state)')
}

/** For how long the player was stalled since `noteStates`, in milliseconds. */
export async function stalledFor(page: AnyPage): Promise<number> {
  return evaluate<number>(
    page,
    `globalThis.statesOfTest.reduce((sum, [state, since], index, all) =>
      state === 'stalled' ? sum + (all[index + 1]?.[1] ?? performance.now()) - since : sum, 0)`,
  )
}
