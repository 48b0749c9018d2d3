/** The doctor in the studio, and what a lost network is to a broadcaster: told truly, and mended without anybody's doing. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { chromiumPath, launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { startCoturn } from '../../helpers/coturn.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { expectMoving, isSamePage, markPage, smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** A browser's ways take seven seconds to be called blocked, on a machine that may be busy. */
const patient = { timeout: 25_000 }

async function openDoctor(studio: Page): Promise<void> {
  await studio.locator('#doctor').waitFor()
  await studio.click('.doctor summary')
}

/** What became of each way that was tried. */
async function ways(studio: Page): Promise<Record<string, string>> {
  const read = `Object.fromEntries([...document.querySelectorAll('#ways dd')].map(({ id, dataset }) => [id, dataset.result]))`
  return evaluate(studio, read)
}

async function tryAgain(studio: Page): Promise<Record<string, string>> {
  await studio.click('#try-ways')
  const areTried = "document.querySelector('#ways').ariaBusy === 'false'"
  await waitFor('the ways are tried', () => evaluate(studio, areTried), { deadline: 60_000 })
  return ways(studio)
}

const findings = (studio: Page) =>
  evaluate<string[]>(studio, "[...document.querySelectorAll('#findings li')].map(({ dataset }) => dataset.code)")

describe('the doctor', () => {
  it('tells what is really sent, that UDP, TCP and TURN work, and who watches how', async () => {
    await using coturn = await startCoturn()
    const env = { NEARCAST_TURN_URLS: coturn.urls.join(','), NEARCAST_TURN_SECRET: coturn.secret }
    await using server = await startServer({ workers: 1, env })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const realTime = await watch(browser, server.url, created.id)
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await openDoctor(studio)

    const all = { 'way-udp': 'works', 'way-tcp': 'works', 'way-turn-udp': 'works', 'way-turn-tcp': 'works' }
    await expect.poll(() => ways(studio), patient).toEqual(all)
    await waitForPlayer(realTime, { state: 'playing', transport: 'webrtc' })
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' })
    const rows =
      "[...document.querySelectorAll('.doctor tbody tr')].map((row) => [row.cells[0].textContent, row.dataset.bitrate])"
    const areSent = async () => {
      const [high, low, sound] = await evaluate<[string, string | undefined][]>(studio, rows)
      return high?.[0] === '640×360' && low?.[0] === '320×180' && Number(high[1]) > 0 && Number(low[1]) > 0 && sound
    }
    // The top layer may be off for some time on a busy machine.
    await waitFor('both layers are sent', areSent, { deadline: 60_000 })
    expect(await studio.textContent('#fact-encoder')).toMatch(/^H\.264, \w+/)
    expect(await studio.textContent('#fact-source')).toMatch(/^640×360 at \d+ frames/)
    expect(await studio.textContent('#fact-path')).toBe('Straight to the server, UDP')
    expect(await studio.textContent('#sent-sound')).toMatch(/^Sound, mono[1-9]\d* kbit/)
    await expect.poll(() => studio.textContent('#lane-webrtc'), patient).toBe('Real time: 1 (50 %)')
    await expect.poll(() => studio.textContent('#lane-hls'), patient).toBe('HLS: 1 (50 %)')
    expect(await studio.getAttribute('#audience-graph > svg', 'aria-label')).toMatch(/at most 2 at once, 2 now\.$/)
    expect(await findings(studio)).not.toContain('noTurn')

    await coturn.stop()
    expect(await tryAgain(studio)).toEqual({ ...all, 'way-turn-udp': 'no-server', 'way-turn-tcp': 'no-server' })
    expect(await findings(studio)).toEqual(expect.arrayContaining(['turnDown']))
    // Trying the ways is nothing that viewers notice, nor anybody who counts them.
    expect(await studio.textContent('#viewers')).toBe('2 watching')
    await expectMoving(realTime, 'webrtc')
    expect(browser.problems).toEqual([])
  })

  it('says on a network without UDP that it is blocked, and with no network for how long viewers wait; then resumes', async () => {
    await using network = await TestNetwork.create()
    await using server = await startServer({ workers: 1, env: { NEARCAST_GRACE_PERIOD: '60' } })
    const url = `http://${network.hostAddress}:${server.port}`
    const executablePath = await network.wrap(chromiumPath)
    await using inside = await launchChromium({
      executablePath,
      args: [`--unsafely-treat-insecure-origin-as-secure=${url}`],
    })
    await using outside = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(inside, url, created, [clockCameraScript(), smallCameraScript])
    await markPage(studio)
    const viewer = await watch(outside, server.url, created.id)
    await openDoctor(studio)
    await expect.poll(() => ways(studio), patient).toEqual({ 'way-udp': 'works', 'way-tcp': 'works' })
    expect(await findings(studio)).toContain('noTurn')

    await network.block(['udp'], server.rtcPorts)
    await waitFor('it goes on over TCP', async () => /TCP/.test((await studio.textContent('#fact-path')) ?? ''), {
      deadline: 30_000,
    })
    await waitForStudio(studio, 'live')
    expect(await tryAgain(studio)).toEqual({ 'way-udp': 'blocked', 'way-tcp': 'works' })
    await expect.poll(() => findings(studio), patient).toEqual(expect.arrayContaining(['udpBlocked', 'sentByTcp']))
    const port = `${server.rtcPorts[0]}`
    expect(await studio.textContent('[data-code=udpBlocked]')).toContain(`UDP to port ${port}`)

    await network.block(['udp', 'tcp'], [...server.rtcPorts, server.port])
    await waitForStudio(studio, 'reconnecting', 30_000)
    const left = async () => Number(await studio.getAttribute('#countdown', 'data-seconds'))
    const first = await left()
    expect(first).toBeGreaterThan(30)
    // By the server's clock, which the page knows to some milliseconds; begun seconds count.
    expect(first).toBeLessThanOrEqual(61)
    await waitFor('it counts down', async () => (await left()) < first)
    expect(await findings(studio)).toContain('interrupted')

    await network.unblock()
    await waitForStudio(studio, 'live', 45_000)
    expect(await studio.locator('#countdown').count()).toBe(0)
    expect(await isSamePage(studio)).toBe(true)
    await expectMoving(viewer, 'webrtc', [1], 45_000)
  })
})

