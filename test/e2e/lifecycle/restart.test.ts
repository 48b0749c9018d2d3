/** The server is stopped or killed, and started again at the same place. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { ourProcesses } from '../../helpers/processes.ts'
import { RawClient, viewerAuth } from '../../helpers/rawClient.ts'
import { startServer, type TestServer } from '../../helpers/server.ts'
import { expectMoving, isSamePage, markPage, otherProblems, pictureSince } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** What a browser says while there is no server. */
const unreachable =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|WebSocket connection to/
/** What it says of a playlist that is not there yet. */
const notYet = /status of 404 .*\/hls\//

describe('a server', () => {
  it('takes up its broadcasts after an orderly stop and after a kill, as if nothing had been', async ({ annotate }) => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'nc-restart-'))
    await using browser = await launchChromium()
    let server = await startServer({ dataDirectory })
    try {
      const again = { dataDirectory, rtcPort: server.rtcPorts[0] ?? 0, env: { PORT: `${server.port}` } }
      const created = await createBroadcast(server.url)
      const studio = await goLive(browser, server.url, created)
      await using playlists = PlaylistWitness.create(server.url, created.id)
      const direct = await watch(browser, server.url, created.id)
      await expectMoving(direct, 'webrtc')
      const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
      await expectMoving(smooth, 'llhls')
      await markPage(direct)
      await markPage(smooth)

      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await using told = await RawClient.connect(server.url, viewerAuth(created.id))
        expect(await told.request('watch:join')).toMatchObject({ ok: true })
        const children = childrenOf(server)
        expect(children.length).toBeGreaterThanOrEqual(2 + 2)
        const exit = await server.stop(signal)
        const newest = playlists.newest
        await annotate(`${signal}: gone after ${Math.round(exit.ms)} ms`)
        if (signal === 'SIGTERM') {
          expect(exit).toMatchObject({ code: 0, signal: null })
          expect(exit.ms).toBeLessThan(5000)
          const lastWords = () => told.notices.find(({ name }) => name === 'closed')?.payload
          expect(await waitFor('its last words', lastWords)).toMatchObject({ code: 'shutting-down' })
          expect(alive(children)).toEqual([])
        } else {
          await waitFor('its processes have noticed', () => alive(children).length === 0, { deadline: 5000 })
        }
        await waitForStudio(studio, 'reconnecting')

        const started = Date.now()
        server = await startServer(again)
        await waitForStudio(studio, 'live')
        const live = Date.now()
        await pictureSince(direct, live)
        await annotate(`${signal}: WebRTC picture ${Date.now() - started} ms after the new start`)
        await pictureSince(smooth, live)
        await annotate(`${signal}: HLS picture from then ${Date.now() - started} ms after the new start`)
        await expectMoving(direct, 'webrtc')
        await waitForPlayer(smooth, { state: 'playing' })
        expect([await isSamePage(direct), await isSamePage(smooth)]).toEqual([true, true])
        const numbers = [...playlists.last.keys()].map((id) => playlists.since(id, newest + 1)[0]?.sequence ?? -1)
        // A layer may join a segment or two later than the others.
        expect(playlists.breaks).toContain(Math.min(...numbers))
        const late = await watch(browser, server.url, created.id)
        await expectMoving(late, 'webrtc')
        await late.close()
      }

      await studio.click('#end-broadcast')
      await Promise.all([waitForPlayer(direct, { state: 'ended' }), waitForPlayer(smooth, { state: 'ended' }, 30_000)])
      await playlists.close()
      expect([...playlists.faults]).toEqual([])
      await server.stop()
      server = await startServer(again)
      expect((await broadcastFacts(server.url, created.id)).state).toBe('ended')
      const gone = await fetch(`${server.url}/hls/${created.id}/index.m3u8`)
      expect([gone.status, await gone.json()]).toEqual([
        410,
        { error: expect.objectContaining({ code: 'broadcast-ended' }) },
      ])
      expect(otherProblems(browser, unreachable, notYet)).toEqual([])
    } finally {
      await server.close()
      await rm(dataDirectory, { recursive: true, force: true })
    }
  })

  it('stops at once at the second signal', async ({ annotate }) => {
    await using server = await startServer()
    await using browser = await launchChromium()
    await goLive(browser, server.url, await createBroadcast(server.url))
    await server.logged('the sound is tapped', ({ msg, tap }) => msg === 'tap delivers' && tap === 'audio')
    // A frozen FFmpeg keeps the orderly way from being over before the second signal comes.
    const frozen = server.logs().findLast(({ msg, tap }) => msg === 'tap started' && tap === 'audio')?.pid
    if (typeof frozen !== 'number') throw new Error('no FFmpeg for the sound')
    process.kill(frozen, 'SIGSTOP')
    try {
      process.kill(server.pid, 'SIGTERM')
      await server.logged('the first signal', ({ msg }) => msg === 'shutting down')
      const exit = await server.stop('SIGINT')
      await annotate(`gone ${Math.round(exit.ms)} ms after the second signal`)
      // The orderly way has another code: it was still under way.
      expect(exit).toMatchObject({ code: 130 })
      expect(server.logs().map(({ msg }) => msg)).toContain('second signal: stopping at once')
    } finally {
      process.kill(frozen, 'SIGCONT')
    }
  })
})

/** Media workers and FFmpegs that the server has started and not ended. */
function childrenOf(server: TestServer): number[] {
  return ourProcesses()
    .filter(({ parent }) => parent === server.pid)
    .map(({ pid }) => pid)
}

function alive(pids: readonly number[]): string[] {
  return ourProcesses()
    .filter(({ pid }) => pids.includes(pid))
    .map(({ pid, command }) => `${pid} ${command}`)
}
