/** Pages that are left open while the server is updated: two servers of different versions in one place. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { makeOtherVersion, type OtherVersion } from '../../helpers/otherVersion.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import {
  expectMoving,
  isSamePage,
  markPage,
  otherProblems,
  pictureSince,
  smallCameraScript,
  wordsOf,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

/** Other pages of the same protocol, and another protocol. */
let newPages: OtherVersion
let newProtocol: OtherVersion
beforeAll(async () => {
  newPages = await makeOtherVersion([['client/i18n/en/watch.ts', 'Untitled broadcast', 'Unnamed broadcast']])
  newProtocol = await makeOtherVersion([['shared/protocol.ts', 'PROTOCOL_VERSION = 1', 'PROTOCOL_VERSION = 2']])
}, 240_000)
afterAll(async () => {
  await newPages?.[Symbol.asyncDispose]()
  await newProtocol?.[Symbol.asyncDispose]()
})

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** What a browser says while there is no server, and of playlists that are not there yet. */
const unreachable =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|WebSocket connection to|status of 404 .*\/hls\//

/** Milliseconds that the viewer may look at nothing: what a switch of transports may take (product.md's floor). */
const SWITCH_MS = 4_000

/** Milliseconds for a server to start, a page to find it and to be loaded again, or a picture to come, on a slow machine. */
const PATIENCE = 60_000

/**
 * Notes in the tab's storage, over all pages that are loaded in it, for how long there was nothing to be seen: neither the
 * player's picture nor the last one of the page before. That one goes after a while, which excuses what is dark then until a
 * page has had a picture of its own. Notes as well what the page said about itself, which it does for a few seconds only.
 */
const noteVisit = `{
  const coverLimit = 10_000
  let hasHadPicture = false
  const read = () => JSON.parse(sessionStorage.getItem('visit-of-test') ?? '{"seenAt":null,"longest":0,"said":[]}')
  const look = () => {
    const noted = read()
    const player = document.querySelector('nearcast-player')
    const still = player?.shadowRoot?.querySelector('canvas') ?? document.querySelector('.renewal-cover > *')
    hasHadPicture ||= player?.video?.videoWidth > 0
    const seen = player?.video?.videoWidth > 0 || still !== null
    const isExcused = !hasHadPicture && performance.now() > coverLimit
    const now = Date.now()
    if (noted.seenAt !== null && !isExcused) noted.longest = Math.max(noted.longest, now - noted.seenAt)
    if (seen || isExcused) noted.seenAt = now
    const words = document.querySelector('.renewal-note')?.textContent ?? ''
    if (!noted.said.includes(words)) noted.said.push(words)
    sessionStorage.setItem('visit-of-test', JSON.stringify(noted))
    requestAnimationFrame(look)
  }
  if (location.pathname.startsWith('/watch/')) requestAnimationFrame(look)
}`

const visitOf = async (page: Page): Promise<{ longest: number; said: string[] }> =>
  evaluate(page, "JSON.parse(sessionStorage.getItem('visit-of-test'))")

const attributeOf = (page: Page, name: string): Promise<string | null> =>
  evaluate(page, `document.querySelector('nearcast-player').getAttribute('${name}')`)

describe('pages left open over an update of the server', () => {
  it('say so; viewers’ are loaded again without losing the picture, the studio’s goes on', async ({ annotate }) => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'nc-update-'))
    await using browser = await launchChromium()
    let server = await startServer({ dataDirectory, workers: 1 })
    try {
      const [rtcPort = 0] = server.rtcPorts
      const again = { dataDirectory, rtcPort, workers: 1, env: { PORT: `${server.port}` } }
      const created = await createBroadcast(server.url)
      const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
      const direct = await watch(browser, server.url, created.id, '', [noteVisit])
      const smooth = await watch(browser, server.url, created.id, '?prefer=smooth', [noteVisit])
      await expectMoving(direct, 'webrtc')
      await expectMoving(smooth, 'llhls')
      // Which is more than the address says: it is what the person chose since.
      await evaluate(direct, "document.querySelector('nearcast-player').toggleAttribute('muted', true)")
      const large = await watch(browser, server.url, created.id)
      await waitForPlayer(large, { state: 'playing' }, PATIENCE)
      await large.hover('nearcast-player')
      await large.click('nearcast-player [part="fullscreen"]')
      await waitFor('full screen', () => evaluate<boolean>(large, 'document.fullscreenElement !== null'))
      for (const page of [studio, direct, smooth, large]) await markPage(page)

      await server.stop()
      server = await startServer({ ...again, program: newPages.program })
      const started = Date.now()
      await waitForStudio(studio, 'live', PATIENCE)
      const live = Date.now()
      const said = 'Nearcast was updated, and this page with it.'
      await waitFor('it says what it is', async () => (await visitOf(direct)).said.includes(said), {
        deadline: PATIENCE,
      })
      for (const page of [direct, smooth]) {
        await waitFor('it is loaded again', async () => !(await isSamePage(page)), { deadline: PATIENCE })
      }
      await pictureSince(direct, live, PATIENCE)
      await annotate(`other pages: WebRTC picture ${Date.now() - live} ms after the studio was live again`)
      await pictureSince(smooth, live, PATIENCE)
      await annotate(
        `other pages: HLS picture ${Date.now() - live} ms after that, ${Date.now() - started} after the start`,
      )
      await expectMoving(direct, 'webrtc')
      await expectMoving(smooth, 'llhls')
      expect([await attributeOf(direct, 'muted'), await attributeOf(smooth, 'muted')]).toEqual(['', null])
      const dark = [(await visitOf(direct)).longest, (await visitOf(smooth)).longest]
      await annotate(`other pages: longest without any picture ${dark.join(' and ')} ms`)
      expect(Math.max(...dark)).toBeLessThan(SWITCH_MS)

      expect(await isSamePage(studio)).toBe(true)
      expect(await studio.locator('#outgrown').textContent()).toContain('Nearcast was updated while you are live')
      await waitFor('it waits', async () => (await wordsOf(large)).includes('as soon as it does not disturb you'))
      await expectMoving(large, 'webrtc')
      expect(await isSamePage(large)).toBe(true)
      await evaluate(large, 'document.exitFullscreen()')
      await waitFor('it waits no longer', async () => !(await isSamePage(large)))
      await large.close()

      for (const page of [direct, smooth]) await markPage(page)
      await server.stop()
      server = await startServer({ ...again, program: newProtocol.program })
      await studio.locator('#reload').waitFor({ timeout: PATIENCE })
      expect(await wordsOf(studio)).toContain('This page is too old to go on')
      for (const page of [direct, smooth]) {
        await waitFor('it is loaded again', async () => !(await isSamePage(page)), { deadline: PATIENCE })
      }
      await studio.click('#reload')
      await waitForStudio(studio, 'live', PATIENCE)
      await pictureSince(direct, Date.now(), PATIENCE)
      await expectMoving(direct, 'webrtc')
      expect(await attributeOf(direct, 'muted')).toBe('')
      expect(otherProblems(browser, unreachable)).toEqual([])
    } finally {
      await server.close()
      await rm(dataDirectory, { recursive: true, force: true })
    }
  }, 480_000)
})
