/** One FFmpeg of a broadcast dies: HLS goes on by itself, WebRTC has nothing to do with it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { startServer, type TestServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { expectMoving, otherProblems, pictureSince, transportHistory } from '../../helpers/viewing.ts'
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
    await goLive(browser, server.url, created)
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    await waitFor('three layers and the sound are listed', () => playlists.last.size === 4)

    for (const tap of ['video:1', 'audio']) {
      const calm = watchClock(direct, { samples: 150, deadline: 30_000 })
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
      expect(seen.longestGap).toBeLessThan(2000)
    }
    expect(await transportHistory(direct)).toEqual(['webrtc'])
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
