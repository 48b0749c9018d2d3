/** DASH as dash.js plays it, on a page of another origin: live, sought in, over discontinuities, to the end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForStudio } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { readClock, watchClock } from '../../helpers/clockPicture.ts'
import { dashFacts, playDash, seekDash, serveDashPlayer } from '../../helpers/dashPlayer.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import type { AnyPage } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { otherProblems, pictureSince, smallScreenScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { elementsOf, parseXml } from '../../helpers/xml.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/**
 * A sender that makes its encoder anew may tear the picture before: Chromium's decoder gives up on it, and dash.js begins
 * anew by itself, with complaints of its own about what it has just taken down.
 */
const RENEWED = /MEDIA_ERR_DECODE|SourceBufferSink/

/** How far the picture may be from where the player says it is: a frame, and reading it. Milliseconds. */
const TOLERANCE = 150

/** The manifest's `Latency` allows 12 s, four target durations, beyond which dash.js leaps; and a moment to notice. Milliseconds. */
const OLDEST = 13_000

describe('a broadcast over DASH', () => {
  it('is played live and sought in by dash.js, goes on over discontinuities, and ends', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    await using player = await serveDashPlayer()
    const created = await createBroadcast(server.url)
    const scripts = [clockCameraScript(), smallScreenScript]
    const first = await goLive(browser, server.url, created, scripts)
    const url = `${server.url}/dash/${created.id}/manifest.mpd`
    await waitFor('there is a manifest', async () => (await fetch(url)).status === 200)
    const page = await playDash(browser, player, url)

    const live = await watchClock(page, { samples: 90, deadline: 40_000 })
    expect(live).toMatchObject({ upright: true, monotonic: true, sources: [1] })
    await annotate(`age of the live picture: p50 ${Math.round(live.ageP50)} ms, p95 ${Math.round(live.ageP95)} ms`)
    expect(live.ageP50).toBeLessThan(OLDEST)
    await expectTruePosition(page)
    const counted = async () => (await broadcastFacts(server.url, created.id)).viewers.hls === 1
    await waitFor('the player is counted, once', counted)

    const window = async () => {
      const { from, to } = await dashFacts(page)
      return to - from > 11
    }
    await waitFor('the window is full', window, { deadline: 30_000 })
    const { from, to, currentTime } = await dashFacts(page)
    await seekDash(page, from + 2)
    expect((await dashFacts(page)).currentTime).toBeLessThan(currentTime - 2)
    await expectTruePosition(page)
    await watchClock(page, { samples: 20 })
    await seekDash(page, to - 4)
    await expectTruePosition(page)
    expect(await watchClock(page, { samples: 20 })).toMatchObject({ upright: true, monotonic: true })

    const known = await periods(url)
    const killed = Date.now()
    const pid = server.logs().findLast(({ msg, tap }) => msg === 'tap started' && tap === 'video:1')?.pid
    process.kill(Number(pid), 'SIGKILL')
    // At once: what is listed moves on.
    const isNew = async () => (await periods(url)).some((id) => !known.includes(id))
    await Promise.all([
      waitFor('a Period begins anew', isNew, { every: 300 }),
      pictureSince(page, killed + 3000, 60_000),
    ])
    await expectTruePosition(page)

    await first.close()
    const interrupted = async () => (await broadcastFacts(server.url, created.id)).state === 'interrupted'
    await waitFor('the source is gone', interrupted)
    const studio = await browser.newPage(scripts)
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'live')
    const back = Date.now()
    await pictureSince(page, back)
    await annotate(`seen again ${Date.now() - back} ms after the source was back`)
    await expectTruePosition(page)

    await studio.click('#share-screen')
    const screen = async () => (await readClock(page))?.source === 2
    await waitFor('the shared screen is seen', screen, { deadline: 30_000 })
    await expectTruePosition(page)
    expect(await watchClock(page, { samples: 30 })).toMatchObject({ monotonic: true, sources: [2] })

    await studio.click('#end-broadcast')
    await waitFor('the player has played to the end', async () => (await dashFacts(page)).ended, { deadline: 30_000 })
    const last = await dashFacts(page)
    await annotate(`stalls: ${last.stalls}, errors: ${last.errors.join(' ')}`)
    expect(last).toMatchObject({ dynamic: false, errors: [] })
    expect(Math.abs(last.currentTime - last.duration)).toBeLessThan(0.3)
    expect(parseXml(await (await fetch(url)).text()).attributes.type).toBe('static')
    expect(otherProblems(browser, RENEWED)).toEqual([])
  })
})

/** The ids of the Periods that are listed. */
async function periods(url: string): Promise<(string | undefined)[]> {
  return elementsOf(parseXml(await (await fetch(url)).text()), 'Period').map(({ attributes }) => attributes.id)
}

/** The picture that is shown was captured when the manifest says that this position was. */
async function expectTruePosition(page: AnyPage): Promise<void> {
  const looks: string[] = []
  const look = async () => {
    const { anchor, currentTime } = await dashFacts(page)
    const reading = await readClock(page)
    const after = await dashFacts(page)
    if (!reading) return false
    const [earliest, latest] = [anchor + currentTime * 1000 - TOLERANCE, anchor + after.currentTime * 1000 + TOLERANCE]
    looks.push(`${Math.round(reading.ms - earliest)} of ${Math.round(latest - earliest)}`)
    return reading.ms >= earliest && reading.ms <= latest
  }
  await waitFor('the picture is that of its position', look).catch((error: unknown) => {
    throw new Error(`the picture is not that of its position: ${looks.slice(-5).join(', ')}`, { cause: error })
  })
}
