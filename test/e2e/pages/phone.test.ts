/** The pages on a phone held upright: nothing to scroll sideways, and buttons that a thumb finds. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** CSS pixels of an iPhone 14; and the least height of what a thumb is to find. */
const PHONE = { width: 390, height: 844 }
const THUMB = 44

describe('on a phone', () => {
  it('home, studio and watch page fit the width, and their buttons are seen and large enough', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const title = 'Averylongwordwithoutanyplacetobreakitinatitleofabroadcastthatsomebodymadeup'
    const created = await createBroadcast(server.url, { title, visibility: 'public' })

    const home = await browser.newPage()
    await home.setViewportSize(PHONE)
    await home.goto(server.url)
    await expectFits(home, ['#start', '#title'])

    const studio = await browser.newPage([clockCameraScript(), smallCameraScript])
    await studio.setViewportSize(PHONE)
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'preview')
    const common = ['#mute', '#camera-off', '#share-screen', '#camera', '#microphone', '#copy-link']
    await expectFits(studio, ['#go-live', ...common])
    // The one button that matters is there without scrolling.
    await expect.poll(() => isOnScreen(studio, '#go-live')).toBe(true)
    await studio.click('#go-live')
    await waitForStudio(studio, 'live')
    await expectFits(studio, ['#end-broadcast', ...common])
    expect(await isOnScreen(studio, '#end-broadcast')).toBe(true)
    // A press far below scrolls the page there.
    await studio.click('.doctor summary')
    await expectFits(studio, ['.doctor summary'])

    await home.reload()
    await expectFits(home, ['#start', '.live-item'])

    const viewer = await watch(browser, server.url, created.id)
    await viewer.setViewportSize(PHONE)
    await expectMoving(viewer, 'webrtc')
    await viewer.hover('nearcast-player')
    await expectFits(viewer, ['#share', '[part=mute]', '[part=fullscreen]'])
    expect(await isOnScreen(viewer, '[part=mute]')).toBe(true)
    expect(browser.problems).toEqual([])
  })
})

/** Playwright's selectors look into shadow trees as well, where the player has its buttons. */
async function expectFits(page: Page, selectors: string[]): Promise<void> {
  for (const selector of selectors) {
    const element = page.locator(selector).first()
    await element.waitFor({ state: 'visible' })
    const box = await element.boundingBox()
    expect(box?.height, `height of ${selector}`).toBeGreaterThanOrEqual(THUMB)
    expect(box?.x, `left edge of ${selector}`).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0), `right edge of ${selector}`).toBeLessThanOrEqual(PHONE.width)
  }
  const [wide, inner] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, globalThis.innerWidth]',
  )
  expect(inner).toBe(PHONE.width)
  expect(wide, `width of ${page.url()}`).toBeLessThanOrEqual(inner)
}

async function isOnScreen(page: Page, selector: string): Promise<boolean> {
  const box = await page.locator(selector).boundingBox()
  return box !== null && box.y >= 0 && box.y + box.height <= PHONE.height
}
