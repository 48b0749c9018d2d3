import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Emitter } from '../../../../client/lib/Emitter.ts'
import { Publisher } from '../../../../client/publish/Publisher.ts'
import { NearcastError } from '../../../../shared/errors.ts'
import { ManualClock, START } from '../../../helpers/packager/ManualClock.ts'

const status = { muted: false, cameraOff: false, screen: false }
const tracks = { video: null, audio: null, screen: false, music: false }
const view = { id: 'abcdefghijklmnop', state: 'live', sending: true }

class FakeTransport extends Emitter<{ lost: []; path: [isThere: boolean] }> {
  readonly id: string = `transport-${opened.length}`
  isUsable = true
  sent = 0
  readonly mend = (): void => {}
  readonly revive = (): void => {}
  readonly updateIceServers = async (): Promise<void> => {}
  readonly getStats = (): Promise<never> => Promise.reject(new Error('none'))
  readonly send = async (): Promise<void> => onSend(this, ++this.sent)
  readonly lose = (): void => this.emit('lost')
  readonly close = (): void => {
    this.isUsable = false
  }
}

let server: Server
let publisher: Publisher
let opened: FakeTransport[]
let joins: unknown[]
let onOpen: () => void
/** What the test lets happen when the n-th send of a transport is asked for. */
let onSend: (transport: FakeTransport, time: number) => void | Promise<void>

beforeEach(() => {
  opened = []
  joins = []
  onOpen = () => {}
  onSend = () => {}
})

afterEach(async () => {
  publisher.close()
  await server.close()
})

/** A server that takes everything, and a publisher that is live on it. */
async function live(): Promise<{ socket: () => Socket; clock: ManualClock }> {
  const http = createServer()
  server = new Server(http)
  let current: Socket | undefined
  server.on('connection', (socket) => {
    current = socket
    socket.on('publish:join', (params, ack) => {
      joins.push(params.transportId)
      const resumed = params.transportId !== undefined
      ack({ ok: true, value: { broadcast: view, rtpCapabilities: {}, iceServers: [], resumed } })
    })
    socket.on('publish:status', (_params, ack) => ack({ ok: true, value: null }))
    socket.on('clock', (_params, ack) => ack({ ok: true, value: { now: START } }))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const clock = new ManualClock()
  publisher = Publisher.create({
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    broadcastId: 'abcdefghijklmnop',
    publishKey: 'key',
    tracks,
    status,
    relayOnly: false,
    clock,
    openTransport: async () => {
      const transport = new FakeTransport()
      opened.push(transport)
      onOpen()
      return transport
    },
  })
  await expect.poll(() => publisher.state.kind).toBe('live')
  return { socket: () => current as Socket, clock }
}

/** Drops the connection and resolves when the publisher has joined over another. */
async function reconnect(): Promise<void> {
  const before = joins.length
  server.disconnectSockets(true)
  await expect.poll(() => publisher.state.kind).toBe('reconnecting')
  await expect.poll(() => joins.length, { timeout: 4000 }).toBeGreaterThan(before)
  await expect.poll(() => publisher.state.kind, { timeout: 4000 }).toBe('live')
}

const noConnection = () => new NearcastError('internal', 'There is no connection to the server.')

describe('Publisher', () => {
  it('keeps no transport on which sending broke off: the next one carries everything', async () => {
    onSend = (transport) => {
      if (transport === opened[0]) throw noConnection()
    }
    await live()
    expect(joins).toEqual([undefined, undefined])
    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, true])
  })

  it('goes on with the transport that both ends still have, and sends on it what is missing', async () => {
    await live()
    onSend = async (_transport, time) => {
      if (time > 2) return
      server.disconnectSockets(true)
      await expect.poll(() => publisher.state.kind).toBe('reconnecting')
      throw noConnection()
    }
    await expect(publisher.setTracks(tracks)).rejects.toMatchObject({ code: 'internal' })
    await expect.poll(() => joins, { timeout: 4000 }).toEqual([undefined, 'transport-0'])
    await expect.poll(() => opened[0]?.sent).toBe(3)
    expect(opened).toHaveLength(1)
  })

  it('takes another transport when the server will not have what is missing on the old one', async () => {
    await live()
    onSend = (transport, time) => {
      if (transport === opened[0] && time > 1) throw new NearcastError('wrong-state')
    }
    await reconnect()
    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, true])
  })

  it('takes another transport when new tracks cannot be sent on the one there is', async () => {
    await live()
    onSend = (transport) => {
      if (transport === opened[0]) throw new NearcastError('wrong-state')
    }
    await expect(publisher.setTracks(tracks)).rejects.toMatchObject({ code: 'wrong-state' })
    await expect.poll(() => opened.map(({ isUsable }) => isUsable)).toEqual([false, true])
  })

  it('does not come back to a transport that was lost while there was no connection', async () => {
    await live()
    server.disconnectSockets(true)
    await expect.poll(() => publisher.state.kind).toBe('reconnecting')
    opened[0]?.lose()
    await expect.poll(() => joins, { timeout: 4000 }).toEqual([undefined, undefined])
    await expect.poll(() => opened.map(({ isUsable }) => isUsable)).toEqual([false, true])
  })

  it('leaves a good transport alone when an attempt before it failed', async () => {
    const { socket, clock } = await live()
    onSend = (transport) => {
      if (transport === opened[1]) throw new NearcastError('sfu-unavailable')
    }
    socket().emit('sfu:replaced', {})
    socket().emit('sfu:replaced', {})
    await expect.poll(() => opened.map(({ isUsable }) => isUsable)).toEqual([false, false, true])
    await expect.poll(() => publisher.state.kind).toBe('live')
    clock.advanceTo(START + 10_000)
    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, false, true])
    expect(joins).toHaveLength(3)
  })

  it('ends without complaint when the news that it is over comes before the answer', async () => {
    const { socket } = await live()
    socket().on('publish:end', () => socket().emit('broadcast', { ...view, state: 'ended' }))
    await publisher.end()
    expect(publisher.state.kind).toBe('ended')
    expect(opened[0]?.isUsable).toBe(false)
  })

  it('says that it could not end what the server was not told of', async () => {
    const { socket } = await live()
    socket().on('publish:end', () => socket().disconnect(true))
    await expect(publisher.end()).rejects.toMatchObject({ code: 'internal' })
  })

  it('says why it is not live: no connection, no path, or what the server said', async () => {
    const { clock } = await live()
    const told: unknown[] = []
    publisher.on('trouble', (trouble) => told.push(trouble.kind === 'failed' ? trouble.error.code : trouble.kind))
    opened[0]?.lose()
    expect(told).toEqual(['no-path'])
    await expect.poll(() => publisher.state.kind).toBe('live')
    onSend = () => Promise.reject(new NearcastError('rate-limited'))
    opened[1]?.lose()
    await expect.poll(() => told).toEqual(['no-path', 'no-path', 'rate-limited'])
    await server.close()
    const toldLater = () => {
      clock.advanceTo(clock.now() + 3000)
      return told.at(-1)
    }
    await expect.poll(toldLater).toBe('unreachable')
  })

  it('closes a transport that comes after it was closed itself', async () => {
    await live()
    onOpen = () => publisher.close()
    opened[0]?.lose()
    await expect.poll(() => opened.map(({ isUsable }) => isUsable)).toEqual([false, false])
    expect(opened[1]?.sent).toBe(0)
  })
})
