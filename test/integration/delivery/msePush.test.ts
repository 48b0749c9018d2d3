import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { MseDirectory } from '../../../server/delivery/MseFeed.ts'
import { MsePush } from '../../../server/delivery/MsePush.ts'
import { STALE_AFTER_MS } from '../../../server/delivery/Outflow.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { NearcastError } from '../../../shared/errors.ts'
import { FakeMseFeed, fakeTrack } from '../../helpers/fakeMseFeed.ts'
import { exchange, startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const id = 'AAAAbbbbCCCCdddd'
const [picture, sound] = [fakeTrack(1, 'v1'), fakeTrack(2, 'audio')]

let clock: ManualClock
let feed: FakeMseFeed
let metrics: Metrics
let server: TestHttpServer
let io: Server
let push: MsePush
/** Tokens of those who have a seat; null of those without our signaling. */
let seated: (string | null)[] = []
let dismiss = () => {}

const directory: MseDirectory = {
  mse(asked) {
    if (asked !== id) throw new NearcastError('broadcast-not-found')
    return feed
  },
  seatMseViewer(_id, token, left) {
    if (token === 'unknown') throw new NearcastError('unknown-id')
    seated.push(token)
    dismiss = left
    return () => void seated.splice(seated.indexOf(token), 1)
  },
}

beforeEach(async () => {
  clock = new ManualClock()
  feed = new FakeMseFeed()
  feed.tracks = [picture, sound]
  metrics = new Metrics()
  seated = []
  server = await startHttpServer((_req, res) => res.end())
  io = new Server(server.server)
  push = new MsePush({
    httpServers: [server.server],
    others: [io.path()],
    directory,
    embedOrigins: ['https://friend.example'],
    publicUrl: null,
    connectionsPerAddress: 3,
    maxConnections: 3,
    addressOf: (request) => request.headers['x-test-address']?.toString() ?? '192.0.2.1',
    metrics,
    clock,
    log: { error() {} },
  })
})
afterEach(async () => {
  await push.close('shutting-down')
  await io.close()
  await server[Symbol.asyncDispose]()
})

/** A viewer who notes what comes. */
async function watch(path = `/mse/${id}`, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, {
    headers: { origin: 'https://friend.example', ...headers },
  })
  const got: string[] = []
  socket.on('message', (data: Buffer, isBinary) =>
    got.push(isBinary ? `${data[0]}/${data[1]} ${data.subarray(2, 100)}` : `${data}`),
  )
  const closed = new Promise<string>((done) => socket.once('close', (code, reason) => done(`${code} ${reason}`)))
  const refused = new Promise<never>((_, fail) =>
    socket.once('unexpected-response', (_request, answer) => {
      fail(new Error(`${answer.statusCode}`))
      answer.destroy()
    }),
  )
  socket.on('error', () => {})
  await Promise.race([once(socket, 'open'), refused])
  return { socket, got, closed }
}

const handshake = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n${more}\r\n`

describe('the MSE push', () => {
  it('sends the description, the inits, what there is since the IDR, and what comes', async () => {
    const { got, socket } = await watch()
    await waitFor('all has come', () => got.length === 5)
    expect(JSON.parse(got[0] ?? '')).toEqual({
      type: 'init',
      version: 1,
      tracks: [
        { id: 1, mime: 'video/mp4; codecs="avc1.42c01f"', rendition: 'v1' },
        { id: 2, mime: 'audio/mp4; codecs="mp4a.40.2"', rendition: 'audio' },
      ],
      timeOrigin: feed.timeOrigin,
    })
    expect(got.slice(1)).toEqual(['1/0 init v1', '2/0 init audio', '1/2 backlog v1', '2/2 backlog audio from 7'])
    feed.send(picture, false)
    await waitFor('the next has come', () => got.length === 6)
    expect(got[5]).toBe('1/1 media')
    expect(socket.extensions).toBe('')
  })

  it('gives the rendition asked for', async () => {
    const { got } = await watch(`/mse/${id}?rendition=audio`)
    await waitFor('all has come', () => got.length === 3)
    expect(got.slice(1)).toEqual(['2/0 init audio', '2/2 backlog audio'])
  })

  it('seats each socket, with the token of its viewer if it has one, until it is gone', async () => {
    const first = await watch()
    const ours = await watch(`/mse/${id}?viewer=token`)
    expect([seated, push.size]).toEqual([[null, 'token'], 2])
    first.socket.close()
    ours.socket.terminate()
    await waitFor('both are gone', () => push.size === 0 && seated.length === 0)
    expect(feed.listenerCount('chunk')).toBe(0)
    await expect(watch(`/mse/${id}?viewer=unknown`)).rejects.toThrow('404')
  })

  it('closes the socket of a viewer who is gone', async () => {
    const { closed } = await watch(`/mse/${id}?viewer=token`)
    dismiss()
    expect(await closed).toBe('4409 wrong-state')
  })

  it('leaves signaling alone', async () => {
    const signaling = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`)
    const [first] = (await once(signaling, 'message')) as [Buffer]
    expect(`${first}`).toMatch(/^0\{"sid"/)
    signaling.terminate()
  })

  it('tells who is there that it stops', async () => {
    const { closed } = await watch()
    await push.close('shutting-down')
    expect(await closed).toBe('4503 shutting-down')
    await expect(watch()).rejects.toThrow('503')
  })

  it('closes when the broadcast has ended', async () => {
    const { closed } = await watch()
    feed.end()
    expect(await closed).toBe('4410 broadcast-ended')
    expect(metrics.render()).toContain('nearcast_mse_closed_total{code="broadcast-ended"} 1')
  })
})

