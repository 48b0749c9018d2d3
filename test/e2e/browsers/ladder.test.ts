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

/** From every rung to every other. */
const PATH = [0, 1, 2, 0, 2, 1, 0]
/** For a rung that a busy sender leaves out for a while, in milliseconds. */
const PATIENCE = 90_000
/**
 * A sender that makes its encoder anew may leave a picture that a decoder gives up on. hls.js then begins anew with another
 * media source, a little before, and waits for the page to play it: as often as that may be in a minute.
 */
const MOST_RENEWALS = 2
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
  const begin = `{
    globalThis.beginnings = 0
    hls.on(Hls.Events.MEDIA_ATTACHED, () => {
      beginnings += 1
      video.play().catch(() => {})
    })
    hls.loadSource('${url}')
    hls.attachMedia(video)
  }`
  await evaluate(page, begin)
  await waitFor('it plays', () => evaluate<boolean>(page, 'video.currentTime > 0 && hls.levels.length === 3'))
  const renewals = async () => (await evaluate<number>(page, 'beginnings')) - 1

  /** Resolves when a rung is shown; it is asked for as often as it is sent again. */
  const show = async (level: number) => {
    let isAsked = false
    const look = async () => {
      const isSent = playlists.last.get(`v${level}`)?.segments.at(-1)?.gap === false
      if (isSent && !isAsked) await evaluate(page, `hls.nextLevel = ${level}; null`)
      isAsked = isSent
      return evaluate<boolean>(page, `video.videoHeight === hls.levels[${level}].height`)
    }
    await waitFor(`rung ${level} is shown`, look, { every: 200, deadline: PATIENCE })
  }
  /** How far the picture's time jumped against the media's, in milliseconds; null where hls.js began anew meanwhile. */
  const change = async (from: number, to: number) => {
    await show(from)
    const begun = await renewals()
    const before = await watchClock(page)
    const during = watchClock(page, { samples: 90, deadline: PATIENCE + 30_000 })
    // Should another expectation fail, the page goes away under it: one failure is enough.
    during.catch(() => {})
    await show(to)
    const [seen, after] = [await during, await watchClock(page)]
    if ((await renewals()) > begun) return null
    for (const watched of [before, seen, after])
      expect(watched).toMatchObject({ monotonic: true, upright: true, sources: [1] })
    return Math.abs(after.offsetP50 - before.offsetP50)
  }
  const steps: number[] = []
  for (const [index, to] of PATH.entries()) {
    const from = PATH[index - 1]
    if (from === undefined) continue
    let step: number | null = null
    while (step === null) {
      step = await change(from, to)
      expect(await renewals()).toBeLessThanOrEqual(MOST_RENEWALS)
    }
    expect(step).toBeLessThan(SAME_TIME)
    steps.push(step)
  }
  await annotate(`hls.js began anew ${await renewals()} times`)
  await annotate(`picture time against media time differs between rungs by ${steps.map(Math.round).join(', ')} ms`)
  // A change of rungs aborts what is being loaded of the former, and takes away what is just being appended of it: hls.js
  // calls both an error. So is a rung's gap.
  const errors = await evaluate<string[]>(page, 'errors')
  const expected = ['aborted', 'bufferAppendNoProgress', 'fragGap']
  if ((await renewals()) > 0) expected.push('mediaSourceRequiresReset')
  const told = (await evaluate<string[]>(page, 'mediaEvents')).slice(-30).join('\n')
  expect(errors.filter((details) => !expected.includes(details)).join(), told).toBe('')
  expect(errors.filter((details) => details === 'bufferAppendNoProgress').length, told).toBeLessThan(steps.length)
  expect([...playlists.faults]).toEqual([])
  expect(browser.problems).toEqual([])
}, 400_000)
