/** What the server sends over HTTP keeps every rule of HLS and LL-HLS, as the suite of test/conformance reads them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conform } from '../conformance/conform.ts'
import { faultsOf, renderReport } from '../conformance/report.ts'
import { createBroadcast, goLive, waitForStudio } from '../helpers/broadcast.ts'
import { launchChromium } from '../helpers/browsers.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { startServer } from '../helpers/server.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Seconds of the live broadcast that are recorded before it is ended, and longest of the whole recording. */
const LIVE = 40
const LONGEST = 75

/** Rules that wait for a part of the server that is not there yet. */
const notBuiltYet = /^i-frames\/present /

describe('the conformance suite', () => {
  it('finds nothing wrong with a broadcast of a browser, from its beginning to its end', async ({ annotate }) => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created)
    const recording = conform(`${server.url}/hls/${created.id}/index.m3u8`, { seconds: LONGEST })
    await new Promise<void>((over) => setTimeout(over, LIVE * 1000))
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    const report = await recording
    await annotate(renderReport(report).join('\n'))
    expect(faultsOf(report).filter((fault) => !notBuiltYet.test(fault))).toEqual([])
  })
})
