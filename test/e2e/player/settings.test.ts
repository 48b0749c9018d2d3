/** What a viewer can choose: the quality of the picture and the way it comes, by keys alone, over every transport. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const withoutWebRtc = 'delete globalThis.RTCPeerConnection'
const player = "document.querySelector('nearcast-player')"

describe('the settings of the player', () => {
  it('change the picture over WebRTC, HLS and MSE, follow its size, and are found again', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript({ full: true })])
    const page = await watch(browser, server.url, created.id, '', [witnessScript()])
    await expectMoving(page, 'webrtc')
    await hasLines(page, 720)
    await waitFor('the ladder is known', () => evaluate<boolean>(page, `${player}.ladder.length === 3`))

    // The focus is nowhere: keys of the page are keys of its player.
    await page.keyboard.press('s')
    await page.locator('[part=menu][open]').waitFor()
    expect(await focused(page)).toBe('Automatic (720p)')
    for (const _down of [720, 360, 180]) await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toBe('180p')
    await hasLines(page, 180)
    await page.keyboard.press('ArrowUp')
    await hasLines(page, 360)

    // The choice outlives the transport.
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('Data saver')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toContain('Smooth')
    await waitForPlayer(page, { state: 'playing', transport: 'llhls' })
    await hasLines(page, 360)
    // A layer may be a rung some seconds after it is one of WebRTC's.
    await page.locator('[part=menu] input[name=quality][value="720"]').waitFor({ timeout: 30_000 })
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowUp')
    await hasLines(page, 720)
    expect(await evaluate(page, `[${player}.quality, ${player}.prefer]`)).toEqual([720, 'smooth'])

    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await hasLines(page, 360)
    await page.keyboard.press('Escape')
    await page.locator('[part=menu]').waitFor({ state: 'hidden' })
    await page.reload()
    await expectMoving(page, 'webrtc')
    expect(await evaluate(page, `${player}.quality`)).toBe('saver')
    await hasLines(page, 360)

    // As large as it is seen, where nothing is chosen.
    await evaluate(page, `${player}.quality = 'auto'`)
    await hasLines(page, 720)
    await page.setViewportSize({ width: 320, height: 480 })
    await hasLines(page, 180)
    const enlarged = Date.now()
    await page.setViewportSize({ width: 1280, height: 720 })
    await hasLines(page, 720)
    await annotate(`enlarged, the picture is better after ${Date.now() - enlarged} ms`)
    await page.close()

    const pushed = await watch(browser, server.url, created.id, '?quality=180', [witnessScript(), withoutWebRtc])
    await expectMoving(pushed, 'mse')
    await hasLines(pushed, 180)
    await witnessPicture(pushed)
    await evaluate(pushed, `${player}.quality = 720`)
    await hasLines(pushed, 720)
    await expectMoving(pushed, 'mse')
    const record = await pictureRecord(pushed)
    await annotate(`another quality of MSE: ${JSON.stringify(record)}`)
    expect(record).toMatchObject({ black: 0, transports: ['mse'] })
    expect(browser.problems).toEqual([])
  })
})

async function hasLines(page: Page, lines: number): Promise<void> {
  let last = 0
  const look = async () => {
    last = await evaluate<number>(page, `${pictureElement}?.videoHeight ?? 0`)
    return last === lines
  }
  await waitFor(`the picture has ${lines} lines`, look, { deadline: 30_000 }).catch((error: unknown) => {
    throw new Error(`the picture has ${last} lines, not ${lines}`, { cause: error })
  })
}

/** The words of what has the focus. */
async function focused(page: Page): Promise<string> {
  const read = `(() => {
    const focused = ${player}.shadowRoot.activeElement
    return focused?.labels?.[0]?.textContent ?? focused?.getAttribute('aria-label') ?? ''
  })()`
  return evaluate<string>(page, read)
}
