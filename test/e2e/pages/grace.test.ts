/** A broadcaster who leaves for good: what viewers and the home page are told until the grace period is over. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, noteStates, smallCameraScript, statesOf, wordsOf } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Seconds. */
const GRACE = 4
/** Milliseconds after which the home page looks again by itself; its clock is put forward by so many. */
const LOOK_AGAIN = 15_000

describe('a broadcaster who closes the page', () => {
  it('leaves viewers with words about it, and after the grace period with the end', async () => {
    await using server = await startServer({ workers: 1, env: { NEARCAST_GRACE_PERIOD: `${GRACE}` } })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url, { title: 'Evening', visibility: 'public' })
    const home = await browser.newPage()
    await home.clock.install()
    await home.goto(server.url)
    const listed = home.locator(`a[href="/watch/${created.id}"]`)
    await home.getByText('Nobody is live in public right now.').waitFor()
    expect(await listed.count()).toBe(0)

    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const viewer = await watch(browser, server.url, created.id)
    await expectMoving(viewer, 'webrtc')
    await noteStates(viewer)
    await home.clock.fastForward(LOOK_AGAIN)
    await listed.waitFor()
    expect(await listed.textContent()).toContain('Evening')

    await studio.close()
    const left = performance.now()
    await waitForPlayer(viewer, { state: 'stalled' })
    await waitFor('the words tell why', async () =>
      (await wordsOf(viewer)).includes("The broadcaster's connection was interrupted."),
    )
    await waitForPlayer(viewer, { state: 'ended' })
    expect(performance.now() - left).toBeGreaterThan(GRACE * 1000 - 200)
    expect(await wordsOf(viewer)).toContain('The broadcast has ended.')
    expect(await statesOf(viewer)).toEqual(['playing', 'stalled', 'ended'])
    expect(await broadcastFacts(server.url, created.id)).toMatchObject({ state: 'ended' })
    await home.clock.fastForward(LOOK_AGAIN)
    await listed.waitFor({ state: 'detached' })
    await home.getByText('Nobody is live in public right now.').waitFor()
    expect(browser.problems).toEqual([])
  })
})
