/** The player in the page of somebody else. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveBlankPage } from '../../helpers/blankPage.ts'
import { createBroadcast, goLive } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('an embedded player', () => {
  it('plays over WebRTC and over HLS in frames of another origin', async () => {
    await using server = await startServer({ workers: 1 })
    await using host = await serveBlankPage()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])

    const page = await browser.newPage()
    await page.goto(host.url)
    for (const [transport, query] of [
      ['webrtc', ''],
      ['llhls', '?prefer=smooth'],
    ] as const) {
      const address = `${server.url}/embed/${created.id}${query}`
      await page.evaluate(`{
        const frame = document.createElement('iframe')
        frame.allow = 'autoplay; fullscreen'
        frame.src = '${address}'
        document.body.append(frame)
      }`)
      const frame = await waitFor('the frame is there', () => page.frame({ url: address }))
      await expectMoving(frame, transport)
      expect(await frame.evaluate('globalThis.origin')).not.toBe(new URL(page.url()).origin)
    }
    expect(browser.problems).toEqual([])
  })

  it('is the only page that others may frame', async () => {
    await using server = await startServer({ workers: 1 })
    const created = await createBroadcast(server.url)
    const ancestors = async (path: string) => {
      const policy = (await fetch(server.url + path)).headers.get('content-security-policy')
      return /frame-ancestors ([^;]*)/.exec(policy ?? '')?.[1]
    }
    expect(await ancestors(`/embed/${created.id}`)).toBe('*')
    for (const path of ['/', `/watch/${created.id}`, `/studio/${created.id}`]) {
      expect(await ancestors(path)).toBe("'none'")
    }
  })
})
