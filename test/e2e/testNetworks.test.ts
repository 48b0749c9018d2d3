/** The networks of the end-to-end tests, tried on a bare mediasoup worker: they must let through and block for real. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnCredentials } from '../../server/auth/turnCredentials.ts'
import { systemClock } from '../../server/lib/clock.ts'
import { serveBlankPage } from '../helpers/blankPage.ts'
import { chromiumPath, launchChromium, launchFirefox, noUdpFlag } from '../helpers/browsers.ts'
import { startCoturn } from '../helpers/coturn.ts'
import { IceProbe } from '../helpers/IceProbe.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { TestNetwork } from '../helpers/netns.ts'
import { routeIceThroughRelay, UdpRelay } from '../helpers/udpRelay.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** For ICE and DTLS, through TURN as well, on a busy machine; what is to fail is given less. Milliseconds. */
const PATIENCE = 15_000

describe('a network of its own', () => {
  it('lets UDP through, falls back to TCP without UDP, and connects by nothing without both', async () => {
    await using network = await TestNetwork.create()
    await using sfu = await IceProbe.create(['127.0.0.1', network.hostAddress])
    await using site = await serveBlankPage()
    await using browser = await launchChromium({ executablePath: await network.wrap(chromiumPath) })
    const page = await browser.newPage()
    await page.goto(`http://${network.hostAddress}:${site.port}/`)

    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'udp' })
    await network.block(['udp'], [sfu.port])
    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'tcp' })
    await network.block(['tcp'], [sfu.port])
    expect(await sfu.connect(page)).toBeUndefined()
    await network.unblock()
    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'udp' })
  })

  it('gives the machine an address at which Firefox reaches the SFU, as it does not on loopback', async () => {
    await using network = await TestNetwork.create()
    await using sfu = await IceProbe.create([network.hostAddress])
    await using site = await serveBlankPage()
    await using browser = await launchFirefox()
    const page = await browser.newPage()
    await page.goto(site.url)
    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'udp' })
  })
})

describe('a Chromium without UDP', () => {
  it('reaches the SFU by TCP', async () => {
    await using sfu = await IceProbe.create()
    await using site = await serveBlankPage()
    await using browser = await launchChromium({ args: [noUdpFlag] })
    const page = await browser.newPage()
    await page.goto(site.url)
    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'tcp' })
  })
})

describe('a UDP relay', () => {
  it('carries the whole of ICE and DTLS, badly when told so, and nothing in an outage', async () => {
    await using sfu = await IceProbe.create()
    await using relay = await UdpRelay.create(sfu.port)
    await using site = await serveBlankPage()
    await using browser = await launchChromium()
    const page = await browser.newPage([routeIceThroughRelay({ [sfu.port]: relay.port })])
    await page.goto(site.url)

    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'udp' })
    expect(relay.counts.up.sent).toBeGreaterThan(3)
    relay.impair({ loss: 0.1, delay: 40, jitter: 20, reorder: 0.1 })
    expect(await sfu.connect(page, {}, PATIENCE)).toMatchObject({ protocol: 'udp' })
    relay.impair({ outage: true })
    const { sent } = relay.counts.up
    expect(await sfu.connect(page)).toBeUndefined()
    expect(relay.counts.up.sent).toBe(sent)
    expect(relay.counts.up.seen).toBeGreaterThan(sent)
  })
})

describe('relay-only through coturn', () => {
  it('works for Chromium and for Firefox with credentials of ours, and not with expired ones', async () => {
    await using coturn = await startCoturn()
    await using sfu = await IceProbe.create()
    await using site = await serveBlankPage()
    await using chromium = await launchChromium()
    await using firefox = await launchFirefox()
    const servers = (ttl: number, urls: string[]) => ({
      iceTransportPolicy: 'relay',
      iceServers: [turnCredentials({ secret: coturn.secret, urls, ttl, now: systemClock.now(), user: 'probe' })],
    })
    const [page, other] = [await chromium.newPage(), await firefox.newPage()]
    await page.goto(site.url)
    await other.goto(site.url)
    for (const url of coturn.urls) {
      const result = await sfu.connect(page, servers(60, [url]), PATIENCE)
      expect(result).toMatchObject({ protocol: 'udp' })
      expect(result?.remotePort).toBeGreaterThan(coturn.port)
      expect(result?.remotePort).toBeLessThanOrEqual(coturn.port + 64)
    }
    expect(await sfu.connect(other, servers(60, coturn.urls), PATIENCE)).toMatchObject({ protocol: 'udp' })
    expect(await sfu.connect(page, servers(-10, coturn.urls))).toBeUndefined()
  })
})
