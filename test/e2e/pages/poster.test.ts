/** The picture of a public broadcast: on the home page, in link previews, and after its end. */
import { mkdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockGrid } from '../../helpers/clockGrid.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, callSource, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { otherProblems } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds: the picture is one of HTTP delivery, and the home page looks again every 15 s only. */
const PATIENCE = 45_000

describe('the picture of a broadcast', () => {
  it('is on the home page, in the preview of its link, and still there when it is over', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const title = 'Garden & "friends"'
    const created = await createBroadcast(server.url, { title, visibility: 'public' })
    const poster = `${server.url}/hls/${created.id}/poster.jpg`
    expect((await fetch(poster)).status).toBe(404)
    const live = Date.now()
    const studio = await goLive(browser, server.url, created)
    const look = async () => {
      const answer = await fetch(poster)
      return answer.status === 200 && answer
    }
    const first = await waitFor('there is a picture', look, { deadline: PATIENCE })
    expect(first.headers.get('content-type')).toBe('image/jpeg')

    const home = await browser.newPage()
    await home.goto(server.url)
    const reading = await waitFor('the home page shows the picture', () => readPicture(home), { deadline: PATIENCE })
    expect(reading).toMatchObject({ source: 1, upright: true })
    expect(reading.ms).toBeGreaterThan(live - 20_000)
    expect(reading.ms).toBeLessThanOrEqual(Date.now())
    const folder = process.env.NEARCAST_TEST_SCREENSHOTS
    if (folder) {
      await mkdir(folder, { recursive: true })
      for (const [name, width, height] of [
        ['desktop', 1280, 800],
        ['phone', 390, 844],
      ] as const) {
        await home.setViewportSize({ width, height })
        await home.screenshot({ path: `${folder}/home-${name}.png`, fullPage: true })
      }
    }

    const page = await (await fetch(`${server.url}/watch/${created.id}`)).text()
    expect(page).toContain('<title>Garden &amp; &quot;friends&quot; – Nearcast</title>')
    const [, image = ''] = /<meta property="og:image" content="(http[^"]+\/poster\.jpg)" \/>/.exec(page) ?? []
    expect((await fetch(image.replace(/^https?:..[^/]+/, server.url))).status).toBe(200)

    await studio.click('#end-broadcast')
    const ended = async () => (await fetch(`${server.url}/api/broadcasts`).then((answer) => answer.json())).broadcasts
    await waitFor('the broadcast is over', async () => (await ended()).length === 0)
    const last = await fetch(poster)
    expect([last.status, last.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
    expect(otherProblems(browser)).toEqual([])
  })
})

/** What the clock picture in the list says; null while there is none. */
async function readPicture(page: AnyPage): Promise<ReturnType<ReturnType<typeof clockGrid>['decode']>> {
  const read = (grid: ReturnType<typeof clockGrid>) => {
    const picture = document.querySelector<HTMLImageElement>('.live-picture img')
    if (!picture?.complete || picture.naturalWidth === 0) return null
    const canvas = new OffscreenCanvas(320, 180)
    const context = canvas.getContext('2d')
    if (!context) return null
    context.drawImage(picture, 0, 0, canvas.width, canvas.height)
    return grid.decode(context.getImageData(0, 0, canvas.width, canvas.height))
  }
  return evaluate(page, callSource(read, `(${clockGrid.toString()})()`))
}
