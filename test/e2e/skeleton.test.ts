/** The whole way in one test: browser → SFU → browser, and SFU → tap → FFmpeg → packager → hls.js. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../helpers/broadcast.ts'
import { launchChromium } from '../helpers/browsers.ts'
import { watchClock } from '../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { startServer } from '../helpers/server.ts'
import { listenForTone } from '../helpers/tone.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('a live broadcast', () => {
  it('is seen and heard over WebRTC and over HLS, moving, upright and the right one', async () => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created)

    const direct = await watch(browser, server.url, created.id)
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' })
    const live = await watchClock(direct, { samples: 60 })
    expect(live).toMatchObject({ upright: true, monotonic: true, sources: [1] })
    expect(live.ageP50).toBeLessThan(1000)
    expect(await listenForTone(direct)).toMatchObject({ heard: true })
    await direct.close()

    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' })
    const delayed = await watchClock(smooth, { samples: 60 })
    expect(delayed).toMatchObject({ upright: true, monotonic: true, sources: [1] })
    expect(delayed.ageP50).toBeGreaterThan(live.ageP50)
    expect(await listenForTone(smooth)).toMatchObject({ heard: true })
    expect(browser.problems).toEqual([])
  })
})
