/** Networks that let less through than WebRTC likes: the next best way is found without anyone's doing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FIRST_FRAME_LIMIT_MS, LINK_LIMIT_MS } from '../../../client/player/policyState.ts'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { chromiumPath, launchChromium, noUdpFlag } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { evaluate } from '../../helpers/page.ts'
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

const moving = { upright: true, monotonic: true, sources: [1] }

/** Milliseconds: an MSE that shows nothing in time is not tried again for a minute. */
const MSE_WITHIN = 90_000
/** Milliseconds: WebRTC is tried ever more slowly behind a picture that came by another way. */
const WEBRTC_WITHIN = 60_000

/** Notes when a connection of the page first stood, in milliseconds since the page was opened. */
const noteConnected = `{
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given)
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') globalThis.connectedOfTest ??= performance.now()
      })
    }
  }
}`

const hasHttp = (url: string, id: string) =>
  waitFor('there is HTTP delivery', async () => (await broadcastFacts(url, id)).http === 'ready')

describe('a viewer whose network', () => {
  it('lets no UDP through gets WebRTC by ICE over TCP, and without both MSE by itself', async () => {
    await using network = await TestNetwork.create()
    await using server = await startServer()
    await using studio = await launchChromium()
    await using browser = await launchChromium({ executablePath: await network.wrap(chromiumPath) })
    const created = await createBroadcast(server.url)
    await goLive(studio, server.url, created)
    await hasHttp(server.url, created.id)
    const url = `http://${network.hostAddress}:${server.port}`

    await network.block(['udp'], server.rtcPorts)
    const overTcp = await watch(browser, url, created.id, '', [witnessScript()])
    await waitForPlayer(overTcp, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await routes(overTcp)).toMatchObject([{ protocol: 'tcp' }])
    expect(server.rtcPorts).toContain((await routes(overTcp))[0]?.remotePort)
    expect(await watchClock(overTcp)).toMatchObject(moving)
    expect(await listenForTone(overTcp)).toMatchObject({ heard: true })

    await network.block(['tcp'], server.rtcPorts)
    await overTcp.close()
    const overHttp = await watch(browser, url, created.id, '', [witnessScript()])
    await witnessPicture(overHttp)
    await waitForPlayer(overHttp, { state: 'playing', transport: 'mse' }, MSE_WITHIN)
    expect(await watchClock(overHttp)).toMatchObject(moving)
    expect(await listenForTone(overHttp)).toMatchObject({ heard: true })
    expect(await routes(overHttp)).toEqual([])
    const { firstChange, transports, black } = await pictureRecord(overHttp)
    expect({ last: transports.at(-1), black }).toEqual({ last: 'mse', black: 0 })
    expect(transports).not.toContain('webrtc')
    expect(firstChange).toBeGreaterThan(LINK_LIMIT_MS)
    expect([...studio.problems, ...browser.problems]).toEqual([])
    // What nobody takes from the worker's TCP connection any more does not keep it alive.
    expect(await server.stop()).toMatchObject({ code: 0 })
  }, 300_000)

  it('carries small packets only gets no frame over WebRTC, and MSE takes over after 4 s', async () => {
    await using server = await startServer({ workers: 1 })
    const [port = 0] = server.rtcPorts
    await using relay = await UdpRelay.create(port)
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created)
    await hasHttp(server.url, created.id)

    // Enough for ICE, DTLS and sound, not for video: a path whose MTU is smaller than anyone says.
    relay.impair({ largest: 400 }, 'down')
    const scripts = [witnessScript(), noteConnected, routeIceThroughRelay({ [port]: relay.port })]
    const page = await watch(browser, server.url, created.id, '', scripts)
    await witnessPicture(page)
    await waitFor('WebRTC is connected', async () => (await routes(page)).length > 0)
    const connected = await evaluate<number>(page, 'connectedOfTest')
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, MSE_WITHIN)
    expect(await watchClock(page)).toMatchObject(moving)
    const { firstChange, transports } = await pictureRecord(page)
    expect(transports.at(-1)).toBe('mse')
    expect(transports).not.toContain('webrtc')
    // Where a busy machine took longer for the connection alone, MSE rightly came for that.
    expect(firstChange).toBeGreaterThan(connected < LINK_LIMIT_MS ? FIRST_FRAME_LIMIT_MS : LINK_LIMIT_MS)
    expect(browser.problems).toEqual([])
  }, 300_000)
})

describe('a broadcaster whose network', () => {
  it('lets no UDP through sends by ICE over TCP', async () => {
    await using server = await startServer()
    await using browser = await launchChromium({ args: [noUdpFlag] })
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [witnessScript(), clockCameraScript()])
    expect(await routes(studio)).toMatchObject([{ protocol: 'tcp' }])
    const page = await watch(browser, server.url, created.id, '', [witnessScript()])
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await routes(page)).toMatchObject([{ protocol: 'tcp' }])
    expect(await watchClock(page)).toMatchObject(moving)
    expect(browser.problems).toEqual([])
  })
})
