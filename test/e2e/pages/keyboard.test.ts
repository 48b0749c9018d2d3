/** Watching and going live without a mouse, and without seeing: keys, names, and what is read out. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('by keyboard and screen reader', () => {
  it('a broadcast is started, watched, muted and ended, and each state is read out', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const viewer = await watch(browser, server.url, created.id)
    await waitForPlayer(viewer, { state: 'offline' })
    await noteSpoken(viewer)
    expect(await spoken(viewer)).toEqual([
      'The broadcast has not started yet. It starts here by itself as soon as it is live.',
    ])

    const studio = await browser.newPage([clockCameraScript(), smallCameraScript])
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'preview')
    await expectNamed(studio)
    await tabTo(studio, 'Go live')
    await studio.keyboard.press('Enter')
    await waitForStudio(studio, 'live')
    await expectNamed(studio)
    const said = studio.locator('[role=status]').first()
    expect(await said.textContent()).toBe('You are live')
    await tabTo(studio, 'Mute')
    await studio.keyboard.press('Space')
    expect(await studio.locator('#mute').getAttribute('aria-pressed')).toBe('true')
    await studio.keyboard.press('Space')

    await expectMoving(viewer, 'webrtc')
    await expectNamed(viewer)
    await muted(viewer, false)
    await tabTo(viewer, 'Mute')
    await viewer.keyboard.press('m')
    await muted(viewer, true)
    expect(await focusedName(viewer)).toBe('Unmute')
    await viewer.keyboard.press('Space')
    await muted(viewer, false)
    await viewer.locator('nearcast-player [part="back"]').waitFor()
    for (const name of ['Volume', 'Go back 30 seconds', 'Settings']) await tabTo(viewer, name, 1)
    // Picture in picture is between them where the browser has it.
    await tabTo(viewer, 'Full screen', 2)
    await tabTo(viewer, 'Copy link', 1)

    await tabTo(studio, 'End broadcast')
    await studio.keyboard.press('Enter')
    await waitForStudio(studio, 'ended')
    expect(await said.textContent()).toBe('The broadcast has ended')
    await waitForPlayer(viewer, { state: 'ended' })
    const words = await spoken(viewer)
    expect(words[0]).toMatch(/^The broadcast has not started yet/)
    expect(words).toContain('Live')
    expect(words.at(-1)).toBe('The broadcast has ended.')
    expect(browser.problems).toEqual([])
  })
})

/** Begins to note what the player's live region says. */
async function noteSpoken(page: Page): Promise<void> {
  await evaluate(
    page,
    `{
      const region = document.querySelector('nearcast-player').shadowRoot.querySelector('[role=status]')
      globalThis.spokenOfTest = [region.textContent]
      new MutationObserver(() => spokenOfTest.push(region.textContent)).observe(region, {
        childList: true, characterData: true, subtree: true,
      })
    }`,
  )
}

async function spoken(page: Page): Promise<string[]> {
  return evaluate<string[]>(page, 'spokenOfTest')
}

/** Presses Tab until the focused element has this name. */
async function tabTo(page: Page, name: string, most = 25): Promise<void> {
  const met: string[] = []
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press('Tab')
    met.push(await focusedName(page))
    if (met.at(-1) === name) return
  }
  throw new Error(`Tab meets ${JSON.stringify(met)}, not ${name}`)
}

async function focusedName(page: Page): Promise<string> {
  const read = `(() => {
    let focused = document.activeElement
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
    return focused?.getAttribute('aria-label') ?? focused?.labels?.[0]?.textContent ?? focused?.textContent ?? ''
  })()`
  return evaluate<string>(page, read)
}

async function isMuted(page: Page): Promise<boolean> {
  return evaluate<boolean>(page, "document.querySelector('nearcast-player').video.muted")
}

async function muted(page: Page, wanted: boolean): Promise<void> {
  await waitFor(`the sound is ${wanted ? 'off' : 'on'}`, async () => (await isMuted(page)) === wanted)
}

/** Whatever can be pressed, chosen or typed into has a name, by the browser's own reckoning. */
async function expectNamed(page: Page): Promise<void> {
  const roles = ['button', 'combobox', 'textbox', 'slider', 'link', 'meter'] as const
  let found = 0
  for (const role of roles) {
    const all = await page.getByRole(role).count()
    expect(await page.getByRole(role, { name: /\S/ }).count(), `${role}s with a name`).toBe(all)
    found += all
  }
  expect(found).toBeGreaterThan(3)
}
