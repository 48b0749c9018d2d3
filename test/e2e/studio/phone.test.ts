/** A phone that broadcasts: turned while live, and looking the other way. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { transportHistory } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/**
 * The cameras of a phone, beside its microphone: the front one sees blue above green, the back one red above green. `turnPhone()` turns it: like
 * a browser that turns the pixels itself, it gives upright pictures whose sides are exchanged.
 */
function phoneCameras(): void {
  const devices = navigator.mediaDevices
  const [enumerate, capture] = [devices.enumerateDevices.bind(devices), devices.getUserMedia.bind(devices)]
  let isUpright = false
  Object.assign(globalThis, {
    turnPhone: () => {
      isUpright = !isUpright
    },
  })
  devices.enumerateDevices = async () => {
    const cameras = ['front', 'back'].map((facing) => ({
      kind: 'videoinput' as const,
      deviceId: facing,
      groupId: '',
      label: `camera2, facing ${facing}`,
      toJSON: () => '',
    }))
    return [...cameras, ...(await enumerate()).filter(({ kind }) => kind === 'audioinput')]
  }
  devices.getUserMedia = async ({ video, audio } = {}) => {
    const sound = audio ? await capture({ audio }) : new MediaStream()
    if (typeof video !== 'object') return sound
    const isBack = JSON.stringify(video.deviceId ?? video.facingMode).match(/back|environment/) !== null
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')
    const [track] = canvas.captureStream(30).getVideoTracks()
    if (!context || !track) throw new Error('no canvas')
    const draw = () => {
      const [width, height] = isUpright ? [360, 640] : [640, 360]
      if (canvas.width !== width) Object.assign(canvas, { width, height })
      context.fillStyle = isBack ? '#f00' : '#00f'
      context.fillRect(0, 0, width, height / 2)
      context.fillStyle = `hsl(120 100% ${20 + (performance.now() % 10)}%)`
      context.fillRect(0, height / 2, width, height / 2)
    }
    draw()
    const timer = setInterval(() => (track.readyState === 'ended' ? clearInterval(timer) : draw()), 33)
    const settings = track.getSettings.bind(track)
    track.getSettings = () => ({
      ...settings(),
      width: canvas.width,
      height: canvas.height,
      deviceId: isBack ? 'back' : 'front',
      facingMode: isBack ? 'environment' : 'user',
    })
    return new MediaStream([track, ...sound.getTracks()])
  }
}

/** Size of what is shown, and the colours of its upper and lower half. */
async function seen(page: AnyPage): Promise<string> {
  return evaluate<string>(page, callSource(look, pictureElement))
}

/** Runs in the page; refers to nothing outside itself. */
function look(video: HTMLVideoElement): string {
  const context = new OffscreenCanvas(2, 2).getContext('2d', { willReadFrequently: true })
  if (!context || video.videoWidth === 0) return 'nothing'
  context.drawImage(video, 0, 0, 2, 2)
  const { data } = context.getImageData(0, 0, 2, 2)
  const name = (at: number) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3)
    return red > green && red > blue ? 'red' : blue > green ? 'blue' : 'green'
  }
  const shape = video.videoWidth > video.videoHeight ? 'wide' : 'tall'
  return `${shape}, ${name(0)} above ${name(8)}`
}

it('a phone that is turned while live, and looks the other way, is seen upright over WebRTC and HTTP', async () => {
  await using server = await startServer({ workers: 1 })
  await using browser = await launchChromium()
  const created = await createBroadcast(server.url)
  const studio = await goLive(browser, server.url, created, [callSource(phoneCameras)])
  const viewers = [
    await watch(browser, server.url, created.id),
    await watch(browser, server.url, created.id, '?prefer=smooth'),
  ]
  const all = async (wanted: string) => {
    for (const viewer of viewers) await waitFor(`a viewer sees ${wanted}`, async () => (await seen(viewer)) === wanted)
  }
  for (const viewer of viewers) await waitForPlayer(viewer, { state: 'playing' })
  await all('wide, blue above green')
  expect(await studio.locator('.preview video.mirrored').count()).toBe(1)

  await evaluate(studio, 'turnPhone()')
  await all('tall, blue above green')
  await studio.locator('.preview-upright').waitFor()

  expect(await studio.textContent('#switch-camera')).toBe('Back camera')
  await studio.click('#switch-camera')
  await all('tall, red above green')
  expect(await studio.textContent('#switch-camera')).toBe('Front camera')
  // What is before a phone is no mirror.
  expect(await studio.locator('.preview video.mirrored').count()).toBe(0)

  await evaluate(studio, 'turnPhone()')
  await all('wide, red above green')
  expect(await transportHistory(viewers[0] as AnyPage)).toEqual(['webrtc'])
  expect(browser.problems).toEqual([])
})
