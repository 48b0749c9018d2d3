/** Networks that fail while somebody watches: the picture stands still for a moment, but is never black. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { chromiumPath, launchChromium } from '../../helpers/browsers.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import type { AnyPage } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { routeIceThroughRelay, UdpRelay } from '../../helpers/udpRelay.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, routes, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Upper bounds of a standstill in milliseconds: `npm run bench` says how long it takes, here a machine may be busy. */
const patience = 15_000
/** Milliseconds: an MSE that shows nothing in time is not tried again for a minute. */
const MSE_WITHIN = 90_000
/** Milliseconds: WebRTC is tried ever more slowly where it fails. */
const WEBRTC_WITHIN = 60_000
const moving = { upright: true, monotonic: true, sources: [1] }

/** Takes HLS of every kind away from a browser. */
const withoutHls = `
  delete globalThis.MediaSource
  delete globalThis.ManagedMediaSource
  HTMLMediaElement.prototype.canPlayType = () => ''
`

/** A live broadcast and somebody who watches it over WebRTC through a relay, which is the only way to the SFU. */
async function watchThroughRelay(scripts: string[] = []) {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startServer({ workers: 1 }))
  const [port = 0] = server.rtcPorts
  const relay = stack.use(await UdpRelay.create(port))
  const browser = stack.use(await launchChromium())
  const created = await createBroadcast(server.url)
  await goLive(browser, server.url, created)
  const route = routeIceThroughRelay({ [port]: relay.port })
  const page = await watch(browser, server.url, created.id, '', [witnessScript(), route, ...scripts])
  await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
  expect(await routes(page)).toMatchObject([{ protocol: 'udp', remotePort: relay.port }])
  await witnessPicture(page)
  // What matters here is how quickly the player finds it, not how quickly a young broadcast has it.
  await waitFor('HLS is there', async () => (await fetch(`${server.url}/hls/${created.id}/index.m3u8?player=1`)).ok)
  await waitFor('the picture is seen to move', async () => (await pictureRecord(page)).lastChange)
  const all = stack.move()
  return { relay, browser, page, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Lets nothing through until the picture has stood still for so many milliseconds, and resolves when it moves again. */
async function interrupt(relay: UdpRelay, page: AnyPage, standstill: number): Promise<void> {
  const since = (await pictureRecord(page)).lastChange ?? 0
  relay.impair({ outage: true })
  await waitFor(`the picture has stood still for ${standstill} ms`, async () => {
    return (await pictureRecord(page)).longestStandstill >= standstill
  })
  const { lastChange } = await pictureRecord(page)
  expect(lastChange).toBeGreaterThanOrEqual(since)
  relay.impair({})
  await waitFor(
    'the picture moves again',
    async () => ((await pictureRecord(page)).lastChange ?? 0) > (lastChange ?? 0),
  )
}

describe('a network that dies while somebody watches', () => {
  it('leaves the frozen frame until MSE has one', async () => {
    await using scene = await watchThroughRelay()
    const { relay, page, browser } = scene
    relay.impair({ outage: true })
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, MSE_WITHIN)
    expect(await watchClock(page)).toMatchObject(moving)
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    const { black, transports, longestStandstill } = await pictureRecord(page)
    // HLS takes the place of an MSE that shows nothing in time, until that is tried again.
    expect(transports.at(-1)).toBe('mse')
    const others = new Set(transports.filter((transport) => transport !== 'llhls'))
    expect({ black, others: [...others] }).toEqual({ black: 0, others: ['webrtc', 'mse'] })
    expect(longestStandstill).toBeLessThan(patience)
    expect(browser.problems).toEqual([])
  }, 300_000)

  it('and comes back at once shows its picture again by whichever way is first', async () => {
    await using scene = await watchThroughRelay()
    const { relay, page, browser } = scene
    await interrupt(relay, page, 1000)
    await waitForPlayer(page, { state: 'playing' })
    expect(await watchClock(page)).toMatchObject(moving)
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    const { black, longestStandstill } = await pictureRecord(page)
    expect(black).toBe(0)
    expect(longestStandstill).toBeLessThan(patience)
    expect(browser.problems).toEqual([])
  })

  it('and comes back after seconds goes on over WebRTC where there is nothing else', async () => {
    await using scene = await watchThroughRelay([withoutHls])
    const { relay, page, browser } = scene
    await interrupt(relay, page, 2500)
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await watchClock(page)).toMatchObject(moving)
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    expect(await routes(page)).toMatchObject([{ protocol: 'udp', remotePort: relay.port }])
    const { black, longestStandstill, transports } = await pictureRecord(page)
    expect({ black, transports }).toEqual({ black: 0, transports: ['webrtc'] })
    expect(longestStandstill).toBeLessThan(patience)
    expect(browser.problems).toEqual([])
  })

  it('for UDP alone goes on by ICE over TCP where there is nothing else', async () => {
    await using network = await TestNetwork.create()
    await using server = await startServer()
    await using studio = await launchChromium()
    await using browser = await launchChromium({ executablePath: await network.wrap(chromiumPath) })
    const created = await createBroadcast(server.url)
    await goLive(studio, server.url, created)
    const url = `http://${network.hostAddress}:${server.port}`
    const page = await watch(browser, url, created.id, '', [witnessScript(), withoutHls])
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await routes(page)).toMatchObject([{ protocol: 'udp' }])
    await witnessPicture(page)
    await waitFor('the picture is seen to move', async () => (await pictureRecord(page)).lastChange)

    await network.block(['udp'], server.rtcPorts)
    // Not until it says that it stalled: the other way may be there before it does.
    const isOverTcp = async () => {
      const [route, ...others] = await routes(page)
      return route?.protocol === 'tcp' && others.length === 0
    }
    await waitFor('the route is another one', isOverTcp, { deadline: WEBRTC_WITHIN })
    const { lastChange } = await pictureRecord(page)
    const moved = async () => ((await pictureRecord(page)).lastChange ?? 0) > (lastChange ?? 0)
    await waitFor('the picture moves again', moved)
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await routes(page)).toMatchObject([{ protocol: 'tcp' }])
    expect(await watchClock(page)).toMatchObject(moving)
    expect(await pictureRecord(page)).toMatchObject({ black: 0, transports: ['webrtc'] })
    expect([...studio.problems, ...browser.problems]).toEqual([])
  })
})
