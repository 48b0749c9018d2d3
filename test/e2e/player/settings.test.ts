/** What a viewer can choose: the quality of the picture and the way it comes, by keys alone, over every transport. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectKept, expectMoving, noteStandstills } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const withoutWebRtc = 'delete globalThis.RTCPeerConnection'
const player = "document.querySelector('nearcast-player')"

/** The words of what has the focus. */
const focusedWords = `(() => {
  const focused = ${player}.shadowRoot.activeElement
  return focused?.labels?.[0]?.textContent ?? focused?.getAttribute('aria-label') ?? ''
})()`

describe('the settings of the player', () => {
  it('change the picture over WebRTC, HLS and MSE, follow its size, and are found again', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript()])
    const page = await watch(browser, server.url, created.id, '', [witnessScript()])
    await expectMoving(page, 'webrtc')
    // What is not known yet is guessed.
    const ladder = `${player}.broadcast.rungs.length === 3 && ${player}.ladder.map(({ height }) => height)`
    const heights = () => evaluate<number[] | false>(page, ladder)
    const [low = 0, middle = 0, high = 0] = await waitFor('the ladder is known', heights, { deadline: 60_000 })
    await hasLines(page, high)

    // The focus is nowhere: keys of the page are keys of its player.
    await page.keyboard.press('s')
    await page.locator('[part=menu][open]').waitFor()
    const saysWhatIsShown = `${focusedWords} === 'Automatic (' + ${pictureElement}.videoHeight + 'p)'`
    await waitFor('the choice says what is shown', () => evaluate<boolean>(page, saysWhatIsShown))
    for (const _down of [high, middle, low]) await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toBe(`${low}p`)
    await hasLines(page, low)
    await page.keyboard.press('ArrowUp')
    await hasLines(page, middle)

    // The choice outlives the transport.
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('Data saver')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toContain('Smooth')
    await waitForPlayer(page, { state: 'playing', transport: 'llhls' })
    await hasLines(page, middle)
    // A layer may be a rung some seconds after it is one of WebRTC's.
    await page.locator(`[part=menu] input[name=quality][value="${high}"]`).waitFor({ timeout: 60_000 })
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowUp')
    await hasLines(page, high)
    expect(await evaluate(page, `[${player}.quality, ${player}.prefer]`)).toEqual([high, 'smooth'])

    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await hasLines(page, middle)
    await page.keyboard.press('Escape')
    await page.locator('[part=menu]').waitFor({ state: 'hidden' })
    await page.reload()
    await expectMoving(page, 'webrtc')
    expect(await evaluate(page, `${player}.quality`)).toBe('saver')
    await hasLines(page, middle)

    // As large as it is seen, where nothing is chosen.
    await evaluate(page, `${player}.quality = 'auto'`)
    await hasLines(page, high)
    // Wider by a third than the lowest is: by so much it is not enlarged.
    await page.setViewportSize({ width: 320, height: 480 })
    await hasLines(page, middle)
    const enlarged = Date.now()
    await page.setViewportSize({ width: 1280, height: 720 })
    await hasLines(page, high)
    await annotate(`enlarged, the picture is better after ${Date.now() - enlarged} ms`)
    await page.close()

    const pushed = await watch(browser, server.url, created.id, `?quality=${low}`, [witnessScript(), withoutWebRtc])
    await expectMoving(pushed, 'mse')
    await hasLines(pushed, low)
    await noteStandstills(pushed)
    await witnessPicture(pushed)
    await evaluate(pushed, `${player}.quality = ${high}`)
    await hasLines(pushed, high)
    await expectMoving(pushed, 'mse')
    await expectKept(pushed, 'mse')
    const record = await pictureRecord(pushed)
    await annotate(`another quality of MSE: ${JSON.stringify(record)}`)
    expect(record.black).toBe(0)
    expect(browser.problems).toEqual([])
  }, 400_000)
})

/** The top layer may be off for some time on a busy machine. */
async function hasLines(page: Page, lines: number): Promise<void> {
  let last = 0
  const look = async () => {
    last = await evaluate<number>(page, `${pictureElement}?.videoHeight ?? 0`)
    return last === lines
  }
  await waitFor(`the picture has ${lines} lines`, look, { deadline: 60_000 }).catch((error: unknown) => {
    throw new Error(`the picture has ${last} lines, not ${lines}`, { cause: error })
  })
}

async function focused(page: Page): Promise<string> {
  return evaluate<string>(page, focusedWords)
}
