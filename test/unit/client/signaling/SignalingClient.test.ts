import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SignalingClient, type SignalingOptions } from '../../../../client/signaling/SignalingClient.ts'
import { NearcastError } from '../../../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../../../shared/protocol.ts'

const broadcastId = 'abcdefghijklmnop'
const opened: SignalingClient[] = []
let server: Server
let url: string

beforeEach(async () => {
  const http = createServer()
  server = new Server(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
})

afterEach(async () => {
  for (const client of opened.splice(0)) client.close()
  await server.close()
})

function open(options: Partial<SignalingOptions> = {}): SignalingClient {
  const auth = () => ({ version: PROTOCOL_VERSION, role: 'viewer', broadcastId }) as const
  const client = SignalingClient.create({ url, auth, ...options })
  opened.push(client)
  return client
}

const next = (client: SignalingClient, name: 'connected' | 'disconnected') =>
  new Promise<void>((resolve) => client.on(name, resolve))

describe('SignalingClient', () => {
  it('joins, asks and hears', async () => {
    server.on('connection', (socket) => {
      socket.on('clock', (_params, ack) => ack({ ok: true, value: { now: 42 } }))
      socket.on('ice-servers', () => socket.emit('transport:closed', { transportId: 'x' }))
    })
    const client = open({ join: async (self) => expect(await self.request('clock', {})).toEqual({ now: 42 }) })
    const heard = new Promise((resolve) => client.on('transport:closed', resolve))
    await next(client, 'connected')
    expect(client.state.kind).toBe('connected')
    const unanswered = expect(client.request('ice-servers', {}, 50)).rejects.toMatchObject({ code: 'internal' })
    expect(await heard).toEqual({ transportId: 'x' })
    await unanswered
  })

  it("rejects with the server's code, and with internal for a code that it does not know", async () => {
    server.on('connection', (socket) => {
      socket.on('clock', (_params, ack) => ack({ ok: false, error: { code: 'rate-limited', message: 'Slow down.' } }))
      socket.on('publish:end', (_params, ack) => ack({ ok: false, error: { code: 'new-one', message: '' } }))
    })
    const client = open()
    await next(client, 'connected')
    await expect(client.request('clock', {})).rejects.toMatchObject({ code: 'rate-limited', message: 'Slow down.' })
    await expect(client.request('publish:end', {})).rejects.toMatchObject({ code: 'internal' })
  })

  it('gives up when the handshake is refused for good', async () => {
    server.use((_socket, done) => done(Object.assign(new Error('no'), { data: new NearcastError('wrong-key').body })))
    const client = open()
    const error = await new Promise<NearcastError>((resolve) => client.on('refused', resolve))
    expect(error.code).toBe('wrong-key')
    expect(client.state).toEqual({ kind: 'refused', error })
  })

  it('comes back and shows what it learned after a handshake that was refused for now', async () => {
    let attempts = 0
    server.use((socket, done) => {
      const refused = Object.assign(new Error('no'), { data: new NearcastError('shutting-down').body })
      done(attempts++ === 0 ? refused : undefined)
      expect(socket.handshake.auth.session).toBe(attempts === 1 ? undefined : 'learned')
    })
    const client = open({
      auth: () => ({
        version: PROTOCOL_VERSION,
        role: 'viewer',
        broadcastId,
        ...(attempts > 0 && { session: 'learned' }),
      }),
    })
    await next(client, 'connected')
    expect(attempts).toBe(2)
  })

  it('joins again when the server dropped it, and when joining itself failed for now', async () => {
    let joins = 0
    const client = open({
      join: async () => {
        if (++joins === 2) throw new NearcastError('sfu-unavailable')
      },
    })
    await next(client, 'connected')
    const again = next(client, 'connected')
    server.disconnectSockets(true)
    await again
    expect(joins).toBe(3)
  })

  it('stays away after last words that say so', async () => {
    const client = open()
    await next(client, 'connected')
    const refused = new Promise<NearcastError>((resolve) => client.on('refused', resolve))
    server.emit('closed', new NearcastError('broadcast-ended').body)
    server.disconnectSockets(true)
    expect((await refused).code).toBe('broadcast-ended')
  })

  it('rejects at once what is asked without a connection or after close, and what was under way', async () => {
    const client = open()
    await expect(client.request('clock', {})).rejects.toMatchObject({ code: 'internal' })
    await next(client, 'connected')
    const pending = client.request('clock', {})
    client.close()
    client.close()
    await expect(pending).rejects.toMatchObject({ code: 'internal' })
    await expect(client.request('clock', {})).rejects.toMatchObject({ code: 'internal' })
  })
})
