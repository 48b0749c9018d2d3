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
  noteStates,
  otherProblems,
  pictureSince,
  smallCameraScript,
  smallScreenScript,
  statesOf,
  transportHistory,
  withoutDevice,
  wordsOf,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

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
    const before = [playlists.newest, playlists.breaks.length] as const
    for (const page of [direct, smooth]) await noteStates(page)

    await studio.click('#mute')
    const muted = Date.now()
    await Promise.all([direct, smooth].map((page) => silent(page)))
    expect(await wordsOf(direct)).toContain('Microphone is off')
    await pictureSince(direct, muted)
    await pictureSince(smooth, muted)
    await studio.click('#mute')
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })

    await studio.click('#camera-off')
    await Promise.all([direct, smooth].map((page) => black(page)))
    expect(await wordsOf(direct)).toContain('Camera is off')
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    for (const page of [direct, smooth]) await goesOn(page)
    await studio.click('#camera-off')
    const on = Date.now()
    await pictureSince(direct, on)
    await pictureSince(smooth, on)

    expect(await statesOf(direct)).toEqual(['playing'])
    // Where both layers paused at once there is nothing to play for a moment; the player goes on by itself.
    expect([...new Set(await statesOf(smooth))].filter((state) => state !== 'stalled')).toEqual(['playing'])
    expect([await transportHistory(direct), await transportHistory(smooth)]).toEqual([['webrtc'], ['llhls']])
    // Chromium makes its encoder anew for black pictures: other parameter sets, one discontinuity each way at most.
    expect(playlists.breaks.length).toBeLessThanOrEqual(before[1] + 2)
    // While it does, a layer may pause for longer than a part on a busy machine: its playlist says so. The sound never does.
    for (const id of playlists.last.keys()) {
      const gaps = playlists.since(id, before[0]).filter(({ gap }) => gap)
      expect(gaps.length).toBeLessThanOrEqual(id === 'audio' ? 0 : 2)
    }
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
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' })
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' })
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })
    for (const page of [direct, smooth]) await goesOn(page)
    expect([...playlists.last.keys()]).toEqual(['audio'])

    await studio.click('#share-screen')
    await expectMoving(direct, 'webrtc', [2])
    await waitFor('pictures are listed', () => playlists.last.has('v0'), { deadline: 20_000 })
    await waitFor('the HLS viewer sees them', async () => (await readClock(smooth))?.source === 2, { deadline: 30_000 })
    // A rung that is listed later makes hls.js begin anew, maybe a little before where it was: not always forward, then.
    expect(await watchClock(smooth, { samples: 20 })).toMatchObject({ upright: true, sources: [2] })
    for (const page of [direct, smooth]) expect(await listenForTone(page)).toMatchObject({ heard: true })

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
    await waitForPlayer(late, { state: 'playing', transport: 'llhls' })
    expect(await listenForTone(late)).toMatchObject({ heard: true })

    expect(await transportHistory(direct)).toEqual(['webrtc'])
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

/** Resolves when nothing is heard any more. */
async function silent(page: AnyPage): Promise<void> {
  const look = async () => (await listenForTone(page, { deadline: 0 })).level < -70
  await waitFor('the page falls silent', look, { deadline: 20_000 })
}

/** Resolves when the picture holds no clock any more. */
async function black(page: AnyPage): Promise<void> {
  await waitFor('the picture turns black', async () => (await readClock(page)) === null, { deadline: 20_000 })
}

/** Resolves when three seconds more are played, also by a player that begins anew and counts from there. */
async function goesOn(page: AnyPage): Promise<void> {
  let last = await evaluate<number>(page, `${pictureElement}.currentTime`)
  let played = 0
  await waitFor('three seconds are played', async () => {
    const now = await evaluate<number>(page, `${pictureElement}.currentTime`)
    // What is farther is a leap, of which nothing was played.
    if (now > last && now < last + 1) played += now - last
    last = now
    return played > 3
  })
}
