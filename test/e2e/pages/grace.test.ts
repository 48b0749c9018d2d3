/** A broadcaster who leaves for good: what viewers and the home page are told until the grace period is over. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, noteStates, smallCameraScript, wordsOf } from '../../helpers/viewing.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Seconds: far more than a page on a busy machine takes to see that nothing comes any more, and to say so. */
const GRACE = 15
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

    await noteMessages(viewer)
    // On the page's clock; what a page on a slow machine went through before is no matter here.
    const since = await evaluate<number>(viewer, 'performance.now()')
    const left = performance.now()
    await studio.close()
    await waitForPlayer(viewer, { state: 'ended' }, GRACE * 1000 + 60_000)
    expect(performance.now() - left).toBeGreaterThan(GRACE * 1000)
    expect(await wordsOf(viewer)).toContain('The broadcast has ended.')
    const noted = await evaluate<[state: string, at: number][]>(viewer, 'statesOfTest')
    const first = noted.findLastIndex(([, at]) => at < since)
    const states = noted.slice(first).map(([state]) => state)
    // What was on its way when the page was closed may still have moved a picture that stood.
    expect(states.slice(-2)).toEqual(['stalled', 'ended'])
    expect(states.slice(0, -2).filter((state) => !['playing', 'stalled'].includes(state))).toEqual([])
    const messages = await evaluate<string[]>(viewer, 'messagesOfTest')
    expect(messages.join(' ')).toContain("The broadcaster's connection was interrupted.")
    expect(await broadcastFacts(server.url, created.id)).toMatchObject({ state: 'ended' })
    await home.clock.fastForward(LOOK_AGAIN)
    await listed.waitFor({ state: 'detached' })
    await home.getByText('Nobody is live in public right now.').waitFor()
    expect(browser.problems).toEqual([])
  })
})

/** Begins to note what the player says over the picture. */
async function noteMessages(page: AnyPage): Promise<void> {
  await evaluate(
    page,
    `{
      const message = document.querySelector('nearcast-player').shadowRoot.querySelector('[part=message]')
      globalThis.messagesOfTest = []
      new MutationObserver(() => messagesOfTest.push(message.textContent)).observe(message, { childList: true })
    }`,
  )
}
