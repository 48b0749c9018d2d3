/** What is kept of a broadcast, as people meet it: going back while it is live, and watching what is over. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BroadcastFacts } from '../../../shared/broadcast.ts'
import { decodeRecording } from '../../helpers/archive/decodeRecording.ts'
import { mountSmallDisk } from '../../helpers/archive/smallDisk.ts'
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
import { fetchPlaylists } from '../../helpers/mediaPlaylist.ts'
import { type AnyPage, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, pictureSince, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const run = promisify(execFile)
const scripts = [clockCameraScript(), smallCameraScript]

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Resolves when so many seconds can be gone back. */
async function waitForWindow(url: string, id: string, seconds: number): Promise<void> {
  let last = ''
  const look = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/hls/${id}/audio/window.m3u8`)
    const text = await answer.text()
    const durations = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map((match) => Number(match[1]))
    const sum = durations.reduce((total, duration) => total + duration, 0)
    last = `${sum} s in ${durations.length} segments, status ${answer.status}, ${JSON.stringify(text.slice(-300))}`
    return sum >= seconds
  }
  await waitFor(`${seconds} s can be gone back`, look, { deadline: 60_000 }).catch((error: unknown) => {
    throw new Error(`of ${seconds} s there are ${last}`, { cause: error })
  })
}

async function recordingOf(url: string, id: string): Promise<NonNullable<BroadcastFacts['recording']>> {
  return waitFor('there is a recording', async () => (await broadcastFacts(url, id)).recording ?? undefined)
}

/** When the first picture listed was captured, in milliseconds since the Unix epoch. */
async function startOfRecording(url: string, id: string): Promise<number> {
  const playlists = await fetchPlaylists(url, id)
  return typeof playlists === 'number' ? Number.NaN : (playlists.get('v0')?.segments[0]?.startsAt ?? Number.NaN)
}

/** Seconds that ffprobe finds at an address. */
async function durationOf(url: string): Promise<number> {
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'format=duration',
    '-of',
    'csv=p=0',
    url,
  ])
  expect(stderr).toBe('')
  return Number.parseFloat(stdout)
}

/** Resolves with the page when its player plays. */
async function playing<Page extends AnyPage>(page: Page): Promise<Page> {
  await waitForPlayer(page, { state: 'playing' }, 30_000)
  return page
}

/** Decodes a file, and rejects with what the decoder complains of. */
async function decodeFile(url: string): Promise<void> {
  // Frames keep their own times: a camera's come a little early and late, and must not be put on a raster of 1/30 s.
  const asTheyAre = ['-vsync', 'passthrough', '-enc_time_base:v', '1:90000']
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', url, ...asTheyAre, '-f', 'null', '-'])
  expect(stderr).toBe('')
}

describe('a recorded broadcast', () => {
  it('is watched at its link from the beginning to the end, over an interruption, and downloaded as one file', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const home = await browser.newPage(scripts)
    await home.goto(server.url)
    await home.locator('#title').fill('Kept')
    await home.locator('#record').check()
    await home.locator('#start').click()
    await waitForStudio(home, 'preview')
    const address = home.url()
    const id = /studio\/([\w-]{16})/.exec(address)?.[1] ?? ''
    await home.click('#go-live')
    await waitForStudio(home, 'live')
    await home.locator('#recording[data-recording="on"]').waitFor()
    await waitForWindow(server.url, id, 8)
    await home.close()
    await waitFor('it is interrupted', async () => (await broadcastFacts(server.url, id)).state === 'interrupted')
    const left = Date.now()

    const studio = await browser.newPage(scripts)
    await studio.goto(address)
    await waitForStudio(studio, 'live')
    const returned = Date.now()
    const present = await watch(browser, server.url, id)
    await expectMoving(present, 'webrtc')
    await waitForWindow(server.url, id, 18)
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    const recording = await recordingOf(server.url, id)
    expect(recording).toMatchObject({ stopped: null })
    expect(recording.duration).toBeGreaterThan(17)
    await studio.locator('#download-recording').waitFor()
    const index = `${server.url}/hls/${id}/index.m3u8`
    expect(Math.abs((await durationOf(index)) - recording.duration)).toBeLessThan(0.5)
    expect(await decodeRecording(server.url, id)).toEqual([])

    const viewer = await watch(browser, server.url, id)
    await waitForPlayer(viewer, { state: 'playing', transport: 'hls' })
    const first = await waitFor('pictures can be read', async () => {
      const seen = await watchClock(viewer, { samples: 5 })
      return seen.last && { ...seen, ms: seen.last.ms }
    })
    expect(first.ms).toBeLessThan(left)
    // Time 0 is where the recording begins, and there it was begun with.
    expect(Math.abs(first.offsetP50 - (await startOfRecording(server.url, id)))).toBeLessThan(1_000)
    expect(await viewer.evaluate<number>(`${pictureElement}.played.start(0)`)).toBeLessThan(1)
    expect(await watchClock(viewer)).toMatchObject({ monotonic: true, upright: true, sources: [1] })
    // Over the interruption: from before it to after it without a reload.
    await viewer.evaluate(`document.querySelector('nearcast-player').video.playbackRate = 2`)
    const after = await pictureSince(viewer, returned)
    expect(after.ms).toBeGreaterThan(left)
    await waitForPlayer(viewer, { state: 'ended' }, 60_000)
    const played = await viewer.evaluate<number>(`document.querySelector('nearcast-player').video.currentTime`)
    expect(Math.abs(played - recording.duration)).toBeLessThan(1)

    // Who was there until the end is not sent back to the beginning, but may go there.
    await waitForPlayer(present, { state: 'ended' })
    await present.locator('nearcast-player [part="play"]').click()
    await waitForPlayer(present, { state: 'playing', transport: 'hls' })
    const again = await waitFor('a picture can be read', async () => (await readClock(present)) ?? undefined)
    expect(again.ms).toBeLessThan(left)

    const file = await fetch(recording.download)
    expect(file.headers.get('content-disposition')).toBe('attachment; filename=Kept.mp4')
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100_000)
    expect(Math.abs((await durationOf(recording.download)) - recording.duration)).toBeLessThan(0.5)
    await decodeFile(recording.download)
    expect(browser.problems).toEqual([])
  })

  it('is finished by the next start when the server is killed in the middle, and plays', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'nc-kept-'))
    try {
      await using browser = await launchChromium()
      let id = ''
      let key = ''
      let kept = 0
      {
        await using server = await startServer({ workers: 1, dataDirectory })
        const created = await createBroadcast(server.url, { title: 'Killed', record: true })
        id = created.id
        key = created.publishKey
        const studio = await goLive(browser, server.url, created, scripts)
        await waitForWindow(server.url, id, 8)
        const text = await (await fetch(`${server.url}/hls/${id}/audio/window.m3u8`)).text()
        kept = text.match(/^#EXTINF/gm)?.length ?? 0
        await server.kill()
        await studio.close()
      }
      await using server = await startServer({ workers: 1, dataDirectory, env: { NEARCAST_GRACE_PERIOD: '1' } })
      const recording = await recordingOf(server.url, id)
      const index = `${server.url}/hls/${id}/index.m3u8`
      const rendition = await (await fetch(`${server.url}/hls/${id}/audio/recording.m3u8`)).text()
      expect(rendition.match(/^#EXTINF/gm)?.length).toBeGreaterThanOrEqual(kept)
      expect(Math.abs((await durationOf(index)) - recording.duration)).toBeLessThan(0.5)
      expect(await decodeRecording(server.url, id)).toEqual([])
      const viewer = await watch(browser, server.url, id)
      await waitForPlayer(viewer, { state: 'playing', transport: 'hls' })
      expect(await watchClock(viewer)).toMatchObject({ monotonic: true, upright: true })

      const path = `${server.url}/api/broadcasts/${id}/recording`
      const deleted = await fetch(path, { method: 'DELETE', headers: { Authorization: `Bearer ${key}` } })
      expect(deleted.status).toBe(204)
      expect((await fetch(index)).status).toBe(410)
      expect(await readdir(join(dataDirectory, 'archive'))).toEqual([])
    } finally {
      await rm(dataDirectory, { recursive: true, force: true })
    }
  })
})

describe('a full disk', () => {
  it('ends the recording with words to the broadcaster, and neither the broadcast nor what was recorded', async () => {
    await using disk = await mountSmallDisk(3_000)
    await using server = await startServer({ workers: 1, dataDirectory: disk.path })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url, { title: 'Full', record: true })
    const studio = await goLive(browser, server.url, created, scripts)
    await studio.locator('#recording[data-recording="disk-full"]').waitFor({ timeout: 150_000 })
    expect(await studio.locator('#recording').textContent()).toContain('the disk of the server is full')
    expect(server.logs().filter(({ msg }) => msg?.startsWith('no more is kept'))).toHaveLength(1)

    const viewer = await watch(browser, server.url, created.id, '?prefer=smooth')
    const seen = await watchClock(await playing(viewer))
    expect(seen).toMatchObject({ monotonic: true, upright: true, sources: [1] })
    await waitForStudio(studio, 'live')
    expect((await fetch(`${server.url}/hls/${created.id}/window.m3u8`)).status).toBe(404)
    await studio.click('#end-broadcast')
    const recording = await recordingOf(server.url, created.id)
    expect(recording.stopped).toBe('disk-full')
    expect(await decodeRecording(server.url, created.id)).toEqual([])
    expect((await fetch(recording.download)).status).toBe(503)
  })
})

describe('a viewer of a live broadcast', () => {
  it('goes back half a minute and further, pauses, and returns to the live picture', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, scripts)
    const viewer = await watch(browser, server.url, created.id)
    const live = await expectMoving(viewer, 'webrtc')
    await waitForWindow(server.url, created.id, 36)

    const control = (part: string) => viewer.locator(`nearcast-player [part="${part}"]`)
    await viewer.mouse.move(100, 100)
    await control('back').click()
    await waitForPlayer(viewer, { state: 'playing', transport: 'hls' })
    const past = await watchClock(viewer)
    expect(past).toMatchObject({ monotonic: true, upright: true, sources: [1] })
    expect(past.ageP50).toBeGreaterThan(20_000)
    expect(past.ageP50).toBeLessThan(45_000)
    expect(live.ageP50).toBeLessThan(past.ageP50 / 4)

    await control('seek').evaluate((bar: HTMLInputElement) => {
      bar.value = '0'
      bar.dispatchEvent(new Event('change'))
    })
    await waitFor('the picture is older', async () => {
      const reading = await readClock(viewer)
      return reading !== null && reading.ms < (past.last?.ms ?? 0) - 3_000
    })
    await control('pause').click()
    await waitForPlayer(viewer, { state: 'idle' })
    await control('pause').click()
    await waitForPlayer(viewer, { state: 'playing' })

    await control('go-live').click()
    await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' })
    const again = await watchClock(viewer)
    expect(again.ageP50).toBeLessThan(past.ageP50 / 4)
    expect(browser.problems).toEqual([])
  })
})
