/** The rungs of the ladder are the same picture at the same time: a player may change between any two at any moment. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBroadcast, goLive } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { serveHlsJs, startHlsJs } from '../../helpers/hlsJsPage.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Every rung to every other. */
const CHANGES = [1, 2, 0, 2, 1, 0]
/** More than one frame of this camera, less than two: reading them is not exact. Milliseconds. */
const SAME_TIME = 67

it('changing between any two rungs shows no jump in the picture', async ({ annotate }) => {
  await using server = await startServer({ workers: 1 })
  await using browser = await launchChromium()
  const created = await createBroadcast(server.url)
  await goLive(browser, server.url, created, [clockCameraScript()])
  await using playlists = PlaylistWitness.create(server.url, created.id)
  // A busy sender leaves the top layer out for a while.
  const top = () => playlists.since('v2', 0).filter(({ gap }) => !gap)
  await waitFor('there is enough to start from', () => top().length > 4, { deadline: 90_000 })
  const url = `${server.url}/hls/${created.id}/index.m3u8?player=1`
  const isWhole = async () => {
    const text = await (await fetch(url)).text()
    return text.match(/#EXT-X-STREAM-INF:.*RESOLUTION=/g)?.length === 3 && text.includes('TYPE=AUDIO')
  }
  await waitFor('three rungs and the sound are listed', isWhole, { deadline: 90_000 })

  await using site = await serveHlsJs()
  const page = await browser.newPage()
  await page.goto(site.url)
  await evaluate(page, startHlsJs({ startLevel: 0, lowLatencyMode: false }))
  await evaluate(page, `hls.loadSource('${url}'); hls.attachMedia(video); video.play()`)
  await waitFor('it plays', () => evaluate<boolean>(page, 'video.currentTime > 0 && hls.levels.length === 3'))
  const moving = { monotonic: true, upright: true, sources: [1] }
  const steps: number[] = []
  let former = await watchClock(page)
  for (const level of CHANGES) {
    const change = watchClock(page, { samples: 90, deadline: 45_000 })
    await evaluate(page, `hls.nextLevel = ${level}; null`)
    const isShown = () => evaluate<boolean>(page, `video.videoHeight === hls.levels[${level}].height`)
    await waitFor(`rung ${level} is shown`, isShown, { deadline: 40_000 })
    expect(await change).toMatchObject(moving)
    const next = await watchClock(page)
    expect(next).toMatchObject(moving)
    steps.push(Math.abs(next.offsetP50 - former.offsetP50))
    expect(steps.at(-1)).toBeLessThan(SAME_TIME)
    former = next
  }
  await annotate(`picture time against media time differs between rungs by ${steps.map(Math.round).join(', ')} ms`)
  // A change of rungs aborts what is being loaded of the former: hls.js calls that an error, too.
  const errors = await evaluate<string[]>(page, 'errors')
  expect(errors.filter((details) => details !== 'aborted')).toEqual([])
  expect([...playlists.faults]).toEqual([])
  expect(browser.problems).toEqual([])
})
