/** The player as a module in a page of another origin: everything it needs comes from the server of the broadcast. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveBlankPage } from '../../helpers/blankPage.ts'
import { createBroadcast, goLive } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const html = new URL('../../helpers/embedding.html', import.meta.url)
const withoutWebRtc = 'delete globalThis.RTCPeerConnection'

describe('the player in the page of somebody else', () => {
  it('plays over WebRTC, falls back to HTTP, and is dressed and steered by that page', async () => {
    await using server = await startServer({ workers: 1 })
    await using host = await serveBlankPage({ '/page.html': await readFile(html) })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const module = await fetch(`${server.url}/player/nearcast-player.js`)
    expect([module.headers.get('access-control-allow-origin'), module.headers.get('cache-control')]).toEqual([
      '*',
      'no-cache',
    ])

    for (const { transport, prefer, scripts } of [
      { transport: 'webrtc', prefer: 'auto', scripts: [] },
      { transport: 'mse', prefer: 'auto', scripts: [withoutWebRtc] },
      { transport: 'llhls', prefer: 'smooth', scripts: [] },
    ] as const) {
      const page = await browser.newPage([...scripts])
      await page.goto(`${host.url}page.html#server=${server.url}&id=${created.id}&prefer=${prefer}`)
      await expectMoving(page, transport)
      const heard = await evaluate<string[]>(page, 'heard')
      expect(new Set(heard)).toEqual(new Set(['broadcastchange', 'transportchange', 'statechange']))
      const styles = `(() => {
        const player = document.querySelector('nearcast-player')
        const part = (name) => getComputedStyle(player.shadowRoot.querySelector('[part=' + name + ']'))
        return [getComputedStyle(player).borderRadius, part('live').backgroundColor, part('controls').paddingLeft]
      })()`
      await expect.poll(() => evaluate(page, styles)).toEqual(['12px', 'rgb(0, 100, 50)', '20px'])
      // What is loaded later comes from there, too.
      await page.locator('nearcast-player [part=settings]').click()
      await page.locator('[part=menu][open]').waitFor()
      expect(await page.locator('[part=menu] input').first().isChecked()).toBe(true)
      await page.close()
    }
    expect(browser.problems).toEqual([])
  })
})
