/** Networks that let nothing out but to a TURN server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { startCoturn } from '../../helpers/coturn.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { routes, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('relay-only through coturn, with credentials made by the server', () => {
  it.each(['udp', 'tcp'])('carries broadcaster and viewer over TURN by %s', async (transport) => {
    await using coturn = await startCoturn()
    const urls = coturn.urls.filter((url) => url.endsWith(transport)).join(',')
    const env = { NEARCAST_TURN_URLS: urls, NEARCAST_TURN_SECRET: coturn.secret }
    await using server = await startServer({ env })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const scripts = [witnessScript(), clockCameraScript()]
    const studio = await goLive(browser, server.url, created, scripts, '?ice=relay')
    const viewer = await watch(browser, server.url, created.id, '?ice=relay', [witnessScript()])
    await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' })

    const relayed = { protocol: 'udp', candidateType: 'relay', relayProtocol: transport }
    expect(await routes(studio)).toMatchObject([relayed])
    expect(await routes(viewer)).toMatchObject([relayed])
    expect(await watchClock(viewer)).toMatchObject({ upright: true, monotonic: true, sources: [1] })
    expect(await listenForTone(viewer)).toMatchObject({ heard: true })
    expect(browser.problems).toEqual([])
  })
})
