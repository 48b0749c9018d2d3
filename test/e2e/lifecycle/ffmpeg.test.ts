/** One FFmpeg of a broadcast dies: HLS goes on by itself, WebRTC has nothing to do with it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { startServer, type TestServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import {
  expectMoving,
  expectNoGap,
  followTransports,
  LONGEST_GAP_MS,
  noteStates,
  otherProblems,
  pictureSince,
  smallCameraScript,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('an FFmpeg that is killed', () => {
  it('is replaced: HLS goes on by itself, for a layer and for the sound, and WebRTC never notices', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    const all = ['v0', 'v1', 'audio']
    await waitFor('both layers and the sound are listed', () => all.every((id) => playlists.last.has(id)), {
      deadline: 90_000,
    })
    await noteStates(direct)
    const transports = await followTransports(direct)

    for (const tap of ['video:1', 'audio']) {
      const calm = watchClock(direct, { samples: 100, deadline: 60_000 })
      // Should another expectation fail, the page goes away under it: one failure is enough.
      calm.catch(() => {})
      const [pid, newest] = [await ffmpegOf(server, tap), playlists.newest]
      const killed = Date.now()
      process.kill(pid, 'SIGKILL')
      await server.logged(
        `a new FFmpeg of ${tap}`,
        (record) => isStart(record, tap) && Date.parse(String(record.time)) >= killed,
      )
      await annotate(`${tap}: a new FFmpeg after ${Date.now() - killed} ms`)
      const restored = Date.now()
      await pictureSince(smooth, restored)
      expect(await listenForTone(smooth)).toMatchObject({ heard: true })
      await expectMoving(smooth, 'llhls')
      const rendition = tap === 'audio' ? 'audio' : 'v1'
      await waitFor(
        `${rendition} is listed with media again`,
        () =>
          playlists.since(rendition, newest + 1).some(({ breaks }) => breaks) &&
          playlists.last.get(rendition)?.segments.at(-1)?.gap === false,
      )
      const seen = await calm
      await annotate(`${tap}: longest gap of the WebRTC picture: ${Math.round(seen.longestGap)} ms`)
      expect(seen).toMatchObject({ upright: true, monotonic: true, sources: [1] })
      expect(seen.longestGap).toBeLessThan(LONGEST_GAP_MS)
    }
    await expectMoving(direct, 'webrtc')
    await expectNoGap(direct)
    expect(await transports()).toEqual(['webrtc'])
    expect(await transportHistory(smooth)).toEqual(['llhls'])
    expect(await listenForTone(direct)).toMatchObject({ heard: true })
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })
})

function isStart({ msg, tap }: Record<string, unknown>, wanted: string): boolean {
  return msg === 'tap started' && tap === wanted
}

/** The process that serves a tap now. */
async function ffmpegOf(server: TestServer, tap: string): Promise<number> {
  const pid = server.logs().findLast((record) => isStart(record, tap))?.pid
  if (typeof pid !== 'number') throw new Error(`no FFmpeg was started for ${tap}`)
  return pid
}
