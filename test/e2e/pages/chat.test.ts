/** People who watch by different transports, one of whom keeps changing, and the broadcaster: one chat, in one order. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Whatever waits for the next frame, or for a moment in its place, waits for a second: a page on a busy machine. */
const lateFrames = `{
  const { setTimeout } = globalThis
  globalThis.requestAnimationFrame = (then) => setTimeout(then, 1000)
  globalThis.setTimeout = (then, ms, ...rest) => setTimeout(then, ms > 0 && ms < 50 ? 1000 : ms, ...rest)
}`

/** Milliseconds until a transport has the picture (again): WebRTC is tried ever more slowly where a machine is slow. */
const PATIENCE = 60_000
/** Messages that a page shows: ChatLog's `MAX_MESSAGES`. */
const SHOWN = 300
/** Milliseconds between messages once there are as many: fewer are written than the server keeps, however long it takes. */
const THINNED = 500

describe('a chat', () => {
  it('has one order on every page, keeps markup text, and obeys the broadcaster', { timeout: 300_000 }, async () => {
    const env = { NEARCAST_CHAT_RATE: '20', NEARCAST_CHAT_HISTORY: '1000' }
    await using server = await startServer({ workers: 1, env })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    // One after the other: pages that begin at once on a slow machine show no frame over WebRTC in time.
    const near = await open(server.url, '', 'webrtc')
    const far = await open(server.url, '?prefer=smooth', 'llhls')
    const moving = await open(server.url, '', 'webrtc')
    const everyone = [studio, near.page, far.page, moving.page]

    // Names are kept; what others write is text.
    const markup = '<img src=x onerror="pwned=1"> <b>bold</b> https://example.org'
    await write(near.page, 'first', 'Ada <i>L</i>')
    await write(near.page, markup)
    await write(far.page, 'from afar', 'Broadcaster', false)
    await write(far.page, 'from afar', 'Ben')
    await write(moving.page, 'hello', 'Cleo')
    await write(studio, 'welcome')
    const expected = ['first', markup, 'from afar', 'hello', 'welcome']
    for (const page of everyone) await waitFor('all of it is there', async () => (await texts(page)).length === 5)
    for (const page of everyone) {
      expect(await texts(page)).toEqual(expected)
      expect(await page.locator('.chat-log img, .chat-log b, .chat-log i, .chat-log a').count()).toBe(0)
      expect(await page.locator('.chat-broadcaster').allTextContents()).toEqual(['Broadcaster'])
      expect(await evaluate(page, 'typeof pwned')).toBe('undefined')
    }
    expect(await near.page.locator('.chat-name').first().textContent()).toBe('Ada <i>L</i>')

    // Keys that are typed are not the player's, and what was written before is there after a reload.
    await near.page.locator('.chat-text-field').fill('')
    await near.page.locator('.chat-text-field').pressSequentially('mf mf')
    expect(await evaluate(near.page, "document.querySelector('nearcast-player').video.muted")).toBe(false)
    expect(await evaluate(near.page, 'document.fullscreenElement')).toBeNull()
    await near.page.reload()
    await waitFor('it is read again', async () => (await texts(near.page)).length === 5)
    await waitForPlayer(near.page, { state: 'playing', transport: 'webrtc' }, PATIENCE)
    await write(near.page, 'still Ada')
    // It comes by the data channel, maybe later than the word by the socket that it was said.
    await waitFor('it is there', async () => (await texts(near.page)).at(-1) === 'still Ada')
    expect(await near.page.locator('.chat-name').last().textContent()).toBe('Ada <i>L</i>')

    // One changes its transport there and back while others write.
    const said = [...expected, 'still Ada']
    const chatter = async (until: Promise<void>): Promise<void> => {
      let isOver = false
      const end = (): void => {
        isOver = true
      }
      until.then(end, end)
      while (!isOver) {
        for (const page of [far.page, studio]) {
          said.push(`number ${said.length}`)
          await write(page, said.at(-1) ?? '')
          if (said.length > SHOWN) await pause(THINNED)
        }
      }
      await until
      for (const page of everyone) {
        await waitFor('all of it is there', async () => (await texts(page)).at(-1) === said.at(-1))
        expect(await texts(page)).toEqual(said.slice(-SHOWN))
      }
    }
    const prefer = (value: string) =>
      evaluate(moving.page, `document.querySelector('nearcast-player').setAttribute('prefer', '${value}')`)
    const moved = (transport: string) => waitForPlayer(moving.page, { state: 'playing', transport }, PATIENCE)
    await chatter(prefer('smooth').then(() => moved('llhls')))
    await chatter(prefer('realtime').then(() => moved('webrtc')))
    expect(said.length).toBeGreaterThan(8)
    // By the data channel it came to one, by the socket to the other.
    await waitForPlayer(near.page, { state: 'playing', transport: 'webrtc' }, PATIENCE)
    await write(studio, 'down two ways')
    for (const { page } of [near, far])
      await waitFor('it is there', async () => (await texts(page)).at(-1) === 'down two ways')
    await waitFor('it came by the socket', () => far.heardBySocket('down two ways'))
    expect(near.heardBySocket('down two ways')).toBe(false)

    // Taps of one are seen by all; each rises for two seconds only.
    for (const page of [studio, near.page]) await noteFloats(page)
    await far.page.locator('[data-reaction=party]').click()
    for (const page of [studio, near.page]) {
      await waitFor('it rises', async () => (await evaluate<string[]>(page, 'floatsOfTest')).includes('🎉'))
    }

    // Whoever does not look is told how much came.
    await far.page.locator('.chat-toggle').click()
    await write(studio, 'somebody there?')
    await waitFor('it counts', async () => (await far.page.locator('.chat-unread').textContent()) === '1 new message')
    await far.page.locator('.chat-toggle').click()

    // Deleted, slowed down, blocked, let back, switched off.
    await write(far.page, 'a mistake')
    for (const page of everyone) await waitFor('it is there', async () => (await texts(page)).at(-1) === 'a mistake')
    await message(studio, 'a mistake').locator('button').first().click()
    for (const page of everyone) await waitFor('it is gone', async () => !(await texts(page)).includes('a mistake'))
    await studio.locator('.chat-slow select').selectOption('60')
    await far.page.getByText('One message in 60 seconds').waitFor()
    await write(far.page, 'a slow one')
    await write(far.page, 'a fast one', undefined, false)
    expect(await far.page.locator('.chat-refusal').textContent()).toBe('One message in 60 seconds, please.')
    await studio.locator('.chat-slow select').selectOption('0')
    await waitFor('it is the last one', async () => (await texts(studio)).at(-1) === 'a slow one')
    await studio.locator('.chat-message:last-child button').last().click()
    await far.page.getByText('The broadcaster does not let you write here.').waitFor()
    expect(await far.page.locator('.chat-form').count()).toBe(0)
    for (const page of everyone) {
      await waitFor('what Ben wrote is gone', async () => (await page.getByText('Ben', { exact: true }).count()) === 0)
    }
    await studio.locator('.chat-blocked summary').click()
    await studio.getByRole('button', { name: 'Let Ben write again' }).click()
    await write(far.page, 'I am sorry')
    await studio.getByLabel('Viewers may write').uncheck()
    await near.page.getByText('The broadcaster has switched the chat off.').waitFor()
    expect(await near.page.locator('.chat-form, .chat-tap').count()).toBe(0)

    await studio.click('#end-broadcast')
    await near.page.getByText('The broadcast is over, and so is the chat.').waitFor()
    expect((await texts(near.page)).at(-1)).toBe('I am sorry')
    expect(browser.problems).toEqual([])

    async function open(url: string, query: string, transport: string) {
      const page = await browser.newPage()
      const frames: string[] = []
      page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))))
      await page.goto(`${url}/watch/${created.id}${query}`)
      await waitForPlayer(page, { state: 'playing', transport }, PATIENCE)
      return { page, heardBySocket: (text: string) => frames.some((frame) => frame.includes(text)) }
    }
  })

  it('is read by who comes later, on a page that draws late', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const early = await watch(browser, server.url, created.id)
    await early.locator('.chat-form').waitFor()
    await write(early, 'who is there?', 'Ada')
    const late = await watch(browser, server.url, created.id, '', [lateFrames])
    await waitFor('it is read', async () => (await texts(late)).at(-1) === 'who is there?')
    expect(browser.problems).toEqual([])
  })

  it('is no part of an embedded player', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const viewer = await watch(browser, server.url, created.id)
    const embed = await browser.newPage()
    const loaded: string[] = []
    embed.on('request', (request) => loaded.push(request.url()))
    await embed.goto(`${server.url}/embed/${created.id}`)
    await viewer.locator('.chat-form').waitFor()
    await waitForPlayer(embed, { state: 'offline' })
    expect(await embed.locator('#chat').count()).toBe(0)
    expect(loaded.filter((url) => /mount/.test(url))).toEqual([])
    expect(browser.problems).toEqual([])
  })
})

/** Writes like a person; resolves once it was said, or refused where that `isSaid: false` is expected. */
async function write(page: Page, text: string, name?: string, isSaid = true): Promise<void> {
  if (name !== undefined) await page.locator('.chat-name-field').fill(name)
  const line = page.locator('.chat-text-field')
  await line.fill(text)
  await line.press('Enter')
  if (isSaid) await waitFor(`"${text}" was said`, async () => (await line.inputValue()) === '', { every: 10 })
  else await page.locator('.chat-refusal:not(:empty)').waitFor()
}

/** Begins to note which reactions rise. */
async function noteFloats(page: Page): Promise<void> {
  await evaluate(
    page,
    `{
      globalThis.floatsOfTest = []
      const note = (changes) => floatsOfTest.push(
        ...changes.flatMap(({ addedNodes }) => [...addedNodes].map(({ textContent }) => textContent)))
      new MutationObserver(note).observe(document.querySelector('.chat-air'), { childList: true })
    }`,
  )
}

async function texts(page: Page): Promise<string[]> {
  return page.locator('.chat-text').allTextContents()
}

function message(page: Page, text: string) {
  return page.locator('.chat-message', { has: page.getByText(text, { exact: true }) })
}
