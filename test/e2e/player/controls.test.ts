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

    // What the badge says is how old the picture is, but for what a busy camera takes before a frame is captured.
    await waitFor('the badge says what the player knows', () => evaluate<boolean>(page, isBadgeTrue))
    const { latencyErrorP50, ageP50 } = await watchClock(page, { samples: 40, deadline: 30_000 })
    await annotate(`the picture is ${ageP50} ms old, the player says ${Math.round(latencyErrorP50)} ms more`)
    expect(latencyErrorP50).toBeLessThan(150)
    expect(latencyErrorP50).toBeGreaterThan(-1_000)
    await waitFor('the screen is kept on', () => evaluate<boolean>(page, 'locks.held === 1 && locks.asked >= 1'))

    await page.keyboard.press('i')
    const panel = page.locator('[part=statistics]')
    await panel.waitFor()
    const rates = await waitFor('it counts frames as the element does', async () => {
      const both = await frameRates(page)
      return both.told > 0 && Math.abs(both.told - both.counted) <= Math.max(2, 0.3 * both.counted) && both
    })
    await waitFor('it says the size that is shown', () => evaluate<boolean>(page, `${cells}[1] === ${shownSize}`))
    const rows = await waitFor('it knows the bit rate', async () => {
      const read = await evaluate<string[]>(page, cells)
      return Number.parseFloat(read[3] ?? '') > 0.05 && read
    })
    await annotate(`statistics: ${rows.join(', ')}; frames counted: ${rates.counted.toFixed(1)} per second`)
    expect(rows[0]).toBe('WebRTC, UDP')
    expect(Number.parseFloat(rows[3] ?? '')).toBeLessThan(5)
    await panel.getByRole('button', { name: 'Copy' }).click()
    const [copied = '{}'] = await waitFor('it is copied', async () => {
      const all = await evaluate<string[]>(page, 'copied')
      return all.length > 0 && all
    })
    const statistics: CopiedStatistics = JSON.parse(copied)
    expect(statistics).toMatchObject({ transport: 'webrtc', state: 'playing' })
    // Which layer is shown, and by what it came before, is a matter of the machine.
    const { width, height, switches, transportHistory } = statistics
    const known = `${player}.broadcast.rungs.length > 0 && ${player}.ladder.map(({ width, height }) => ({ width, height }))`
    const ladder = await waitFor('the ladder is known', () => evaluate<object[] | false>(page, known))
    expect(ladder).toContainEqual({ width, height })
    const used = transportHistory.flatMap(({ transport }) => transport ?? [])
    expect(switches).toBe(used.filter((transport, index) => index > 0 && transport !== used[index - 1]).length)
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
      { every: 1_000 },
    )
    await visits.locator('nearcast-player [part=play]').click()
    await expectMoving(visits, 'webrtc')
    await poster.waitFor({ state: 'hidden' })
    expect(browser.problems).toEqual([])
  })
})

/** What is copied, of what is looked at here. */
interface CopiedStatistics {
  readonly width: number
  readonly height: number
  readonly switches: number
  readonly transportHistory: readonly { readonly transport: string | null }[]
}

/** Whether the badge says what the player knows: it is told once a second, the player hears it a little more often. */
const isBadgeTrue = `(() => {
  const { latency, shadowRoot } = ${player}
  const said = Number.parseFloat(shadowRoot.querySelector('[part=latency]').textContent)
  return latency !== null && Math.abs(said - latency) < (latency < 1 ? 0.02 : 0.1)
})()`

/** The values of the statistics. */
const cells = `[...${player}.shadowRoot.querySelectorAll('[part=statistics] dd')].map((cell) => cell.textContent)`

/** Pixels of what is shown, as the statistics write them. */
const shownSize = `${pictureElement}.videoWidth + ' × ' + ${pictureElement}.videoHeight`

/** Frames per second: what the statistics say, and what the element counts for a second. */
async function frameRates(page: Page): Promise<{ told: number; counted: number }> {
  const read = `(async () => {
    const count = () => ${pictureElement}.getVideoPlaybackQuality().totalVideoFrames
    const [before, since] = [count(), performance.now()]
    await new Promise((later) => setTimeout(later, 1_000))
    const counted = ((count() - before) * 1_000) / (performance.now() - since)
    return { told: Number.parseFloat(${cells}[2] ?? ''), counted }
  })()`
  return evaluate(page, read)
}
