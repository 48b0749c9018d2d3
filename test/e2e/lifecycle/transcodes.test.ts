/** Two broadcasts in VP8 on a server that transcodes one at a time. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { withoutCodecScript } from '../../helpers/codecs.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript, wordsOf } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const vp8Camera = [clockCameraScript(), smallCameraScript, withoutCodecScript('H264')]

it('A second broadcast in VP8 is WebRTC-only, says so, and is transcoded when the first one ends', async () => {
  const env = { NEARCAST_TRANSCODES: '1', NEARCAST_TRANSCODE_PRESET: 'ultrafast' }
  await using server = await startServer({ workers: 1, env })
  await using chromium = await launchChromium()
  const [first, second] = [await createBroadcast(server.url), await createBroadcast(server.url)]
  const firstStudio = await goLive(chromium, server.url, first, vp8Camera)
  const early = await watch(chromium, server.url, first.id, '?prefer=smooth')
  await expectMoving(early, 'llhls')

  const secondStudio = await goLive(chromium, server.url, second, vp8Camera)
  await waitFor('the studio says that the server is busy', async () =>
    (await wordsOf(secondStudio)).includes('It is busy with other broadcasts'),
  )
  await server.logged('no slot is free', ({ msg, broadcast }) => broadcast === second.id && /every slot/.test(`${msg}`))
  expect(await broadcastFacts(server.url, second.id)).toMatchObject({ renditions: [], http: 'transcoders-busy' })
  const playlist = await fetch(`${server.url}/hls/${second.id}/index.m3u8`)
  expect([playlist.status, await playlist.json()]).toMatchObject([503, { error: { code: 'transcoders-busy' } }])
  const direct = await watch(chromium, server.url, second.id)
  await expectMoving(direct, 'webrtc')
  // Who has no WebRTC waits at the page: nothing needs to be loaded again when it becomes possible.
  const patient = await watch(chromium, server.url, second.id, '', ['delete globalThis.RTCPeerConnection'])

  await firstStudio.click('#end-broadcast')
  await waitForStudio(firstStudio, 'ended')
  const isReady = async () => (await broadcastFacts(server.url, second.id)).http === 'ready'
  await waitFor('there is something to play over HTTP', isReady, { deadline: 60_000 })
  // Where MSE had no frame in 4 s it is HLS, and MSE again after a minute.
  await expectMoving(patient, 'mse')
  await waitFor('the studio says that it is converted', async () =>
    (await wordsOf(secondStudio)).includes('the server converts it'),
  )
  expect(await broadcastFacts(server.url, second.id)).toMatchObject({ http: 'ready', converted: true })
  const transcoding = server.logs().filter(({ msg }) => msg === 'transcoding')
  expect(new Set(transcoding.map(({ broadcast }) => broadcast))).toEqual(new Set([first.id, second.id]))
})
