/** What a viewer has set stays as it is when the picture comes by another transport, in another element. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { Display } from '../../helpers/Display.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const player = "document.querySelector('nearcast-player')"

it('volume, silence and full screen stay over changes of transport', async () => {
  await using server = await startServer({ workers: 1 })
  await using browser = await launchChromium()
  const created = await createBroadcast(server.url)
  await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
  const page = await watch(browser, server.url, created.id)
  await expectMoving(page, 'webrtc')
  await evaluate(page, `globalThis.firstElement = ${pictureElement}`)

  for (let times = 0; times < 6; times++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('f')
  await waitFor('it fills the screen', () => evaluate<boolean>(page, `document.fullscreenElement === ${player}`))
  const asSet = { volume: '0.70', muted: false, isFull: true }
  await expect.poll(() => settingsOf(page)).toEqual(asSet)

  await page.locator('nearcast-player').evaluate((element) => element.setAttribute('prefer', 'smooth'))
  await waitForPlayer(page, { state: 'playing', transport: 'llhls' })
  expect(await evaluate(page, `${pictureElement} === firstElement`)).toBe(false)
  await expect.poll(() => settingsOf(page)).toEqual(asSet)

  await page.keyboard.press('m')
  await page.locator('nearcast-player').evaluate((element) => element.setAttribute('prefer', 'auto'))
  await expectMoving(page, 'webrtc')
  await expect.poll(() => settingsOf(page)).toEqual({ ...asSet, muted: true })

  await page.keyboard.press('f')
  await waitFor('the page is seen again', () => evaluate<boolean>(page, 'document.fullscreenElement === null'))
  expect(browser.problems).toEqual([])
})

// Headless browsers have no window beside the page, and Xvfb is a screen of Linux.
it.runIf(process.platform === 'linux')('the small window stays, and shows what the page shows', async () => {
  await using server = await startServer({ workers: 1 })
  await using display = await Display.create()
  await using browser = await launchChromium({ display: display.name })
  const created = await createBroadcast(server.url)
  await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
  const page = await watch(browser, server.url, created.id)
  await expectMoving(page, 'webrtc')
  await page.keyboard.press('p')
  await waitFor('it floats', () => floats(page))

  for (const [prefer, transport] of [
    ['smooth', 'llhls'],
    ['auto', 'webrtc'],
  ] as const) {
    await evaluate(page, `globalThis.former = ${pictureElement}`)
    await page.locator('nearcast-player').evaluate((element, value) => element.setAttribute('prefer', value), prefer)
    await expectMoving(page, transport)
    expect(await evaluate(page, `${pictureElement} === former`)).toBe(false)
    await waitFor(`it floats over ${transport}`, () => floats(page))
  }

  await page.keyboard.press('p')
  await waitFor('it floats no more', async () => !(await floats(page)))
  await expectMoving(page, 'webrtc')
  expect(browser.problems).toEqual([])
})

/** Whether the element that the page shows is the one in the small window. */
async function floats(page: AnyPage): Promise<boolean> {
  return evaluate<boolean>(page, `${player}.shadowRoot.pictureInPictureElement === ${pictureElement}`)
}

async function settingsOf(page: AnyPage): Promise<object> {
  return evaluate<object>(
    page,
    `({ volume: ${pictureElement}.volume.toFixed(2), muted: ${pictureElement}.muted,
      isFull: document.fullscreenElement === ${player} })`,
  )
}
