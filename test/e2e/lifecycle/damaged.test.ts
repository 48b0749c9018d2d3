/** Media that no decoder takes: the player goes on by itself, and nobody is told that somebody pressed pause. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  broadcastFacts,
  createBroadcast,
  goLive,
  waitForPlayer,
  waitForStudio,
  watch,
} from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import {
  expectKept,
  expectMoving,
  noteStandstills,
  noteStates,
  otherProblems,
  pictureSince,
  smallCameraScript,
  statesOf,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Turns all media data into ones. The boxes stay: what cannot even be parsed is given up before a decoder sees it. */
function ruin(segment: Buffer): Buffer {
  for (let at = 0; at + 8 <= segment.length; at += Math.max(8, segment.readUInt32BE(at))) {
    const isMedia = segment.toString('latin1', at + 4, at + 8) === 'mdat'
    if (isMedia) segment.fill(0xff, at + 8, at + segment.readUInt32BE(at))
  }
  return segment
}

/** From now on all that is fetched of pictures arrives ruined; resolves with how to end that. */
async function damagePictures(page: Page): Promise<() => Promise<void>> {
  const pictures = /\/hls\/[^/]+\/v\d+\/[^/]+\.m4s/
  await page.route(pictures, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: ruin(await answer.body()) })
  })
  return () => page.unrouteAll({ behavior: 'ignoreErrors' })
}

/** The next picture that is pushed after `damageOfTest` was set arrives as ones behind its headers. */
const damagePush = `{
  globalThis.damageOfTest = false
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, ...more) {
      super(url, ...more)
      if (new URL(url).pathname.startsWith('/mse/')) this.addEventListener('message', ({ data }) => {
        if (!globalThis.damageOfTest || typeof data === 'string') return
        const bytes = new Uint8Array(data)
        const start = String.fromCharCode(...bytes.subarray(0, 2000)).indexOf('mdat') + 4
        // Sound is far smaller than a picture.
        if (start < 4 || bytes.length < 1200) return
        globalThis.damageOfTest = false
        bytes.fill(0xff, start)
      })
    }
  }
}`

describe('pictures that cannot be decoded', () => {
  it('leave the last good one until there are others, and the player says that it stalls and never that it was paused', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const page = await browser.newPage()
    await page.goto(`${server.url}/watch/${created.id}?prefer=smooth`)
    await expectMoving(page, 'llhls')
    await noteStates(page)
    // An element's error goes with its source: where hls.js takes a new one at once, that is all there is to be seen.
    const noteErrors = ({ target }: Event) =>
      Reflect.get(globalThis, 'errorsOfTest').push(Reflect.get(target ?? {}, 'error')?.code ?? 'emptied')
    // Of whichever element has them: they do not bubble, but pass the shadow root on their way down.
    const root = `document.querySelector('nearcast-player').shadowRoot`
    await evaluate(
      page,
      `{
        globalThis.errorsOfTest = []
        for (const kind of ['error', 'emptied']) ${root}.addEventListener(kind, ${noteErrors}, true)
      }`,
    )

    const mend = await damagePictures(page)
    const errors = () => evaluate<(number | string)[]>(page, 'globalThis.errorsOfTest')
    await waitFor('the decoder gives up', async () => (await errors()).length > 0, { deadline: 30_000 })
    await mend()
    await pictureSince(page, Date.now())
    await expectMoving(page, 'llhls')
    // A decoder's error, and of its successors that they cannot begin (MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED).
    for (const error of await errors()) expect([3, 4, 'emptied']).toContain(error)
    expect(await statesOf(page)).not.toContain('idle')
    expect(await transportHistory(page)).toEqual(['llhls'])
    expect(otherProblems(browser)).toEqual([])
  })

  it('cost a viewer on MSE one that is pushed and a moment, and nothing else', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const isReady = async () => (await broadcastFacts(server.url, created.id)).http === 'ready'
    await waitFor('there is something to play over HTTP', isReady)
    const page = await watch(browser, server.url, created.id, '', ['delete globalThis.RTCPeerConnection', damagePush])
    // Where MSE had no frame in 4 s it is HLS, and MSE again after a minute.
    await expectMoving(page, 'mse')
    await noteStandstills(page)
    const damaged = Date.now()
    const root = `document.querySelector('nearcast-player').shadowRoot`
    await evaluate(
      page,
      `globalThis.errorsOfTest = 0; ${root}.addEventListener('error', () => { errorsOfTest += 1 }, true); damageOfTest = true`,
    )
    await waitFor('the decoder gives up', async () => (await evaluate<number>(page, 'errorsOfTest')) > 0)
    await pictureSince(page, Date.now())
    await annotate(`another picture ${Date.now() - damaged} ms after the damaged one`)
    await expectMoving(page, 'mse')
    await expectKept(page, 'mse')
    expect(otherProblems(browser)).toEqual([])
  })

  it('hold a recording up for a moment, and not for ever', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url, { title: 'Damaged', record: true })
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await waitFor(
      'some segments are recorded',
      async () => {
        const text = await (await fetch(`${server.url}/hls/${created.id}/audio/window.m3u8`)).text()
        return [...text.matchAll(/^#EXTINF:/gm)].length > 4
      },
      { deadline: 40_000 },
    )
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    const page = await browser.newPage()
    // The last picture of one segment, in every rung.
    await page.route(/\/hls\/[^/]+\/v\d+\/[^/]+-2\.m4s/, async (route) => {
      const answer = await route.fetch()
      const body = await answer.body()
      await route.fulfill({ response: answer, body: body.fill(0, body.length - 400) })
    })
    await page.goto(`${server.url}/watch/${created.id}`)
    await waitForPlayer(page, { state: 'playing', transport: 'hls' })
    const playing = Date.now()
    await waitForPlayer(page, { state: 'ended' }, 60_000)
    await annotate(`played to its end in ${Date.now() - playing} ms`)
    expect(otherProblems(browser)).toEqual([])
  })
})
