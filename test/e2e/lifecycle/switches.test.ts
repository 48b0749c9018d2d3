/** What a broadcaster switches off and on while live, and what never was on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  broadcastFacts,
  createBroadcast,
  goLive,
  waitForPlayer,
  waitForStudio,
  watch,
} from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { readClock, watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { type AnyPage, evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import {
  expectMoving,
  followTransports,
  noteStates,
  otherProblems,
  pictureSince,
  smallCameraScript,
  smallScreenScript,
  stalledFor,
  statesOf,
  transportHistory,
  withoutDevice,
  wordsOf,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { expectShortGaps } from './gaps.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds for which a WebRTC viewer may be told of a stall while the camera goes off and comes back. */
const STANDSTILL = 2_000

describe('a broadcast', () => {
  it('goes on in silence while muted and in black while the camera is off, and nothing stalls', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    await waitFor('all streams are listed', () => playlists.last.size === 3)
    const ids = [...playlists.last.keys()]
    const before = { newest: playlists.newest, breaks: playlists.breaks.length }
    for (const page of [direct, smooth]) await noteStates(page)
    const transports = await followTransports(direct)

    await studio.click('#mute')
    const muted = Date.now()
    await Promise.all([direct, smooth].map((page) => silent(page)))
    await says(direct, 'Microphone is off')
    await pictureSince(direct, muted)
    await pictureSince(smooth, muted)
    await studio.click('#mute')
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })

    await studio.click('#camera-off')
    await Promise.all([direct, smooth].map((page) => black(page)))
    const off = Date.now()
    await says(direct, 'Camera is off')
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    for (const page of [direct, smooth]) await goesOn(page)
    await expectShortGaps(playlists, ids, { newest: before.newest, done: off })
    const newest = playlists.newest
    await studio.click('#camera-off')
    const on = Date.now()
    await pictureSince(direct, on)
    await pictureSince(smooth, on)
    await expectShortGaps(playlists, ids, { newest, done: Date.now() })

    // While Chromium makes its encoders anew, nothing is sent for up to two seconds: a stall is said after 2.5 s without a frame.
    for (const page of [direct, smooth]) {
      await waitForPlayer(page, { state: 'playing' })
      expect((await statesOf(page)).filter((state) => state !== 'playing' && state !== 'stalled')).toEqual([])
    }
    expect(await stalledFor(direct)).toBeLessThan(STANDSTILL)
    expect([await transports(), await transportHistory(smooth)]).toEqual([['webrtc'], ['llhls']])
    // Its encoders for black pictures have other parameter sets: one discontinuity each way, or one for each layer where they
    // do not come back at the same time.
    const layers = ids.filter((id) => id !== 'audio').length
    expect(playlists.breaks.length).toBeLessThanOrEqual(before.breaks + 2 * layers)
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })

  it('without a camera is heard over WebRTC and over HLS, and seen by the same viewers while a screen is shared', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [
      clockCameraScript(),
      withoutDevice('video'),
      smallScreenScript,
    ])
    expect(await wordsOf(studio)).toContain('No camera was found')
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' }, 90_000)
    const transports = await followTransports(direct)
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' }, 60_000)
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    for (const page of [direct, smooth]) await goesOn(page)
    expect([...playlists.last.keys()]).toEqual(['audio'])

    await studio.click('#share-screen')
    await expectMoving(direct, 'webrtc', [2])
    await waitFor('pictures are listed', () => playlists.last.has('v0'))
    await waitFor('the HLS viewer sees them', async () => (await readClock(smooth))?.source === 2)
    // A rung that is listed later makes the player go on with another hls.js, at the same instant.
    expect(await watchClock(smooth, { samples: 20 })).toMatchObject({ upright: true, sources: [2] })
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    expect(await transports()).toEqual(['webrtc'])

    // A studio that is loaded again shares no screen any more: HLS would wait for pictures in silence.
    await studio.reload()
    await waitForStudio(studio, 'live')
    await waitFor('no pictures are sent', async () => {
      const { renditions } = await broadcastFacts(server.url, created.id)
      return renditions.every(({ kind, present }) => present === (kind === 'audio'))
    })
    for (const page of [direct, smooth]) await goesOn(page)
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    const late = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(late, { state: 'playing', transport: 'llhls' }, 60_000)
    expect(await listenForTone(late)).toMatchObject({ heard: true })

    // Where the studio took long to be back, another transport may have been first to play it.
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' }, 90_000)
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })

  it('without a microphone is seen over WebRTC and over HLS', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const scripts = [clockCameraScript(), smallCameraScript, withoutDevice('audio')]
    const studio = await goLive(browser, server.url, created, scripts)
    expect(await wordsOf(studio)).toContain('No microphone was found')
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    await pictureSince(smooth, Date.now())
    expect([...playlists.last.keys()].every((id) => id.startsWith('v'))).toBe(true)
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })
})

/** Resolves when this is to be read on the page. */
async function says(page: AnyPage, words: string): Promise<void> {
  await waitFor(`the page says "${words}"`, async () => (await wordsOf(page)).includes(words))
}

/** Resolves when sound is recorded in which nothing is heard any more. */
async function silent(page: AnyPage): Promise<void> {
  const look = async () => {
    // Long enough for a second, longer recording where a busy machine had none of the first.
    const { level, reason } = await listenForTone(page, { deadline: 2_000 })
    // Zeros were recorded; any other reason says that nothing was.
    return level < -70 && (reason === undefined || reason === 'nothing but zeros')
  }
  await waitFor('the page falls silent', look)
}

/** Whether there is a picture, and no bright spot in it; where none is drawn, the canvas stays transparent. */
const isBlack = `(() => {
  const video = ${pictureElement}
  if (!video?.videoWidth) return false
  const context = new OffscreenCanvas(160, 90).getContext('2d', { willReadFrequently: true })
  context.drawImage(video, 0, 0, 160, 90)
  const { data } = context.getImageData(0, 0, 160, 90)
  return data.every((value, index) => (index % 4 === 3 ? value === 255 : value <= 100))
})()`

/** Resolves when the picture is black. */
async function black(page: AnyPage): Promise<void> {
  await waitFor('the picture turns black', () => evaluate<boolean>(page, isBlack))
}

/** Resolves when three seconds more are played, also by a player that begins anew and counts from there. */
async function goesOn(page: AnyPage): Promise<void> {
  let last = await evaluate<number>(page, `${pictureElement}.currentTime`)
  let played = 0
  const look = async () => {
    const now = await evaluate<number>(page, `${pictureElement}.currentTime`)
    // What is farther is a leap, of which nothing was played.
    if (now > last && now < last + 1) played += now - last
    last = now
    return played > 3
  }
  await waitFor('three seconds are played', look, { deadline: 40_000 })
}
