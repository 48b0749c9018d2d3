/** Firefox, which speaks VP8 but no H.264 in WebRTC, on either side of a broadcast. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium, launchFirefox } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { withoutCodecScript } from '../../helpers/codecs.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { routeIceThroughRelay, UdpRelay } from '../../helpers/udpRelay.ts'
import { expectMoving, pictureSince, smallCameraScript, wordsOf } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const moving = { upright: true, monotonic: true, sources: [1] }

/** What the player says in words over the picture. */
const wordsOfPlayer = "document.querySelector('nearcast-player').shadowRoot.querySelector('[part=message]').textContent"

/** Milliseconds: an MSE that shows nothing in time is not tried again for a minute. */
const MSE_WITHIN = 90_000
/** Milliseconds: two browsers and VP8 leave little of a machine, and WebRTC is tried ever more slowly. */
const WEBRTC_WITHIN = 60_000

describe('Firefox', () => {
  it('watches a broadcast in H.264 over MSE by itself', async () => {
    await using server = await startServer()
    await using chromium = await launchChromium()
    await using firefox = await launchFirefox()
    const created = await createBroadcast(server.url)
    await goLive(chromium, server.url, created)
    await waitFor('there is HTTP delivery', async () => (await broadcastFacts(server.url, created.id)).http === 'ready')
    const page = await watch(firefox, server.url, created.id, '', [witnessScript()])
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, MSE_WITHIN)
    expect(await watchClock(page)).toMatchObject(moving)
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    expect([...chromium.problems, ...firefox.problems]).toEqual([])
  })

  it('broadcasts in VP8, which is watched over WebRTC, and over HTTP by who cannot have that', async ({ annotate }) => {
    // Firefox never connects to an SFU on loopback: the network gives the machine another address.
    await using _network = await TestNetwork.create()
    await using server = await startServer({ workers: 1, env: { NEARCAST_TRANSCODE_PRESET: 'ultrafast' } })
    await using firefox = await launchFirefox()
    await using chromium = await launchChromium()
    const created = await createBroadcast(server.url)
    // Two cores carry no more than this: VP8 by Firefox, H.264 by FFmpeg, and one who watches at a time.
    const camera = [clockCameraScript(), smallCameraScript]
    const studio = await goLive(firefox, server.url, created, [witnessScript(), ...camera])
    await waitFor('the studio says that the server converts', async () =>
      (await wordsOf(studio)).includes('This browser sends VP8: the server converts it'),
    )
    const direct = await watch(chromium, server.url, created.id, '', [witnessScript()])
    await expectMoving(direct, 'webrtc')
    await direct.close()

    const smooth = await watch(chromium, server.url, created.id, '?prefer=smooth', [witnessScript()])
    const seen = await expectMoving(smooth, 'llhls')
    await annotate(`HLS shows ${seen.width}x${seen.height}, ${Math.round(seen.ageP50)} ms behind`)
    expect(await listenForTone(smooth)).toMatchObject({ heard: true })
    await smooth.close()
    const facts = await broadcastFacts(server.url, created.id)
    expect(facts).toMatchObject({ http: 'ready', converted: true })
    const video = facts.renditions.filter(({ kind }) => kind === 'video')
    await annotate(video.map(({ width, height, bandwidth }) => `${width}x${height} ${bandwidth} bit/s`).join(', '))
    expect(video.map(({ codecs }) => codecs.slice(0, 5))).toEqual(video.map(() => 'avc1.'))

    // Neither of these asks for it: they land on MSE, the first of the ways over HTTP, by themselves.
    const withoutVp8 = await watch(chromium, server.url, created.id, '', [withoutCodecScript('VP8')])
    await expectMoving(withoutVp8, 'mse')
    await withoutVp8.close()
    const withoutWebRtc = await watch(chromium, server.url, created.id, '', ['delete globalThis.RTCPeerConnection'])
    await expectMoving(withoutWebRtc, 'mse')

    const pid = server.logs().findLast(({ msg }) => msg === 'transcoding')?.pid
    process.kill(Number(pid), 'SIGKILL')
    await server.logged('another FFmpeg', (record) => record.msg === 'transcoding' && record.pid !== pid)
    // By whatever way over HTTP it comes then, and through whichever element: each picture is newer than the one before.
    for (let picture = 0; picture < 3; picture++) {
      expect(await pictureSince(withoutWebRtc, Date.now())).toMatchObject({ upright: true, source: 1 })
    }
    await waitForPlayer(withoutWebRtc, { state: 'playing' })
    expect(await listenForTone(withoutWebRtc)).toMatchObject({ heard: true })
    expect([...firefox.problems, ...chromium.problems]).toEqual([])
  }, 480_000)

  it('broadcasts in VP8, which nobody watches over HLS where nothing is transcoded', async () => {
    // Firefox never connects to an SFU on loopback: the network gives the machine another address.
    await using _network = await TestNetwork.create()
    await using server = await startServer({ workers: 1, env: { NEARCAST_TRANSCODES: '0' } })
    const [port = 0] = server.rtcPorts
    await using dead = await UdpRelay.create(port)
    dead.impair({ outage: true })
    await using firefox = await launchFirefox()
    await using chromium = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(firefox, server.url, created, [witnessScript(), clockCameraScript()])
    await waitFor('the studio says what VP8 costs', async () =>
      `${await studio.evaluate('document.body.innerText')}`.includes('This browser sends VP8'),
    )

    const direct = await watch(chromium, server.url, created.id, '', [witnessScript()])
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    expect(await watchClock(direct)).toMatchObject(moving)
    expect(await listenForTone(direct)).toMatchObject({ heard: true })
    const wishful = await watch(chromium, server.url, created.id, '?prefer=smooth', [witnessScript()])
    await waitForPlayer(wishful, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)

    expect(await broadcastFacts(server.url, created.id)).toMatchObject({ renditions: [], http: 'no-http-delivery' })
    const hls = await fetch(`${server.url}/hls/${created.id}/index.m3u8`)
    expect(hls.status).toBe(404)
    expect(await hls.json()).toMatchObject({ error: { code: 'no-http-delivery' } })
    // Who cannot have WebRTC is told so, in the browser's case and in the network's.
    const helpless = await watch(chromium, server.url, created.id, '', ['delete globalThis.RTCPeerConnection'])
    await waitForPlayer(helpless, { state: 'error', transport: null })
    expect(await helpless.evaluate(wordsOfPlayer)).toMatch(/neither WebRTC nor HLS/)
    const stranded = await watch(chromium, server.url, created.id, '', [routeIceThroughRelay({ [port]: dead.port })])
    await waitFor('the page says what may be wrong', async () =>
      `${await stranded.evaluate(wordsOfPlayer)}`.includes('comes over WebRTC only'),
    )
    await waitForPlayer(stranded, { state: 'loading', transport: null })
    expect([...firefox.problems, ...chromium.problems]).toEqual([])
  })
})
