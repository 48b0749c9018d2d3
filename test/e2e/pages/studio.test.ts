/** The studio's devices: choosing them, hearing oneself, and what is really sent; and the link that is handed on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Keeps all peer connections of the page, so that a test can ask their senders. */
const keepConnections = `{
  const connections = (globalThis.connectionsOfTest = [])
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args)
      connections.push(this)
    }
  }
}`

const videoParameters = `connectionsOfTest.flatMap((connection) => connection.getSenders())
  .filter(({ track }) => track?.kind === 'video').map((sender) => sender.getParameters())`

interface SentParameters {
  degradationPreference?: string
  encodings: { maxBitrate?: number; scalabilityMode?: string; scaleResolutionDownBy?: number; active: boolean }[]
}

const threeCameras = ['--use-fake-device-for-media-stream=fps=30,device-count=3', '--use-fake-ui-for-media-stream']

/**
 * Chromium's second fake camera is a depth camera of 16 bits (`kDepthDeviceIndex` in fake_video_capture_device_factory.cc),
 * whose frames reach no peer connection.
 */
const withoutDepthCamera = `{
  const devices = navigator.mediaDevices
  const list = devices.enumerateDevices.bind(devices)
  devices.enumerateDevices = async () => (await list()).filter(({ label }) => label !== 'fake_device_1')
}`

/** The chosen cameras with small pictures: three layers of large ones are more than a slow machine can encode. */
const smallCameras = `{
  const devices = navigator.mediaDevices
  const open = devices.getUserMedia.bind(devices)
  const size = { width: 640, height: 360, frameRate: 30 }
  const small = (video) => (video ? { ...(video === true ? {} : video), ...size } : video)
  devices.getUserMedia = (wanted) => open({ ...wanted, video: small(wanted?.video) })
}`

/** Milliseconds: WebRTC is tried ever more slowly behind a picture that came by another way. */
const WEBRTC_WITHIN = 60_000
/** Frames that show that the picture moves, within milliseconds: a browser's encoder that is made anew takes seconds. */
const FRAMES = { samples: 30, deadline: 45_000 }
/** Milliseconds without a packet after which WebRTC is rightly left: the fallback policy's rule 5. */
const SILENCE = 1_000

describe('the studio', () => {
  it('changes the camera and the microphone while live, and the picture goes on moving', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium({ fakeMedia: false, args: threeCameras })
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [withoutDepthCamera, smallCameras])
    const viewer = await watch(browser, server.url, created.id, '', [witnessScript()])
    await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    await witnessPicture(viewer)
    const cameras = studio.locator('#camera')
    await expect.poll(() => cameras.locator('option').count()).toBe(2)
    const first = await cameras.inputValue()
    // The level of Chromium's fake microphone, which beeps once a second.
    await waitFor('the level meter moves', () =>
      evaluate<boolean>(studio, "document.querySelector('meter').value > 0.2"),
    )

    await studio.click('#switch-camera')
    await waitFor('the other camera is in use', async () => ![first, ''].includes(await cameras.inputValue()))
    await watchClock(viewer, FRAMES)
    await cameras.selectOption(first)
    await waitFor('the first camera is back', () => evaluate<boolean>(studio, previewShows(first)))
    await watchClock(viewer, FRAMES)
    const microphones = studio.locator('#microphone')
    const before = await microphones.inputValue()
    const read = "[...document.querySelectorAll('#microphone option')].map((option) => option.value)"
    const other = (await evaluate<string[]>(studio, read)).find((value) => value !== before)
    await microphones.selectOption(other ?? '')
    await waitFor('the other microphone is in use', async () => (await microphones.inputValue()) === other)
    expect((await studio.locator('[role=alert]').allTextContents()).join('')).toBe('')
    // WebRTC brings it all the time, but where a machine was too slow for it: then in the end again.
    await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' }, WEBRTC_WITHIN)
    const { transports, longestStandstill } = await pictureRecord(viewer)
    const used = longestStandstill < SILENCE ? transports : [transports[0]]
    expect(used, `${transports.join()}, and it stood for up to ${longestStandstill} ms`).toEqual(['webrtc'])
    expect(browser.problems).toEqual([])
  }, 360_000)

  it('sends three layers whose sizes stay, shows the level of the tone, and hands on the link', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript({ full: true }), keepConnections])
    const senders = await evaluate<SentParameters[]>(studio, videoParameters)
    expect(senders).toHaveLength(1)
    expect(senders[0]).toMatchObject({
      degradationPreference: 'maintain-resolution',
      encodings: [
        { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T1', active: true },
        { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T1', active: true },
        { scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: 'L1T1', active: true },
      ],
    })
    const level = () => evaluate<number>(studio, "document.querySelector('meter').value")
    await waitFor('the level shows the tone', async () => (await level()) > 0.7)
    await studio.click('#mute')
    await waitFor('the level falls', async () => (await level()) < 0.1)

    const link = created.urls.watch
    await studio.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await studio.click('#copy-link')
    await studio.getByText('Link copied').waitFor()
    expect(await studio.evaluate('navigator.clipboard.readText()')).toBe(link)
    await studio.getByText('Copy link').waitFor()
    // Where there is no clipboard, the link is selected, to be copied by hand.
    await studio.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await studio.click('#copy-link')
    await studio.getByText('Select and copy it').waitFor()
    expect(await studio.evaluate('getSelection().toString()')).toBe(link)
    expect(browser.problems).toEqual([])
  })
})

/** Whether the preview shows this device. */
function previewShows(id: string): string {
  return `document.querySelector('.preview video').srcObject?.getVideoTracks()[0]?.getSettings().deviceId === '${id}'`
}
