/** How the pages look: in the language and the colours of whoever looks, without a shift, and open to everybody. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { layoutShift, shiftWatchScript, violations } from '../../helpers/looks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const koreanBrowser = `Object.defineProperty(Navigator.prototype, 'languages', { get: () => ['ko-KR', 'ko', 'en'] })`

/** CLS is good up to 0.1; ours is not there to be seen. */
const NO_SHIFT = 0.005

describe('the pages', () => {
  it('speak the language of the browser or the chosen one, the player with them, and keep to chosen colours', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const { id } = await createBroadcast(server.url, { title: '' })
    const page = await browser.newPage([koreanBrowser])
    const scripts = new Set<string>()
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.add(response.url())
    })
    await page.goto(`${server.url}/watch/${id}`)
    await waitForPlayer(page, { state: 'offline' })
    await page.getByText('아직 방송이 시작되지 않았어요.').first().waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('ko')
    expect(await page.title()).toBe('제목 없는 방송 · Nearcast')
    expect(await page.locator('nearcast-player').getAttribute('aria-label')).toBe('라이브 영상 플레이어')
    const loaded = (await Promise.all([...scripts].map(async (url) => (await fetch(url)).text()))).join('')
    expect(loaded).toContain('아직 방송이 시작되지 않았어요.')
    expect(loaded).not.toContain('The broadcast has not started yet. It starts')
    expect(loaded).not.toContain('It starts here by itself as soon as it is live.')

    await page.locator('#language').click()
    await page.getByText('It starts here by itself as soon as it is live.').first().waitFor()
    expect(await page.locator('nearcast-player').getAttribute('aria-label')).toBe('Live video player')
    await page.goto(server.url)
    await page.getByRole('button', { name: 'Start a broadcast' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')

    const ground = () => evaluate<string>(page, 'getComputedStyle(document.documentElement).backgroundColor')
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await ground()
    await page.getByRole('button', { name: 'Dark colours' }).click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect([await evaluate(page, 'document.documentElement.dataset.theme'), await ground()]).toEqual(['dark', dark])
    await page.getByRole('button', { name: 'Light colours' }).click()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground(), 'follows the system again').toBe(dark)
    expect(browser.problems).toEqual([])
  })

  it('do not move when the picture comes, and have nothing against anybody in any state, language or colour', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url, { title: 'Garden', visibility: 'public', record: true })
    const home = await browser.newPage([shiftWatchScript])
    await home.goto(server.url)
    await home.locator('.live-none').filter({ hasText: /\w/ }).waitFor()
    expect(await judged(home)).toEqual([])
    const unknown = await browser.newPage()
    await unknown.goto(`${server.url}/watch/AAAAAAAAAAAAAAAA`)
    await unknown.locator('#unknown').waitFor()
    expect(await violations(unknown)).toEqual([])
    await unknown.goto(`${server.url}/studio/${created.id}`)
    await unknown.locator('#refusal').waitFor()
    expect(await violations(unknown)).toEqual([])
    await unknown.close()
    const viewer = await watch(browser, server.url, created.id, '', [shiftWatchScript])
    await waitForPlayer(viewer, { state: 'offline' })
    expect(await judged(viewer)).toEqual([])

    const studio = await browser.newPage([smallCameraScript, shiftWatchScript])
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'preview')
    expect(await judged(studio)).toEqual([])
    await studio.click('#go-live')
    await waitForStudio(studio, 'live')
    await waitForPlayer(viewer, { state: 'playing' })
    expect(await judged(studio)).toEqual([])
    expect(await judged(viewer)).toEqual([])
    await viewer.goto(`${server.url}/watch/${created.id}`)
    await waitForPlayer(viewer, { state: 'playing' })
    await viewer.locator('#viewers').filter({ hasText: /\d/ }).waitFor()
    const shifts = {
      watch: await layoutShift(viewer),
      home: await layoutShift(home),
      studio: await layoutShift(studio),
    }
    for (const [page, { sum, moved }] of Object.entries(shifts)) {
      expect([page, sum > NO_SHIFT ? { sum, moved } : 'still']).toEqual([page, 'still'])
    }

    await viewer.goto(`${server.url}/embed/${created.id}`)
    await waitForPlayer(viewer, { state: 'playing' })
    expect(await violations(viewer, { isFrame: true })).toEqual([])
    await home.reload()
    await home.locator('.live-item').waitFor()
    await waitFor('the list has come without a shift', async () => (await layoutShift(home)).sum <= NO_SHIFT)
    expect(await judged(home)).toEqual([])
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    await waitForPlayer(viewer, { state: 'ended' })
    expect(await judged(studio)).toEqual([])
    expect(browser.problems).toEqual([])
  })
})

/**
 * What there is against a page, without what moves while its languages are changed: browsers excuse what moves within half a
 * second of a press, and a busy machine takes longer.
 */
async function judged(page: Page): Promise<string[]> {
  const { sum, moved } = await layoutShift(page)
  const found = await violations(page)
  // Observers are told after a frame was drawn.
  const drawn = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))'
  await evaluate(page, drawn)
  await evaluate(page, `(shiftOfTest = ${sum}, shiftsOfTest = ${JSON.stringify(moved)}, undefined)`)
  return found
}
