/** What the server sends over HTTP keeps every rule of HLS and LL-HLS, as the suite of test/conformance reads them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conform } from '../conformance/conform.ts'
import { faultsOf, renderReport } from '../conformance/report.ts'
import { broadcastFacts, createBroadcast, goLive, waitForStudio } from '../helpers/broadcast.ts'
import { launchChromium } from '../helpers/browsers.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { PlaylistWitness } from '../helpers/PlaylistWitness.ts'
import { startServer } from '../helpers/server.ts'
import { waitFor } from '../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Longest recording in seconds; all end sooner, with the broadcast. */
const LONGEST = 110
/** Milliseconds of the live broadcast that are recorded. */
const LIVE = 40_000
/** Milliseconds without a source: longer than a request waits, which is three target durations of 3 s. */
const AWAY = 11_000

const addressOf = (url: string, id: string) => `${url}/hls/${id}/index.m3u8`

describe('the conformance suite finds nothing wrong', () => {
  it('with a broadcast of a browser, from its beginning to its end', async ({ annotate }) => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created)
    const recording = conform(addressOf(server.url, created.id), { seconds: LONGEST })
    await pause(LIVE)
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    const report = await recording
    await annotate(renderReport(report).join('\n'))
    expect(faultsOf(report)).toEqual([])
    const reasons = report.results.flatMap(({ reason }) => reason ?? [])
    expect(reasons).not.toContain('low latency is not offered')
  })

  it('while the broadcaster is away for longer than requests wait, and when it is back', async ({ annotate }) => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created)
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const recording = conform(addressOf(server.url, created.id), { seconds: LONGEST })
    await waitFor('eight segments are there', () => playlists.newest > 8, { deadline: 40_000 })
    await studio.goto('about:blank')
    const state = async () => (await broadcastFacts(server.url, created.id)).state
    await waitFor('the server noticed', async () => (await state()) === 'interrupted', { deadline: 15_000 })
    const newest = playlists.newest
    await pause(AWAY)
    // The same page with the same key resumes by itself.
    await studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(studio, 'live')
    await waitFor('it goes on', () => playlists.newest > newest + 8, { deadline: 40_000 })
    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    const report = await recording
    await annotate(renderReport(report).join('\n'))
    expect(faultsOf(report)).toEqual([])
    expect(report.results.find(({ name }) => name === 'requests/waits-no-longer')?.verdict).toBe('kept')
  })

  it('over a kill of the server and its new start', async ({ annotate }) => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'nc-conformance-'))
    await using browser = await launchChromium()
    let server = await startServer({ dataDirectory })
    try {
      const again = { dataDirectory, rtcPort: server.rtcPorts[0] ?? 0, env: { PORT: `${server.port}` } }
      const created = await createBroadcast(server.url)
      const studio = await goLive(browser, server.url, created)
      await using playlists = PlaylistWitness.create(server.url, created.id)
      const recording = conform(addressOf(server.url, created.id), { seconds: LONGEST })
      await waitFor('eight segments are there', () => playlists.newest > 8, { deadline: 40_000 })
      await server.stop('SIGKILL')
      const newest = playlists.newest
      await waitForStudio(studio, 'reconnecting')
      server = await startServer(again)
      await waitForStudio(studio, 'live')
      await waitFor('it goes on', () => playlists.newest > newest + 10, { deadline: 50_000 })
      await studio.click('#end-broadcast')
      await waitForStudio(studio, 'ended')
      const report = await recording
      await annotate(renderReport(report).join('\n'))
      expect(faultsOf(report)).toEqual([])
      expect(report.seen.map(({ outages }) => outages.length)).not.toContain(0)
    } finally {
      await server.close()
      await rm(dataDirectory, { recursive: true, force: true })
    }
  })
})