describe('the MSE push refuses', () => {
  it.each([
    [`/mse/${id}x`, 404],
    ['/mse/', 404],
    ['/elsewhere', 404],
    [`/mse/${id}/v1`, 404],
    ['/mse/AAAAbbbbCCCCeeee', 404],
    [`/mse/${id}?rendition=..%2f`, 400],
    [`/mse/${id}?rendition=`, 400],
  ])('%s with %i', async (path, status) => {
    await expect(watch(path)).rejects.toThrow(`${status}`)
    expect(push.size).toBe(0)
  })

  it('pages of other origins than the operator allows', async () => {
    await expect(watch(`/mse/${id}`, { origin: 'https://stranger.example' })).rejects.toThrow('403')
    const own = await watch(`/mse/${id}`, { origin: `http://127.0.0.1:${server.port}` })
    own.socket.terminate()
  })

  it('more connections than an address may have, or all together', async () => {
    const here = [await watch(), await watch(), await watch()]
    await expect(watch()).rejects.toThrow('429')
    await expect(watch(`/mse/${id}`, { 'x-test-address': '192.0.2.2' })).rejects.toThrow('503')
    here[0]?.socket.close()
    await waitFor('one is gone', () => push.size === 2)
    await watch()
    expect(metrics.render()).toContain('nearcast_mse_refused_total{code="too-many-connections"} 1')
  })

  it.each([
    ['another version', (text: string) => text.replace('Version: 13', 'Version: 7'), /^HTTP\/1\.1 (400|426)/],
    ['no key', (text: string) => text.replace(/Sec-WebSocket-Key.*\r\n/, ''), /^HTTP\/1\.1 400/],
    ['a key that is none', (text: string) => text.replace(/(Sec-WebSocket-Key: ).*/, '$1x'), /^HTTP\/1\.1 400/],
    ['another protocol', (text: string) => text.replace('Upgrade: websocket', 'Upgrade: h2c'), /^HTTP\/1\.1 400/],
    ['another method', (text: string) => text.replace('GET', 'POST'), /^HTTP\/1\.1 405/],
  ])('a handshake with %s, and forgets it', async (_what, spoil, answer) => {
    expect(await exchange(server.port, spoil(handshake(`/mse/${id}`, 'Origin: https://friend.example\r\n')))).toMatch(
      answer,
    )
    await waitFor('nobody is counted', () => seated.length === 0)
    expect(push.size).toBe(0)
  })
})

describe('an MSE client that', () => {
  it.each([
    ['says anything', (socket: WebSocket) => socket.send('hello'), '4400 bad-message'],
    ['says too much', (socket: WebSocket) => socket.send(Buffer.alloc(65)), '1009 '],
  ])('%s is closed', async (_what, misbehave, expected) => {
    const { socket, closed } = await watch()
    misbehave(socket)
    expect(await closed).toBe(expected)
    await waitFor('it is gone', () => push.size === 0)
  })

  it('sends no frames but garbage is closed, and nobody else notices', async () => {
    const other = await watch()
    const rude = await open()
    rude.write(Buffer.alloc(1000, 0xff))
    await once(rude.resume(), 'close')
    await waitFor('it is gone', () => push.size === 1)
    feed.send(picture, false, Buffer.from('still'))
    await waitFor('the other goes on', () => other.got.at(-1) === '1/1 still')
  })

  it('answers no ping is cut off', async () => {
    const silent = await open()
    clock.advanceTo(clock.now() + 15_000)
    clock.advanceTo(clock.now() + 15_000)
    await once(silent.resume(), 'close')
    expect(push.size).toBe(0)
  })

  it('does not read is put off, then closed, and slows nobody', async () => {
    const other = await watch()
    const slow = await open()
    slow.pause()
    const big = Buffer.alloc(1024 * 1024)
    let sent = 0
    const send = async (independent: boolean, bytes: Buffer) => {
      feed.send(picture, independent, bytes)
      sent++
      await waitFor('the other has it', () => other.got.length === 5 + sent, { every: 2 })
    }
    while (!metrics.render().includes('nearcast_mse_skipped_total 1') && sent < 100) await send(false, big)
    // Nothing more is kept for it, however much comes.
    const kept = process.memoryUsage().arrayBuffers
    for (let more = 0; more < 20; more++) await send(true, big)
    await waitFor('what was sent to the other is collected, and nothing else was kept', () => {
      Buffer.alloc(big.length)
      return process.memoryUsage().arrayBuffers - kept < 10 * big.length
    })
    clock.advanceTo(clock.now() + STALE_AFTER_MS + 11_000)
    await send(true, Buffer.from('small'))
    expect(metrics.render()).toContain('nearcast_mse_closed_total{code="too-slow"} 1')
    clock.advanceTo(clock.now() + 1_000)
    await waitFor('it is gone', () => push.size === 1)
    slow.destroy()
  })
})

/** A bare socket after a good handshake. */
async function open(): Promise<Socket> {
  const before = push.size
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(handshake(`/mse/${id}`, 'Origin: https://friend.example\r\n'))
  await waitFor('it is let in', () => push.size === before + 1)
  return socket
}
