/** The instruments before the measurement: what the end-to-end tests rely on must itself be able to say no. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { serveBlankPage } from '../helpers/blankPage.ts'
import { launchChromium, launchFirefox } from '../helpers/browsers.ts'
import { TestProcess } from '../helpers/childProcess.ts'
import { clockCameraScript } from '../helpers/clockCamera.ts'
import { readClock, watchClock } from '../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { callItself } from '../helpers/loopback.ts'
import { callSource, evaluate } from '../helpers/page.ts'
import { listenForTone } from '../helpers/tone.ts'
import { waitFor } from '../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** A quarter of a minute of H.264 and AAC with a tone of 1 kHz, as fragmented MP4. */
async function encodeTone(): Promise<Uint8Array> {
  const file = join(tmpdir(), 'tone.mp4')
  const sources = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15', '-f', 'lavfi', '-i', 'sine=frequency=1000']
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  const format = ['-movflags', 'empty_moov+default_base_moof+frag_keyframe', '-t', '15', file]
  const ffmpeg = await TestProcess.create(
    'ffmpeg',
    ['-y', '-v', 'error', ...sources, ...codecs, ...format],
    process.env,
  )
  expect(await ffmpeg.exited).toMatchObject({ code: 0 })
  const bytes = await readFile(file)
  await rm(file)
  return bytes
}

/** Runs in the page: a muted video fed through Media Source Extensions. */
async function playThroughMse(): Promise<void> {
  const [video, source] = [document.createElement('video'), new MediaSource()]
  video.muted = true
  video.src = URL.createObjectURL(source)
  document.body.append(video)
  await new Promise((opened) => source.addEventListener('sourceopen', opened, { once: true }))
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42c00c, mp4a.40.2"')
  buffer.appendBuffer(await (await fetch('/tone.mp4')).arrayBuffer())
  await video.play()
}

describe('the clock picture and the tone', () => {
  it('are read back after H.264 at 320×180 and 100 kbit/s', async () => {
    await using site = await serveBlankPage()
    await using browser = await launchChromium()
    const page = await browser.newPage([clockCameraScript({ source: 5, full: true })])
    await page.goto(site.url)
    await callItself(page, { mimeType: 'video/H264', scaleDown: 4, maxBitrate: 100_000 })

    const watch = await watchClock(page, { samples: 60, deadline: 30_000 })
    expect(watch).toMatchObject({ upright: true, monotonic: true, sources: [5], width: 320, height: 180 })
    // A frame that the encoder skimped on may be unreadable, a frame may be shown twice; most must not be.
    expect(watch.read).toBeGreaterThanOrEqual(45)
    expect(watch.distinct).toBeGreaterThan(0.75 * watch.read)
    expect(watch.ageP50).toBeGreaterThan(0)
    const tone = await listenForTone(page)
    expect(tone).toMatchObject({ heard: true })
    expect(browser.problems).toEqual([])
  })

  it('say so when the picture is mirrored and the tone is another one or silent', async () => {
    await using site = await serveBlankPage()
    await using browser = await launchChromium()
    const page = await browser.newPage([clockCameraScript({ mirrored: true, toneHz: 440 })])
    await page.goto(site.url)
    await callItself(page)

    const watch = await watchClock(page, { samples: 20 })
    expect(watch.upright).toBe(false)
    expect(watch.read).toBeGreaterThan(10)
    expect(await listenForTone(page, { deadline: 2000 })).toMatchObject({ heard: false })
    expect(await listenForTone(page, { frequency: 440 })).toMatchObject({ heard: true })
    await page.evaluate('clockCamera.real = true')
    expect(
      await page.evaluate('navigator.mediaDevices.getUserMedia({video: true}).then((s) => s.getTracks()[0].label)'),
    ).toContain('fake')
  })

  it('work in two Chromium pages at once and in Firefox', async () => {
    await using site = await serveBlankPage()
    await using chromium = await launchChromium()
    await using firefox = await launchFirefox()
    const pages = [
      await chromium.newPage([clockCameraScript()]),
      await chromium.newPage([clockCameraScript({ source: 2 })]),
      await firefox.newPage([clockCameraScript({ source: 3 })]),
    ]
    await Promise.all(pages.map((page) => page.goto(site.url)))
    for (const page of pages) await callItself(page, { mimeType: 'video/VP8', scaleDown: 4 })
    const seen = await Promise.all(pages.map((page) => watchClock(page, { samples: 20 })))
    expect(seen.map((watch) => watch.sources)).toEqual([[1], [2], [3]])
    for (const page of pages) {
      expect(await waitFor('a picture can be read', () => readClock(page))).toMatchObject({ upright: true })
      expect(await listenForTone(page)).toMatchObject({ heard: true })
    }
    expect([...chromium.problems, ...firefox.problems]).toEqual([])
  })

  it('are told apart from a picture without a clock, while the tone of a muted MSE element is heard', async () => {
    await using site = await serveBlankPage({ '/tone.mp4': await encodeTone() })
    await using chromium = await launchChromium()
    await using firefox = await launchFirefox()
    for (const page of [await chromium.newPage(), await firefox.newPage()]) {
      await page.goto(site.url)
      await evaluate(page, callSource(playThroughMse))
      expect(await listenForTone(page)).toMatchObject({ heard: true })
      expect(await readClock(page)).toBeNull()
    }
    expect([...chromium.problems, ...firefox.problems]).toEqual([])
  })
})

describe('a browser', () => {
  it('leaves nothing behind when it is the first one that ever made a sound for this user', async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'))
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_RUNTIME_DIR', undefined)
    try {
      await using site = await serveBlankPage()
      for (const launch of [launchChromium, launchFirefox]) {
        await using browser = await launch()
        const page = await browser.newPage([clockCameraScript()])
        await page.goto(site.url)
        await callItself(page, { mimeType: 'video/VP8', scaleDown: 4 })
        expect(await listenForTone(page)).toMatchObject({ heard: true })
      }
      const links = (await readdir(home, { recursive: true })).filter((path) => path.endsWith('-runtime'))
      expect(links).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      await rm(home, { recursive: true, force: true })
    }
  })
})
