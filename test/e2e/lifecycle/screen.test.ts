/** A shared screen takes the camera's place and gives it back, in another size. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { readClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import {
  expectMoving,
  followTransports,
  otherProblems,
  smallScreenScript,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** A camera of the usual size, so that a screen has another one, at no more frames than two cores encode beside all else. */
const slowCameraScript = `{
  const devices = navigator.mediaDevices
  const open = devices?.getUserMedia.bind(devices)
  const video = { width: 1280, height: 720, frameRate: 10 }
  if (open) devices.getUserMedia = (wanted) => open(wanted?.video ? { ...wanted, video } : wanted)
}`

describe('a shared screen', () => {
  it('replaces the camera for everyone and gives it back, with init segments that tell the truth', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const scripts = [clockCameraScript({ full: true }), slowCameraScript, smallScreenScript]
    const studio = await goLive(browser, server.url, created, scripts)
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    // A layer whose FFmpeg is a second later joins a segment or two later: before that it has nothing to break.
    await waitFor('the lowest layer is listed', () => playlists.last.has('v0'))
    const transports = await followTransports(direct)

    for (const [source, width] of [
      [2, 1024],
      [1, 1280],
    ] as const) {
      const newest = playlists.newest
      const clicked = Date.now()
      await studio.click('#share-screen')
      for (const page of [direct, smooth]) {
        const name = page === direct ? 'WebRTC' : 'HLS'
        const look = async () => (await readClock(page))?.source === source
        await waitFor(`the ${name} viewer sees picture ${source}`, look)
        await annotate(`picture ${source} over ${name} after ${Date.now() - clicked} ms`)
      }
      await expectMoving(direct, 'webrtc', [source])
      await expectMoving(smooth, 'llhls', [source])
      for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })

      const sizes = async () =>
        (await broadcastFacts(server.url, created.id)).renditions
          .filter(({ kind, present }) => kind === 'video' && present)
          .map((rendition) => rendition.width)
      await waitFor(`renditions are ${width} wide and less`, async () => {
        const widths = await sizes()
        return widths.length > 0 && widths.every((each) => each === width || each === width / 2 || each === width / 4)
      })
      await waitFor('a discontinuity and another init segment are listed', () => {
        const [former, ...after] = playlists.since('v0', newest)
        return after.some(({ breaks }) => breaks) && after.at(-1)?.map !== former?.map
      })
      expect(playlists.since('audio', newest).filter(({ gap }) => gap)).toEqual([])
    }
    expect([await transports(), await transportHistory(smooth)]).toEqual([['webrtc'], ['llhls']])
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })
})
