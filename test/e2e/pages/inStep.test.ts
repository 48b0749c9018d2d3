/** Viewers on WebRTC, MSE and hls.js who show the same instant, held against each other by the clock in their pictures. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { percentile } from '../../bench/figures.ts'
import { createBroadcast, goLive, playerFacts, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { setSync, spreads, type Together, waitForMoments } from '../../helpers/sideBySide.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/**
 * Milliseconds, p50 and p95: 100 where a machine is free for it (the bench says); three browsers' worth of frames on two cores
 * come late. Where frames are far between, pages show neighbouring ones: then so many of these spaces, if they are not too
 * large to tell anything.
 */
const BOUNDS = [
  { share: 0.5, ms: 100, spaces: 1 },
  { share: 0.95, ms: 150, spaces: 1.5 },
] as const
const LARGEST_SPACE = 200
/** Moments in a row. */
const MOMENTS = 40

function isInStep({ moments, spacing }: Together): boolean {
  const space = Math.min(spacing, LARGEST_SPACE)
  const isWithin = ({ share, ms, spaces }: (typeof BOUNDS)[number]) =>
    percentile(spreads(moments), share) < Math.max(ms, spaces * space)
  return moments.length > MOMENTS * 0.8 && BOUNDS.every(isWithin)
}

describe('viewers in step', () => {
  it('show the same instant by three transports, and are nearer to live again when they no longer want to', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    // They come one after the other: three pages that begin at once on a slow machine show no frame in time.
    const webrtc = await watch(browser, server.url, created.id, '?sync')
    await expectMoving(webrtc, 'webrtc')
    const mse = await watch(browser, server.url, created.id, '?sync', ['delete globalThis.RTCPeerConnection'])
    await expectMoving(mse, 'mse')
    const llhls = await watch(browser, server.url, created.id, '?prefer=smooth&sync')
    await expectMoving(llhls, 'llhls')

    const pages = [webrtc, mse, llhls]
    const limits = { moments: MOMENTS, deadline: 180_000 }
    const { moments, spacing } = await waitForMoments('all show the same instant', pages, limits, async (together) => {
      const transports = (await Promise.all(pages.map(playerFacts))).map(({ transport }) => transport)
      return isInStep(together) && transports.join() === 'webrtc,mse,llhls'
    })
    const apart = spreads(moments)
    const figures = [0.5, 0.95].map((share) => percentile(apart, share))
    await annotate(`${apart.length} moments: ${figures.join(' / ')} ms apart (p50 / p95)`)
    await annotate(`ages at the last moment: ${moments.at(-1)?.join(', ')} ms, a frame every ${Math.round(spacing)} ms`)

    // Whoever no longer wants to goes back to as near to live as it can be; the others stay.
    const shared = percentile(
      moments.map(([age = 0]) => age),
      0.5,
    )
    await setSync(webrtc, false)
    const isApart = ([left = 0, stayed = 0]: readonly number[]) => left < shared - 400 && stayed > left + 400
    const few = { moments: 4, deadline: 90_000 }
    await waitForMoments('one is nearer to live', [webrtc, mse], few, ({ moments: all }) => {
      return all.length === few.moments && all.every(isApart)
    })
    expect(browser.problems).toEqual([])
  }, 480_000)
})
