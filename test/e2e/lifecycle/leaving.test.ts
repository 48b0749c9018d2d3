/** Viewers come and go, politely and not: the studio and the API count who is there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ViewerCounts } from '../../../shared/broadcast.ts'
import { broadcastFacts, createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, otherProblems, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('a viewer who leaves', () => {
  it('is counted out, after closing the page, going elsewhere, or losing the browser', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const count = (wanted: ViewerCounts) => expectCounts(server.url, created.id, studio, wanted)
    await count({ total: 0, webrtc: 0, mse: 0, hls: 0 })

    const crashing = await launchChromium()
    try {
      // One after the other: where two begin at once on a slow machine, the first frame may come later than WebRTC is given.
      const direct = await watch(browser, server.url, created.id)
      await expectMoving(direct, 'webrtc')
      const doomed = await watch(crashing, server.url, created.id)
      await expectMoving(doomed, 'webrtc')
      const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
      await expectMoving(smooth, 'llhls')
      await count({ total: 3, webrtc: 2, mse: 0, hls: 1 })
      const words = () => evaluate<string>(direct, "document.querySelector('#viewers').textContent")
      await waitFor('the viewer is told that three watch', async () => (await words()).includes('3'))

      await direct.goto('about:blank')
      const left = performance.now()
      await count({ total: 2, webrtc: 1, mse: 0, hls: 1 })
      await annotate(`counted out ${Math.round(performance.now() - left)} ms after going elsewhere`)
      await smooth.close()
      const closed = performance.now()
      await count({ total: 1, webrtc: 1, mse: 0, hls: 0 })
      await annotate(`counted out ${Math.round(performance.now() - closed)} ms after the page was closed`)
    } finally {
      await crashing.close()
    }
    const lost = performance.now()
    await count({ total: 0, webrtc: 0, mse: 0, hls: 0 })
    await annotate(`counted out ${Math.round(performance.now() - lost)} ms after the browser was gone`)

    // A player of another make is known by the session in its playlists' addresses.
    const multivariant = await (await fetch(created.urls.hls.replace(/^https?:..[^/]+/, server.url))).text()
    const playlist = multivariant.split('\n').find((line) => /^[^#].*session=/.test(line))
    const fetched = await fetch(`${server.url}/hls/${created.id}/${playlist}`)
    expect(fetched.status).toBe(200)
    await count({ total: 1, webrtc: 0, mse: 0, hls: 1 })
    await count({ total: 0, webrtc: 0, mse: 0, hls: 0 })
    expect(otherProblems(browser)).toEqual([])
  })
})

/** Resolves when the API and the studio both say so. */
async function expectCounts(url: string, id: string, studio: AnyPage, wanted: ViewerCounts): Promise<void> {
  let last: unknown
  const read = (selector: string) => evaluate<string>(studio, `document.querySelector('${selector}').textContent`)
  const look = async () => {
    const { viewers } = await broadcastFacts(url, id)
    last = [viewers, await read('#viewers'), await read('#viewers-webrtc'), await read('#viewers-hls')]
    const expected = [wanted, `${wanted.total} watching`, `${wanted.webrtc}`, `${wanted.hls}`]
    return JSON.stringify(last) === JSON.stringify(expected)
  }
  await waitFor(`counted are ${JSON.stringify(wanted)}`, look).catch((error: unknown) => {
    throw new Error(`counted are ${JSON.stringify(last)}, not ${JSON.stringify(wanted)}`, { cause: error })
  })
}
