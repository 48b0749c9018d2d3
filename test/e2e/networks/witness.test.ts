/** The witness before its testimony: it must see black and standing pictures, or it could not say that there were none. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveBlankPage } from '../../helpers/blankPage.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { callItself } from '../../helpers/loopback.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, routes, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('the witness', () => {
  it('tells a moving picture from a frozen one and from black, and how the page is connected', async () => {
    await using site = await serveBlankPage()
    await using browser = await launchChromium()
    const page = await browser.newPage([witnessScript(), clockCameraScript()])
    await page.goto(site.url)
    await callItself(page)
    await witnessPicture(page)
    await waitFor('many repaints', async () => (await pictureRecord(page)).looks > 60)
    expect(await routes(page)).toMatchObject([{ protocol: 'udp' }, { protocol: 'udp' }])
    // Moving or frozen is told by changes, not by how long they take: a busy machine draws rarely.
    for (let last = 0, change = 0; change < 5; change++) {
      last = await waitFor('the picture changes', async () => {
        const { lastChange } = await pictureRecord(page)
        return lastChange !== null && lastChange > last && lastChange
      })
    }
    expect((await pictureRecord(page)).black).toBe(0)

    await page.evaluate("document.querySelector('video').pause()")
    const repaints = async (from: number) => {
      await waitFor('more repaints', async () => (await pictureRecord(page)).looks > from + 30)
      return pictureRecord(page)
    }
    const frozen = await repaints((await pictureRecord(page)).looks)
    const atLeast = frozen.longestStandstill + 1500
    await waitFor('a standstill', async () => (await pictureRecord(page)).longestStandstill > atLeast)
    const later = await repaints(frozen.looks)
    expect(later).toMatchObject({ black: 0, lastChange: frozen.lastChange })
    await page.evaluate("document.querySelector('video').srcObject = null")
    await waitFor('black', async () => (await pictureRecord(page)).black > 0)
    expect(browser.problems).toEqual([])
  })

  it('reports what the content security policy of a page refuses', async () => {
    await using site = await serveBlankPage()
    await using browser = await launchChromium()
    const page = await browser.newPage([witnessScript()])
    await page.goto(site.url)
    await page.evaluate(`{
      const policy = document.createElement('meta')
      policy.httpEquiv = 'Content-Security-Policy'
      policy.content = "img-src 'none'"
      document.head.append(policy)
      new Image().src = '/forbidden.png'
    }`)
    await waitFor('the refusal', () => browser.problems.some((problem) => problem.includes('securitypolicyviolation')))
  })
})
