import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startApp } from '../../helpers/app.ts'
import { broadcastFacts, createBroadcast } from '../../helpers/broadcast.ts'
import { broadcasterAuth, RawClient, viewerAuth } from '../../helpers/rawClient.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const strangerId = 'AAAAAAAAAAAAAAAA'
const wrongKey = 'A'.repeat(32)

describe('the handshake', () => {
  it('is refused with a code for what is wrong with it', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    const attempts: [object, string][] = [
      [{}, 'bad-message'],
      [{ ...viewerAuth(created.id), version: 99 }, 'protocol-mismatch'],
      [{ ...viewerAuth(created.id), extra: 1 }, 'bad-message'],
      [viewerAuth(strangerId), 'broadcast-not-found'],
      [viewerAuth('../../etc/passwd'), 'bad-message'],
      [broadcasterAuth({ id: created.id, publishKey: wrongKey }), 'wrong-key'],
      [broadcasterAuth({ id: strangerId, publishKey: wrongKey }), 'broadcast-not-found'],
    ]
    for (const [auth, code] of attempts) await expect(RawClient.connect(server.url, auth), code).rejects.toThrow(code)
  })

  it('lets viewers come from any page, broadcasters from our own', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using _viewer = await RawClient.connect(server.url, viewerAuth(created.id), 'https://elsewhere.example')
    const stranger = RawClient.connect(server.url, broadcasterAuth(created), 'https://elsewhere.example')
    await expect(stranger).rejects.toThrow('wrong-origin')
    await using _owner = await RawClient.connect(server.url, broadcasterAuth(created), server.url)
  })

  it('lets viewers come from listed pages only, where pages are listed', async () => {
    await using server = await startApp({ NEARCAST_EMBED_ORIGINS: 'https://blog.example' })
    const created = await createBroadcast(server.url)
    await using _listed = await RawClient.connect(server.url, viewerAuth(created.id), 'https://blog.example')
    const other = RawClient.connect(server.url, viewerAuth(created.id), 'https://elsewhere.example')
    await expect(other).rejects.toThrow()
  })

  it('is refused beyond the connections an address may have', async () => {
    await using server = await startApp({ NEARCAST_CONNECTIONS_PER_ADDRESS: '2' })
    const created = await createBroadcast(server.url)
    await using _first = await RawClient.connect(server.url, viewerAuth(created.id))
    const second = await RawClient.connect(server.url, viewerAuth(created.id))
    await expect(RawClient.connect(server.url, viewerAuth(created.id))).rejects.toThrow()
    second.socket.disconnect()
    await waitFor('a place is free again', async () => {
      await using _third = await RawClient.connect(server.url, viewerAuth(created.id))
      return true
    })
  })

  it('must be followed by joining before the deadline', async () => {
    await using server = await startApp({ NEARCAST_JOIN_DEADLINE: '1' })
    const created = await createBroadcast(server.url)
    await using idler = await RawClient.connect(server.url, viewerAuth(created.id))
    await idler.disconnected
    expect(idler.notices.at(-1)).toMatchObject({ name: 'closed', payload: { code: 'join-timeout' } })
  })
})

