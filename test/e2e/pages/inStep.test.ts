/** Viewers on WebRTC, MSE and hls.js who show the same instant, held against each other by the clock in their pictures. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { percentile } from '../../bench/figures.ts'
import { createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { setSync, sideBySide, spreads, waitForAges, waitUntilInStep } from '../../helpers/sideBySide.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds, p95: 100 where a machine is free for it (the bench says); three browsers' worth of frames on two cores come late. */
const BOUND = 150

describe('viewers in step', () => {
  it('show the same instant by three transports, and are nearer to live again when they no longer want to', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const webrtc = await watch(browser, server.url, created.id, '?sync')
    const mse = await watch(browser, server.url, created.id, '?sync', ['delete globalThis.RTCPeerConnection'])
    const llhls = await watch(browser, server.url, created.id, '?prefer=smooth&sync')
    await expectMoving(webrtc, 'webrtc')
    await expectMoving(mse, 'mse')
    await expectMoving(llhls, 'llhls')

    const pages = [webrtc, mse, llhls]
    const moments = await waitUntilInStep(pages, { bound: BOUND, moments: 40, deadline: 150_000 })
    const apart = spreads(moments)
    const figures = [0.5, 0.95].map((share) => percentile(apart, share))
    await annotate(`${apart.length} moments: ${figures.join(' / ')} ms apart (p50 / p95)`)
    await annotate(`ages at the last moment: ${moments.at(-1)?.join(', ')} ms`)
    expect(percentile(apart, 0.5)).toBeLessThan(100)

    // Whoever no longer wants to goes back to as near to live as it can be; the others stay.
    await setSync(webrtc, false)
    await waitForAges(webrtc, (age) => age < 600, 60_000)
    const [left, stayed] = (await sideBySide([webrtc, mse], { moments: 3 })).at(-1) ?? []
    expect(stayed ?? 0).toBeGreaterThan((left ?? 0) + 400)
    expect(browser.problems).toEqual([])
  }, 300_000)
})
