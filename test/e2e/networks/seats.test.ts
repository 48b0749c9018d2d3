/** Two WebRTC seats, one on MSE, and five viewers: who gets which, without a failed attempt, and who is next. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ViewerCounts } from '../../../shared/broadcast.ts'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript, transportHistory } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/**
 * Notes whether WebRTC and the MSE push are attempted. A connection that never hears of another side only tells the page
 * what the browser can receive.
 */
const noteAttempts = `{
  globalThis.triedByTest = new Set()
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    setRemoteDescription(...given) {
      triedByTest.add('webrtc')
      return super.setRemoteDescription(...given)
    }
  }
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, ...given) {
      super(url, ...given)
      if (String(url).includes('/mse/')) triedByTest.add('mse')
    }
  }
}`

/** Milliseconds: an MSE that shows nothing in time is not tried again for a minute, and HLS is seen meanwhile. */
const PATIENCE = 90_000

const tried = (page: Page) => evaluate<string[]>(page, '[...triedByTest]')

describe('with two seats on WebRTC and one on MSE', () => {
  it('five viewers begin at once on what there is, are moved up in order, and are five all the time', async ({
    annotate,
  }) => {
    await using server = await startServer({
      workers: 1,
      env: { NEARCAST_MAX_SEATS: '2', NEARCAST_MAX_MSE_SEATS: '1' },
    })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await waitFor('there is HTTP delivery', async () => (await broadcastFacts(server.url, created.id)).http === 'ready')

    const viewers: Page[] = []
    for (const transport of ['webrtc', 'webrtc', 'mse', 'llhls', 'llhls']) {
      const asked = Date.now()
      const page = await watch(browser, server.url, created.id, '', [noteAttempts])
      await waitForPlayer(page, { state: 'playing', transport }, PATIENCE)
      await annotate(`${transport} after ${Date.now() - asked} ms`)
      viewers.push(page)
    }
    const [first, second, third, fourth, fifth] = viewers
    if (!first || !second || !third || !fourth || !fifth) throw new Error('not all are there')
    // None of them asked for what it has no seat for; a change of quality takes another WebSocket, so they are not counted.
    expect(await Promise.all([third, fourth, fifth].map(tried))).toEqual([['mse'], [], []])
    const seen: ViewerCounts[] = []
    const look = async (wanted: ViewerCounts) => {
      const { viewers: now } = await broadcastFacts(server.url, created.id)
      seen.push(now)
      return JSON.stringify(now) === JSON.stringify(wanted)
    }
    await waitFor('all are counted', () => look({ total: 5, webrtc: 2, mse: 1, hls: 2 }), { every: 10 })

    // Whoever turns to smooth delivery gives its seat to the next in line, and waits for none.
    await evaluate(first, "document.querySelector('nearcast-player').setAttribute('prefer', 'smooth')")
    await waitForPlayer(third, { state: 'playing', transport: 'webrtc' }, PATIENCE)
    await waitForPlayer(first, { transport: 'llhls' }, PATIENCE)
    await waitForPlayer(fourth, { transport: 'mse' }, PATIENCE)
    await waitFor('all are counted again', () => look({ total: 5, webrtc: 2, mse: 1, hls: 2 }), { every: 10 })
    expect([...new Set(seen.map(({ total }) => total))]).toEqual([5])

    await second.close()
    await waitForPlayer(fourth, { state: 'playing', transport: 'webrtc' }, PATIENCE)
    expect(await transportHistory(fifth)).not.toContain('webrtc')
    await third.close()
    await expectMoving(fifth, 'webrtc')
    // Nobody was ever refused.
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/^nearcast_seats_refused_total 0$/m)
    expect(browser.problems).toEqual([])
  }, 480_000)
})