describe('a joined session', () => {
  it('gets nothing by ids that are not its own', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    await owner.request('publish:join')
    const transport = await owner.request('publish:transport:create')
    expect(transport.ok).toBe(true)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    await viewer.request('watch:join')
    for (const transportId of [transport.value?.id, randomUUID()]) {
      const stolen = await viewer.request('watch:transport:close', { transportId })
      expect(stolen).toMatchObject({ ok: false, error: { code: 'unknown-id' } })
    }
    const ended = await viewer.request('publish:end')
    expect(ended).toMatchObject({ ok: false, error: { code: 'bad-message' } })
    expect((await broadcastFacts(server.url, created.id)).state).toBe('idle')
  })

  it('cannot reach the worker with an empty list of fingerprints', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    await owner.request('publish:join')
    const transport = await owner.request('publish:transport:create')
    const connected = await owner.request('publish:transport:connect', {
      transportId: transport.value?.id,
      dtlsParameters: { fingerprints: [] },
    })
    expect(connected).toMatchObject({ ok: false, error: { code: 'bad-message' } })
  })

  it('is told that it must join first', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    expect(await owner.request('publish:transport:create')).toMatchObject({ ok: false, error: { code: 'wrong-state' } })
  })

  it('survives messages without an ack, and is disconnected after too many offences', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    await viewer.request('watch:join')
    viewer.socket.emit('watch:report')
    viewer.socket.emit('watch:report', null, 'not a function')
    expect(await viewer.request('clock')).toMatchObject({ ok: true })
    const gone = viewer.disconnected
    for (let offence = 0; offence < 30; offence += 1) viewer.socket.emit('nonsense', { offence })
    await gone
    await using next = await RawClient.connect(server.url, viewerAuth(created.id))
    expect(await next.request('watch:join')).toMatchObject({ ok: true })
  })

  it('is cut off when a message is larger than is accepted', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    const gone = viewer.disconnected
    viewer.socket.emit('watch:report', { transport: 'x'.repeat(100_000) })
    await gone
  })

  it('is counted once, keeps its seat when its socket drops, and is counted out when it leaves', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    const total = async () => (await broadcastFacts(server.url, created.id)).viewers.total
    const first = await RawClient.connect(server.url, viewerAuth(created.id))
    const { value } = await first.request('watch:join')
    expect(await total()).toBe(1)
    first.socket.io.engine.close()
    await using again = await RawClient.connect(server.url, viewerAuth(created.id, String(value?.session)))
    expect((await again.request('watch:join')).value?.session).toBe(value?.session)
    expect(await total()).toBe(1)
    again.socket.disconnect()
    await waitFor('the viewer is counted out', async () => (await total()) === 0)
  })

  it('yields to whoever shows the key last', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using first = await RawClient.connect(server.url, broadcasterAuth(created))
    await first.request('publish:join')
    const gone = first.disconnected
    await using second = await RawClient.connect(server.url, broadcasterAuth(created))
    expect(await second.request('publish:join')).toMatchObject({ ok: true, value: { resumed: false } })
    await gone
    expect(first.notices.at(-1)).toMatchObject({ name: 'closed', payload: { code: 'already-publishing' } })
  })

  it('goes on with a transport that is still alive after its socket dropped', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    const first = await RawClient.connect(server.url, broadcasterAuth(created))
    await first.request('publish:join')
    const { value } = await first.request('publish:transport:create')
    await using second = await RawClient.connect(server.url, broadcasterAuth(created))
    const joined = await second.request('publish:join', { transportId: value?.id })
    expect(joined).toMatchObject({ ok: true, value: { resumed: true } })
    first.socket.disconnect()
  })

  it('hears the last words when the server stops', async () => {
    const server = await startApp()
    const created = await createBroadcast(server.url)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    await viewer.request('watch:join')
    const gone = viewer.disconnected
    await server[Symbol.asyncDispose]()
    await gone
    expect(viewer.notices.at(-1)).toMatchObject({ name: 'closed', payload: { code: 'shutting-down' } })
  })

  it('cuts off who does not take leave, so that the server stops in time', async () => {
    const server = await startApp()
    const asleep = connect(server.app.port, '127.0.0.1')
    asleep.on('error', () => {})
    const head = ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'Host: localhost', 'Connection: Upgrade']
    const upgrade = [
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${btoa('sixteen letters.')}`,
    ]
    asleep.write([...head, ...upgrade, '', ''].join('\r\n'))
    const [answer] = await once(asleep, 'data')
    expect(String(answer)).toContain('101 Switching Protocols')
    const gone = once(asleep, 'close')
    const asked = performance.now()
    await server[Symbol.asyncDispose]()
    // Sooner than the 10 s that such a socket has to join.
    expect(performance.now() - asked).toBeLessThan(8000)
    await gone
  })
})
