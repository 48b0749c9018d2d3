/** A browser that allows no sound before the person has touched the page. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Looks into a page without touching it: Playwright's own `evaluate` counts as a gesture of the person. */
async function onlyLook(page: Page): Promise<AnyPage> {
  const session = await page.context().newCDPSession(page)
  return {
    async evaluate(expression: string) {
      const options = { expression, awaitPromise: true, returnByValue: true, userGesture: false }
      return (await session.send('Runtime.evaluate', options)).result.value
    },
  }
}

const player = "document.querySelector('nearcast-player')"
const isMuted = `${player}.video.muted`
const hasBeenTouched = 'navigator.userActivation.hasBeenActive'
const visibleWords = `[...${player}.shadowRoot.querySelectorAll('[part=unmute]')]
  .filter((button) => button.checkVisibility()).map((button) => button.innerText)`

describe('the watch page without permission to sound', () => {
  it.each([
    ['webrtc', ''],
    ['llhls', '?prefer=smooth'],
  ])('starts muted over %s, and one press on the visible button brings the sound', async (transport, query) => {
    await using server = await startServer()
    await using studio = await launchChromium()
    await using browser = await launchChromium({ autoplay: false })
    const created = await createBroadcast(server.url)
    await goLive(studio, server.url, created)
    const page = await watch(browser, server.url, created.id, query, [witnessScript()])
    const eye = await onlyLook(page)
    await waitForPlayer(eye, { state: 'playing', transport })
    expect(await evaluate(eye, hasBeenTouched)).toBe(false)
    expect(await evaluate(eye, isMuted)).toBe(true)
    expect(await evaluate(eye, visibleWords)).toEqual(['Turn sound on'])
    expect(await watchClock(eye)).toMatchObject({ upright: true, monotonic: true, sources: [1] })

    await page.click('nearcast-player [part=unmute]')
    await waitFor('the sound is on', async () => !(await evaluate(eye, isMuted)))
    expect(await evaluate(eye, visibleWords)).toEqual([])
    expect(await watchClock(eye)).toMatchObject({ monotonic: true, sources: [1] })
    await waitForPlayer(eye, { state: 'playing', transport })
    expect(await evaluate(eye, isMuted)).toBe(false)
    expect([...studio.problems, ...browser.problems]).toEqual([])
  })
})
