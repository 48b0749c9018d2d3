/** In charge of the questions that tests of a broadcast's life ask of a viewer's page. */
import { expect } from 'vitest'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { waitForPlayer } from './broadcast.ts'
import type { ClockReading } from './clockGrid.ts'
import { type ClockWatch, readClock, watchClock } from './clockPicture.ts'
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

/** Resolves when the player plays by this transport and its picture moves, upright, from these sources (the camera). */
export async function expectMoving(
  page: AnyPage,
  transport: PlayerTransport,
  sources: readonly number[] = [1],
  deadline = 20_000,
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
