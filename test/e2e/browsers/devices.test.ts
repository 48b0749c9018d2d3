/** The studio without what it needs: it says what is wrong, and what the person can do about it. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, waitForStudio } from '../../helpers/broadcast.ts'
import { type LaunchOptions, launchChromium, type TestBrowser } from '../../helpers/browsers.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { startServer } from '../../helpers/server.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** What the page reads out as an alert. */
async function alertOf(page: Page): Promise<string> {
  const alert = page.locator('[role=alert]').first()
  await alert.waitFor()
  return (await alert.textContent()) ?? ''
}

async function openStudio(
  browser: TestBrowser<Page>,
  url: string,
  scripts: string[] = [],
): Promise<{ page: Page; id: string }> {
  const created = await createBroadcast(url)
  const page = await browser.newPage([witnessScript(), ...scripts])
  await page.goto(`${url}/studio/${created.id}#key=${created.publishKey}`)
  return { page, id: created.id }
}

/** A camera that another program holds, until `globalThis.releaseCamera()`; Windows and Android lend one to one program. */
const heldCameraScript = `{
  const devices = navigator.mediaDevices
  const open = devices?.getUserMedia.bind(devices)
  let held = true
  globalThis.releaseCamera = () => { held = false }
  if (open) devices.getUserMedia = (wanted) => held && wanted?.video
    ? Promise.reject(new DOMException('Could not start video source', 'NotReadableError')) : open(wanted)
}`

describe('the studio', () => {
  it('says that the browser was not allowed to use the camera, and opens it once it is', async () => {
    await using server = await startServer()
    // Devices, but nobody who answers the question for permission: a headless browser refuses then.
    const refusing: LaunchOptions = { fakeMedia: false, args: ['--use-fake-device-for-media-stream'] }
    await using browser = await launchChromium(refusing)
    const { page } = await openStudio(browser, server.url)
    expect(await alertOf(page)).toMatch(/^The browser was not allowed to use the camera\. Allow it in the address bar/)
    expect(await page.locator('#go-live').isEnabled()).toBe(false)

    await page.context().grantPermissions(['camera', 'microphone'])
    await page.getByRole('button', { name: 'Try again' }).click()
    await waitForStudio(page, 'preview')
    expect(await page.locator('[role=alert]').count()).toBe(0)
    expect(browser.problems).toEqual([])
  })

  it('says that another program holds the camera, and opens it once that is closed', async () => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const { page } = await openStudio(browser, server.url, [heldCameraScript])
    expect(await alertOf(page)).toMatch(/^The camera is used by another program, or does not work\. Close the other/)
    // The microphone works: what there is can be sent.
    await waitForStudio(page, 'preview')
    await page.evaluate('releaseCamera()')
    await page.getByRole('button', { name: 'Try again' }).click()
    await waitFor('the preview shows the camera', () =>
      page.evaluate('document.querySelector("video")?.videoWidth > 0'),
    )
    expect(await page.locator('[role=alert]').count()).toBe(0)
    expect(browser.problems).toEqual([])
  })

  it('says that the browser is too old to broadcast, and which ones are not', async () => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const { page } = await openStudio(browser, server.url, ['delete globalThis.RTCPeerConnection'])
    expect(await alertOf(page)).toMatch(
      /^This browser is too old to broadcast\. Use a current Chrome, Edge, Safari or Fire/,
    )
    expect(await page.locator('#go-live').isEnabled()).toBe(false)
    expect(browser.problems).toEqual([])
  })

  it('says that no camera was found, and goes live with sound alone', async () => {
    await using server = await startServer()
    const blind = ['--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream']
    await using browser = await launchChromium({ fakeMedia: false, args: blind })
    const { page, id } = await openStudio(browser, server.url)
    expect(await alertOf(page)).toMatch(/^No camera was found\. Plug one in, then try again\./)
    await waitForStudio(page, 'preview')
    await page.click('#go-live')
    await waitForStudio(page, 'live')
    await waitFor('the broadcast is live', async () => (await broadcastFacts(server.url, id)).state === 'live')
    expect(browser.problems).toEqual([])
  })

  it('says on a page that is no secure context why there is no camera and how to get one', async () => {
    await using network = await TestNetwork.create()
    await using server = await startServer()
    await using browser = await launchChromium()
    const { page } = await openStudio(browser, `http://${network.hostAddress}:${server.port}`)
    expect(await page.evaluate('isSecureContext')).toBe(false)
    const words = await alertOf(page)
    expect(words).toMatch(/^This page is not secure, so the browser gives it no camera\./)
    expect(words).toContain('http://localhost')
    expect(words).toContain('NEARCAST_TLS_CERT')
    expect(await page.locator('#go-live').isEnabled()).toBe(false)
    expect(browser.problems).toEqual([])
  })
})
