/** Segments in which pictures stop for a while: players go over them without a halt, though no frame says how long it stays. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { launchChromium } from '../../helpers/browsers.ts'
import { serveHlsJs, startHlsJs } from '../../helpers/hlsJsPage.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type Arrival, picture, sound } from '../../helpers/packager/ffmpegMedia.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { evaluate } from '../../helpers/page.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

it('hls.js plays over pictures that stop inside a segment, in one layer and in all, without waiting or an error', async () => {
  const stage = new Stage({ windowSegments: 30 })
  const [low, high, voice] = await Promise.all([
    picture({ size: '320x180', seconds: 13, capturedAt: START, keyEvery: 2 }),
    picture({ size: '640x360', seconds: 13, capturedAt: START, keyEvery: 2 }),
    sound({ seconds: 13, capturedAt: START }),
  ])
  const paused = [8.3, 9.4] as const
  const halting = without(without(high, 4.5, 5.5), ...paused)
  stage.play(stage.video(0, without(low, ...paused)), stage.video(1, halting), stage.audio(voice))
  stage.packager.end()
  expect(stage.lines('v1', '#EXT-X-GAP')).toEqual([])
  expect(stage.lines('v1', '#EXT-X-DISCONTINUITY')).toEqual(['#EXT-X-DISCONTINUITY-SEQUENCE:0'])

  await using site = await serveHlsJs(filesOf(stage))
  await using browser = await launchChromium({ fakeMedia: false })
  const page = await browser.newPage()
  await page.goto(site.url)
  await evaluate(page, startHlsJs())
  const seen = await evaluate<{ events: string[]; until: number }>(page, PLAY)
  expect(seen.events).toEqual(['playing', 'ended'])
  expect(seen.until).toBeGreaterThan(12.9)
  expect(browser.problems).toEqual([])
})

/** Leaves out what arrives between two seconds. */
function without(arrivals: readonly Arrival[], from: number, until: number): Arrival[] {
  return arrivals.filter(({ at }) => at <= START + from * 1000 || at >= START + until * 1000)
}

function filesOf(stage: Stage): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {
    '/index.m3u8': Buffer.from(stage.packager.multivariantPlaylist() ?? ''),
  }
  for (const id of ['v0', 'v1', 'audio']) {
    files[`/${id}/playlist.m3u8`] = Buffer.from(stage.text(id))
    for (const name of stage.files(id)) files[`/${id}/${name}`] = stage.bytes(id, [name])
  }
  return files
}

/** Plays the upper rung from beginning to end; resolves with what the element and hls.js told after the first frame. */
const PLAY = `(async () => {
  const events = errors
  hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.currentLevel = 1 })
  hls.loadSource('/index.m3u8')
  hls.attachMedia(video)
  const ended = new Promise((done) => {
    for (const name of ['waiting', 'playing', 'error', 'ended']) video.addEventListener(name, () => {
      if (events.length > 0 || name === 'playing') events.push(name)
      if (name === 'error' || name === 'ended') done()
    })
  })
  await video.play()
  await ended
  return { events, until: video.currentTime }
})()`
