/** A recording of somebody whose camera is away for a while, and at the end: sound goes on under a picture that stands. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBroadcast, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { readClock } from '../../helpers/clockPicture.ts'
import { dashFacts, playDash, serveDashPlayer } from '../../helpers/dashPlayer.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { noteStates, smallCameraScript, stalledFor, statesOf, withoutDevice } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const WITH_CAMERA = [clockCameraScript(), smallCameraScript]
const WITHOUT_CAMERA = [clockCameraScript(), withoutDevice('video')]

it('a recording plays to its end where pictures are missing, in hls.js and in dash.js', async ({ annotate }) => {
  await using server = await startServer({ workers: 1 })
  await using browser = await launchChromium()
  const created = await createBroadcast(server.url, { record: true })
  const kept = async (isMissing: boolean) => {
    const text = await (await fetch(`${server.url}/hls/${created.id}/v0/window.m3u8`)).text()
    const gaps = (text.match(/^#EXT-X-GAP/gm) ?? []).length
    return isMissing ? gaps : (text.match(/^(?!#).+\.m4s/gm) ?? []).length - gaps
  }
  const takes = [WITH_CAMERA, WITHOUT_CAMERA, WITH_CAMERA, WITHOUT_CAMERA]
  for (const [number, scripts] of takes.entries()) {
    // The last picture stands in for ten seconds before pictures are missing.
    const isMissing = scripts === WITHOUT_CAMERA
    const studio = await browser.newPage(scripts)
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    if (number === 0) await studio.click('#go-live')
    await waitForStudio(studio, 'live')
    const had = await kept(isMissing)
    await waitFor(`take ${number} is kept`, async () => (await kept(isMissing)) >= had + 3, { deadline: 40_000 })
    if (number === takes.length - 1) {
      await studio.click('#end-broadcast')
      await waitForStudio(studio, 'ended')
    }
    await studio.close()
  }
  const listed = await (await fetch(`${server.url}/hls/${created.id}/v0/recording.m3u8`)).text()
  expect(listed).not.toContain('#EXT-X-GAP')

  const viewer = await watch(browser, server.url, created.id)
  await waitForPlayer(viewer, { state: 'playing', transport: 'hls' })
  const first = await waitFor('a picture can be read', async () => (await readClock(viewer)) ?? undefined)
  await evaluate(viewer, `${pictureElement}.playbackRate = 2`)
  await noteStates(viewer)
  await waitForPlayer(viewer, { state: 'ended' }, 90_000)
  const [states, stalled] = [await statesOf(viewer), await stalledFor(viewer)]
  await annotate(`states: ${states.join(' ')}; stalled for ${Math.round(stalled)} ms`)
  // Over a hole that is not jumped it stands far longer.
  expect(stalled).toBeLessThan(3_000)
  const last = await readClock(viewer)
  expect(last?.ms).toBeGreaterThan(first.ms + 5_000)

  const duration = await evaluate<number>(viewer, `document.querySelector('nearcast-player').video.duration`)
  await viewer.locator('nearcast-player [part="play"]').click()
  await waitForPlayer(viewer, { state: 'playing' })
  // Within the last take, which lasts for as long as a picture stands in, and three segments more.
  await evaluate(viewer, `${pictureElement}.playbackRate = 1`)
  await evaluate(viewer, `document.querySelector('nearcast-player').seek(${duration} - 12)`)
  expect(await listenForTone(viewer)).toMatchObject({ heard: true })

  await using player = await serveDashPlayer()
  const page = await playDash(browser, player, `${server.url}/dash/${created.id}/manifest.mpd`)
  await evaluate(page, "document.querySelector('video').playbackRate = 2")
  await waitFor('dash.js has played to the end', async () => (await dashFacts(page)).ended, { deadline: 90_000 })
  const facts = await dashFacts(page)
  expect(facts).toMatchObject({ errors: [], stalls: 0 })
  expect(Math.abs(facts.duration - duration)).toBeLessThan(0.5)
  expect(browser.problems).toEqual([])
})
