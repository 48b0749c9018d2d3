/** Media pushed over a WebSocket: what viewers get whom WebRTC does not reach. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { findBox } from '../../../server/packager/boxReader.ts'
import { type MseInit, mseKinds } from '../../../shared/mse.ts'
import { broadcastFacts, createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import {
  expectKept,
  isSamePage,
  markPage,
  noteStandstills,
  pictureSince,
  smallCameraScript,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** The policy's longest way back to MSE: it is tried again after a minute. Milliseconds. */
const WAY_BACK = 90_000
/** Seconds: a frame that lasts for up to 0.7 s before a key frame may be torn, and is left out (`VideoLane`). */
const LEFT_OUT = 0.8
const moving = { upright: true, monotonic: true, sources: [1] }
const withoutWebRtc = 'delete globalThis.RTCPeerConnection'

/** Keeps the page's WebSockets of the push, so that a test can cut them. */
const keepSockets = `{
  globalThis.pushSockets = []
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, ...more) {
      super(url, ...more)
      if (new URL(url).pathname.startsWith('/mse/')) pushSockets.push(this)
    }
  }
}`

describe('a viewer without WebRTC', () => {
  it('sees and hears by MSE, close to live, also after the connection was cut, until the broadcast ends', async () => {
    await using server = await startServer()
    await using studio = await launchChromium()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const broadcaster = await goLive(studio, server.url, created, [clockCameraScript(), smallCameraScript])
    const page = await watch(browser, server.url, created.id, '', [witnessScript(), withoutWebRtc, keepSockets])
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, WAY_BACK)
    await noteStandstills(page)
    const seen = await watchClock(page, { samples: 30, deadline: 30_000 })
    expect(seen).toMatchObject(moving)
    // Far above what it is on a quiet machine, which the bench measures.
    expect(seen.ageP50).toBeLessThan(4_000)
    expect(Math.abs(seen.latencyErrorP50)).toBeLessThan(1_000)
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    const counted = await waitFor('it is counted', async () => {
      const { viewers } = await broadcastFacts(server.url, created.id)
      return viewers.mse > 0 && viewers
    })
    expect(counted).toEqual({ total: 1, webrtc: 0, mse: 1, hls: 0 })

    await markPage(page)
    await witnessPicture(page)
    const opened = await evaluate<number>(page, '(pushSockets.at(-1).close(), pushSockets.length)')
    await pictureSince(page, Date.now())
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, WAY_BACK)
    expect(await watchClock(page)).toMatchObject(moving)
    const sockets = `[pushSockets[${opened - 1}], pushSockets.at(-1)].map(({ readyState }) => readyState)`
    await expect.poll(() => evaluate(page, sockets)).toEqual([WebSocket.CLOSED, WebSocket.OPEN])
    expect(await evaluate(page, `${pictureElement}.buffered.start(0) <= ${pictureElement}.currentTime`)).toBe(true)
    expect((await pictureRecord(page)).black).toBe(0)
    await expectKept(page, 'mse')

    await broadcaster.click('#end-broadcast')
    await waitForPlayer(page, { state: 'ended' })
    expect((await transportHistory(page)).slice(-2)).toEqual(['mse', null])
    expect(await isSamePage(page)).toBe(true)
    await waitFor('the socket is closed', async () => evaluate<boolean>(page, 'pushSockets.at(-1).readyState === 3'))
    expect([...studio.problems, ...browser.problems]).toEqual([])
  })
})

describe('a client of the push', () => {
  it('is told what comes, and gets it from an IDR on, without a hole, on the server clock', async () => {
    await using server = await startServer()
    await using studio = await launchChromium()
    const created = await createBroadcast(server.url)
    expect(created.urls.mse).toMatch(/^ws:.*\/mse\//)
    await goLive(studio, server.url, created)
    // Asked for before its layer has come, it would be given another one until then.
    await waitFor('the rung is there', async () => {
      const { renditions } = await broadcastFacts(server.url, created.id)
      return renditions.some(({ id }) => id === 'v0')
    })
    const frames: (MseInit | { track: number; kind: number; bytes: Buffer; at: number })[] = []
    const take = (data: Buffer, isBinary: boolean) => {
      frames.push(
        isBinary
          ? { track: data[0] ?? -1, kind: data[1] ?? -1, bytes: data.subarray(2), at: Date.now() }
          : JSON.parse(`${data}`),
      )
    }
    const url = `${server.url}/mse/${created.id}?rendition=v0`
    const socket = await waitFor('the push is there', async () => open(url, take))
    await waitFor('some seconds came', () => frames.length > 300, { deadline: 30_000 })
    expect((await broadcastFacts(server.url, created.id)).viewers).toMatchObject({ total: 1, mse: 1 })
    socket.terminate()

    const init = frames.find((frame) => 'type' in frame)
    expect(frames[0]).toBe(init)
    expect(init).toMatchObject({ version: 1, tracks: [{ rendition: 'v0' }, { rendition: 'audio' }] })
    for (const { id, mime } of init?.tracks ?? []) {
      const ofTrack = frames.flatMap((frame) => ('track' in frame && frame.track === id ? [frame] : []))
      const [first, second, ...rest] = ofTrack
      expect(first?.kind).toBe(mseKinds.init)
      expect(first?.bytes.subarray(4, 8).toString()).toBe('ftyp')
      expect(second?.kind).toBe(mime.startsWith('video/') ? mseKinds.idr : mseKinds.chunk)
      const timescale = mime.startsWith('video/') ? 90_000 : 48_000
      let end: number | null = null
      for (const { bytes, at, kind } of [second, ...rest].flatMap((frame) => frame ?? [])) {
        const { time, duration } = timesOf(bytes)
        // Where the source lost frames, the next is where it belongs: no overlap, hardly ever a hole.
        const hole = end === null ? 0 : (time - end) / timescale
        expect(hole).toBeGreaterThan(-0.2)
        expect(hole).toBeLessThan(kind === mseKinds.idr ? LEFT_OUT : 0.2)
        end = time + duration
        expect(at).toBeGreaterThan((init?.timeOrigin ?? 0) + (time / timescale) * 1000)
      }
    }
    expect(studio.problems).toEqual([])
  })
})

/** Null while the server has nothing to push. What comes first may come with the answer: it is listened to from the start. */
async function open(url: string, take: (data: Buffer, isBinary: boolean) => void): Promise<WebSocket | null> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  socket.on('message', take)
  return new Promise((done) => {
    socket.once('open', () => done(socket))
    socket.once('error', () => done(null))
  })
}

/** Begin and length of a chunk in its timescale. */
function timesOf(chunk: Buffer): { time: number; duration: number } {
  const moof = chunk.subarray(8, chunk.readUInt32BE(0))
  const [tfhd, tfdt, trun] = [
    findBox(moof, 'traf', 'tfhd'),
    findBox(moof, 'traf', 'tfdt'),
    findBox(moof, 'traf', 'trun'),
  ]
  if (!tfhd || !tfdt || !trun) throw new Error('a chunk without tfhd, tfdt or trun')
  const [count, flags] = [trun.readUInt32BE(4), trun.readUInt32BE(0) & 0xffffff]
  const fallback = tfhd.readUInt32BE(8)
  const row = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4
  const rows = 8 + 4 + (flags & 0x4 ? 4 : 0)
  const durations = Array.from({ length: count }, (_, index) =>
    flags & 0x100 ? trun.readUInt32BE(rows + index * row) : fallback,
  )
  return { time: Number(tfdt.readBigInt64BE(4)), duration: durations.reduce((sum, each) => sum + each, 0) }
}
