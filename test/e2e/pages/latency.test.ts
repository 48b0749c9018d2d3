/** What the player says about its delay, held against the clock in the picture. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PlayerTransport } from '../../../shared/signaling.ts'
import { createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { type ClockWatch, watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import type { AnyPage } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Frames over which both delays are compared; about two seconds. */
const FRAMES = 60
/** Milliseconds: what the player says follows what it shows, and both change as long as the sender's browser settles. */
const PATIENCE = 60_000

describe("the player's delay", () => {
  it('is that of the picture, within 0.15 s over WebRTC and within 0.3 s over HLS', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])

    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const real = await waitUntilTrue(direct, 'webrtc', 150)
    await annotate(`WebRTC: the player is ${real.latencyErrorP50} ms off, the picture is ${real.ageP50} ms old`)
    await direct.close()

    // Over HLS the player knows it from EXT-X-PROGRAM-DATE-TIME alone.
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    const late = await waitUntilTrue(smooth, 'llhls', 300)
    await annotate(`HLS: the player is ${late.latencyErrorP50} ms off, the picture is ${late.ageP50} ms old`)
    expect(browser.problems).toEqual([])
  }, 360_000)
})

/** Resolves with the first frames in a row, all of them by this transport, over which the player was off by less than `bound`. */
async function waitUntilTrue(page: AnyPage, transport: PlayerTransport, bound: number): Promise<ClockWatch> {
  let last: ClockWatch | null = null
  const look = async () => {
    last = await watchClock(page, { samples: FRAMES, deadline: PATIENCE / 2 })
    const isBy = last.transports.every((each) => each === transport)
    return isBy && Math.abs(last.latencyErrorP50) < bound && last
  }
  return waitFor(`the player is off by less than ${bound} ms`, look, { deadline: PATIENCE }).catch((error: unknown) => {
    throw new Error(`the player was off as in ${JSON.stringify(last)}`, { cause: error })
  })
}
