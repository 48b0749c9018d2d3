/** What the player says about its delay, held against the clock in the picture. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, callSource, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Frames over which both delays are taken; about two seconds. */
const FRAMES = 60

describe("the player's delay", () => {
  it('is that of the picture, within 0.15 s over WebRTC and within 0.3 s over HLS', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])

    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const real = await delays(direct)
    await annotate(`WebRTC: the player says ${real.said} s, the picture is ${real.seen} s old`)
    expect(Math.abs(real.said - real.seen)).toBeLessThan(0.15)
    await direct.close()

    // Over HLS the player knows it from EXT-X-PROGRAM-DATE-TIME alone.
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    const late = await delays(smooth)
    await annotate(`HLS: the player says ${late.said} s, the picture is ${late.seen} s old`)
    expect(Math.abs(late.said - late.seen)).toBeLessThan(0.3)
    expect(browser.problems).toEqual([])
  })
})

/** What the player says and how old the picture is, in seconds: the medians over the same frames. */
async function delays(page: AnyPage): Promise<{ said: number; seen: number }> {
  const player = "document.querySelector('nearcast-player')"
  await waitFor('the player knows its delay', () => evaluate<boolean>(page, `${player}.latency !== null`))
  const [said, { ageP50 }] = await Promise.all([
    evaluate<number>(page, callSource(medianLatency, player, `${FRAMES}`)),
    watchClock(page, { samples: FRAMES }),
  ])
  return { said, seen: ageP50 / 1000 }
}

/** Runs in the page; refers to nothing outside itself. */
function medianLatency(
  player: HTMLElement & { video: HTMLVideoElement | null; latency: number | null },
  frames: number,
): Promise<number> {
  const { video } = player
  const said: number[] = []
  return new Promise((done) => {
    const onFrame = () => {
      said.push(player.latency ?? Number.NaN)
      if (said.length < frames) video?.requestVideoFrameCallback(onFrame)
      else done(said.sort((a, b) => a - b)[Math.floor(frames / 2)] ?? Number.NaN)
    }
    video?.requestVideoFrameCallback(onFrame)
  })
}
