/** FFmpegs that die in the middle of a segment, one or all at once: the playlists stay true and viewers go on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpAudience } from '../../helpers/httpAudience.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { otherProblems } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const TAPS = ['audio', 'video:0', 'video:1', 'video:2'] as const
type Tap = (typeof TAPS)[number]

/** Which of the FFmpegs that run are killed: how many at least, and how much of a segment is over then. */
const STORIES: readonly { share: number; least: number; choose(running: readonly Tap[]): readonly Tap[] }[] = [
  { share: 0.1, least: 2, choose: (running) => running },
  // The highest layer; a busy machine's Chromium leaves out what is above it.
  { share: 0.5, least: 1, choose: (running) => running.filter((tap) => tap !== 'audio').slice(-1) },
  { share: 0.9, least: 2, choose: (running) => running.filter((tap) => tap === 'audio' || tap === 'video:0') },
]

describe('FFmpegs', () => {
  it('may be killed at any moment, and all at once', async ({ annotate }) => {
    await using audience = await HttpAudience.create()
    const { playlists, server } = audience
    const newestOf = (tap: Tap): number => {
      const pid = server.logs().findLast(({ msg, tap: of }) => msg === 'tap started' && of === tap)?.pid
      return typeof pid === 'number' ? pid : Number.NaN
    }
    for (const { share, least, choose } of STORIES) {
      const begun = playlists.newest
      await waitFor('a segment ends', () => playlists.newest > begun)
      const into = Date.now() + share * 2000
      await waitFor(`${share} of the next one are over`, () => Date.now() >= into, { every: 10 })
      // A layer that the browser leaves out for a moment has no FFmpeg then.
      const victims = await waitFor(`${least} FFmpegs run`, () => {
        const chosen = choose(TAPS.filter((tap) => trySignal(newestOf(tap), 0)))
        return chosen.length >= least && chosen
      })
      const known = server.logs().length
      const pids = new Map(victims.map((tap) => [tap, newestOf(tap)]))
      for (const [tap, pid] of pids) if (!trySignal(pid, 'SIGKILL')) pids.delete(tap)
      expect(pids.size).toBeGreaterThan(0)
      const killed = Date.now()
      const newest = playlists.newest
      const isReplaced = (tap: Tap) => newestOf(tap) !== pids.get(tap)
      // One whose layer has left meanwhile comes when that does.
      const isPaused = (tap: Tap) =>
        server.logs().some(({ msg, tap: of }, index) => index >= known && of === tap && msg?.startsWith('tap paused'))
      const areBack = () => {
        const taps = [...pids.keys()]
        return taps.some(isReplaced) && taps.every((tap) => isReplaced(tap) || isPaused(tap))
      }
      await waitFor('they are replaced', areBack, { deadline: 60_000 })
      await audience.goesOn(Date.now())
      await audience.breaksTogether(newest)
      await annotate(`${[...pids.keys()].join()}: the viewer sees new pictures after ${Date.now() - killed} ms`)
    }
    await annotate(`the viewer was ${(await audience.states()).join()}`)
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(audience.browser)).toEqual([])
  })
})

/** Whether there is such a process. */
function trySignal(pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
