/** Buttons, keys and figures of the player, held against the picture itself. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, pictureSince, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const player = "document.querySelector('nearcast-player')"

/** Keeps what is copied, and counts locks of the screen. */
const witnesses = `{
  globalThis.copied = []
  globalThis.locks = { asked: 0, held: 0 }
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => void copied.push(text) } })
  Object.defineProperty(navigator, 'wakeLock', {
    value: {
      request: async () => {
        locks.asked += 1
        locks.held += 1
        return { released: false, release: async () => void (locks.held -= 1) }
      },
    },
  })
}`

describe('the controls of the player', () => {
  it('tell the truth, obey the keys, and remember how loud it was', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const page = await watch(browser, server.url, created.id, '', [witnesses])
    await expectMoving(page, 'webrtc')

    // What the badge says is how old the picture is.
    const said = await waitFor('the badge knows the delay', async () => badge(page))
    const { ageP50 } = await watchClock(page, { samples: 40 })
    await annotate(`the badge says ${said} s, the picture is ${ageP50} ms old`)
    expect(Math.abs(said - ageP50 / 1000)).toBeLessThan(0.3)
    expect(await evaluate(page, 'locks')).toEqual({ asked: 1, held: 1 })

    await page.keyboard.press('i')
    const panel = page.locator('[part=statistics]')
    await panel.waitFor()
    const rows = await waitFor('rates are known', async () => {
      const read = await evaluate<string[]>(page, cells)
      return /per second/.test(read[2] ?? '') && read
    })
    await annotate(`statistics: ${rows.join(', ')}`)
    expect(rows[0]).toBe('WebRTC, UDP')
    expect(rows[1]).toBe(await evaluate(page, `${pictureElement}.videoWidth + ' × ' + ${pictureElement}.videoHeight`))
    expect(Number.parseFloat(rows[2] ?? '')).toBeGreaterThan(8)
    expect(Number.parseFloat(rows[3] ?? '')).toBeGreaterThan(0.05)
    expect(Number.parseFloat(rows[3] ?? '')).toBeLessThan(5)
    await panel.getByRole('button', { name: 'Copy' }).click()
    const [copied = '{}'] = await waitFor('it is copied', async () => {
      const all = await evaluate<string[]>(page, 'copied')
      return all.length > 0 && all
    })
    // Which layer is shown is a matter of the machine.
    const size = `({ width: ${pictureElement}.videoWidth, height: ${pictureElement}.videoHeight })`
    const shown = await evaluate<object>(page, size)
    expect(JSON.parse(copied)).toMatchObject({ transport: 'webrtc', state: 'playing', switches: 0, ...shown })
    await panel.getByRole('button', { name: 'Close' }).click()
    await panel.waitFor({ state: 'detached' })

    await page.keyboard.press('?')
    await page.locator('[part=help][open]').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[part=help]').waitFor({ state: 'hidden' })

    // Stopped by a key, and on with what is live then.
    await page.keyboard.press('Space')
    await waitForPlayer(page, { state: 'idle' })
    await waitFor('the screen may go off', async () => evaluate<boolean>(page, 'locks.held === 0'))
    const stopped = Date.now()
    await page.keyboard.press('k')
    await waitForPlayer(page, { state: 'playing' })
    await pictureSince(page, stopped)

    // Back into what is past by a key, and to live again by another.
    await page.locator('nearcast-player [part="back"]').waitFor()
    await page.keyboard.press('j')
    await waitForPlayer(page, { state: 'playing', transport: 'hls' })
    expect((await watchClock(page)).ageP50).toBeGreaterThan(3_000)
    await page.keyboard.press('End')
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' })

    for (let times = 0; times < 4; times++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('m')
    const loudness = `[${pictureElement}.volume.toFixed(2), ${pictureElement}.muted]`
    await waitFor('it is silent', async () => evaluate<boolean>(page, `${pictureElement}.muted`))
    await page.reload()
    await expectMoving(page, 'webrtc')
    expect(await evaluate(page, loudness)).toEqual(['0.80', true])
    await page.keyboard.press('ArrowUp')
    await waitFor('it is heard', async () => evaluate<boolean>(page, `!${pictureElement}.muted`))
    expect(await evaluate(page, loudness)).toEqual(['0.85', false])
    expect(browser.problems).toEqual([])
  })

  it('show the newest picture before anything is played, and complain of none', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const idle = `{
      const player = document.createElement('nearcast-player')
      player.setAttribute('src', '/watch/${created.id}')
      document.querySelector('main').replaceChildren(player)
    }`
    const visits = await watch(browser, server.url, created.id)
    await waitForPlayer(visits, { state: 'offline' })
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await expectMoving(visits, 'webrtc')
    await evaluate(visits, idle)
    const poster = visits.locator('nearcast-player [part=poster]')
    await waitFor(
      'there is something to see',
      async () => {
        const seen = await poster.isVisible()
        if (!seen) await evaluate(visits, idle)
        return seen
      },
      { every: 1_000, deadline: 20_000 },
    )
    await visits.locator('nearcast-player [part=play]').click()
    await expectMoving(visits, 'webrtc')
    await poster.waitFor({ state: 'hidden' })
    expect(browser.problems).toEqual([])
  })
})

/** Seconds that the badge says, once it does. */
async function badge(page: Page): Promise<number | undefined> {
  const text = (await page.locator('nearcast-player [part=latency]').textContent()) ?? ''
  return text === '' ? undefined : Number.parseFloat(text)
}

/** The values of the statistics. */
const cells = `[...${player}.shadowRoot.querySelectorAll('[part=statistics] dd')].map((cell) => cell.textContent)`
