/** One broadcast, several people at once, each by the transport of their own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { smallCameraScript } from '../../helpers/viewing.ts'
import { witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds: WebRTC is tried ever more slowly behind a picture that came by another way. */
const PATIENCE = 60_000

describe('an audience', () => {
  it('of two over WebRTC and one over HLS sees the moving picture, hears the sound and is counted', async () => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    // They come one after the other: three pages that begin at once on a slow machine show no frame in time.
    const come = async () => {
      const page = await watch(browser, server.url, created.id, '', [witnessScript()])
      await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, PATIENCE)
      return page
    }
    const direct = [await come(), await come()]
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth', [witnessScript()])
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' }, PATIENCE)

    // All at once for the picture: one after the other would not show that they do not disturb each other.
    const audience = [...direct, smooth]
    const seen = await Promise.all(audience.map((page) => watchClock(page, { samples: 40 })))
    for (const watching of seen) expect(watching).toMatchObject({ upright: true, monotonic: true, sources: [1] })
    for (const watching of seen) expect(watching.distinct).toBeGreaterThan(20)
    for (const page of audience) expect(await listenForTone(page)).toMatchObject({ heard: true })
    // One who is moved to another way for a moment, or is just counted on HTTP, is counted right in the end.
    const count = async () => (await broadcastFacts(server.url, created.id)).viewers
    await expect.poll(count, { timeout: PATIENCE }).toMatchObject({ total: 3, webrtc: 2, hls: 1 })
    expect(browser.problems).toEqual([])
  })
})