describe('a studio that is left', () => {
  it('asks first while it is live, and only then; meanwhile the screen stays awake', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await browser.newPage([clockCameraScript(), smallCameraScript, noteWakeLocks])
    const asked: string[] = []
    studio.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.dismiss()
    })
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'preview')
    await studio.click('#aid-thirds')
    await studio.reload()
    await waitForStudio(studio, 'preview')
    expect(asked).toEqual([])
    // Only a page that somebody used may ask; and lines are remembered, but never sent.
    await studio.locator('svg.framing line').first().waitFor({ state: 'attached' })
    expect(await evaluate(studio, 'wakeLocksOfTest.held')).toBe(0)

    await studio.click('#go-live')
    await waitForStudio(studio, 'live')
    await waitFor('the screen is kept awake', () => evaluate(studio, 'wakeLocksOfTest.held === 1'))
    await studio.close({ runBeforeUnload: true })
    await expect.poll(() => asked).toEqual(['beforeunload'])
    await waitForStudio(studio, 'live')

    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    await waitFor('the screen may sleep', () => evaluate(studio, 'wakeLocksOfTest.held === 0'))
    expect(browser.problems).toEqual([])
  })
})

/** Counts the wake locks that the page holds. */
const noteWakeLocks = `{
  const locks = (globalThis.wakeLocksOfTest = { held: 0 })
  const lock = WakeLock.prototype.request
  WakeLock.prototype.request = async function (...args) {
    const sentinel = await lock.apply(this, args)
    locks.held++
    sentinel.addEventListener('release', () => locks.held--)
    return sentinel
  }
}`
