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

const TAPS = ['video:0', 'video:1', 'video:2', 'audio']

describe('FFmpegs', () => {
  it('may be killed at any moment, and all at once', async ({ annotate }) => {
    await using audience = await HttpAudience.create()
    const { playlists, server } = audience
    const running = (tap: string): number => {
      const pid = server.logs().findLast(({ msg, tap: of }) => msg === 'tap started' && of === tap)?.pid
      if (typeof pid !== 'number') throw new Error(`no FFmpeg was started for ${tap}`)
      return pid
    }
    for (const [victims, share] of [
      [TAPS, 0.1],
      [['video:2'], 0.5],
      [['audio', 'video:0'], 0.9],
    ] as const) {
      const begun = playlists.newest
      await waitFor('a segment ends', () => playlists.newest > begun)
      const into = Date.now() + share * 2000
      await waitFor(`${share} of the next one are over`, () => Date.now() >= into, { every: 10 })
      // A layer that the browser leaves out for a moment has no FFmpeg then.
      const pids = new Map(victims.map((tap): [string, number] => [tap, running(tap)]))
      for (const [tap, pid] of pids) if (!tryKill(pid)) pids.delete(tap)
      expect(pids.size).toBeGreaterThan(0)
      const killed = Date.now()
      const newest = playlists.newest
      await waitFor('they are replaced', () => [...pids].every(([tap, pid]) => running(tap) !== pid))
      await audience.goesOn(Date.now())
      await audience.breaksTogether(newest)
      await annotate(`${victims.join()}: the viewer sees new pictures after ${Date.now() - killed} ms`)
    }
    await annotate(`the viewer was ${(await audience.states()).join()}`)
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(audience.browser)).toEqual([])
  })
})

/** Whether there was such a process. */
function tryKill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
