/** What several sockets of one broadcast do to each other: nothing they should not. */
import { describe, expect, it } from 'vitest'
import { startApp } from '../../helpers/app.ts'
import { broadcastFacts, createBroadcast } from '../../helpers/broadcast.ts'
import { broadcasterAuth, RawClient, viewerAuth } from '../../helpers/rawClient.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }
const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }
const h264 = {
  mimeType: 'video/H264',
  payloadType: 102,
  clockRate: 90_000,
  parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
}

/** Joins and makes a transport; resolves with its id. */
async function openTransport(owner: RawClient): Promise<unknown> {
  await owner.request('publish:join')
  return (await owner.request('publish:transport:create')).value?.id
}

/** A producer exists from here on; no packet of it ever comes. */
async function produce(owner: RawClient, transportId: unknown, source: string, codec: object, ssrc: number) {
  const rtpParameters = { mid: `${ssrc}`, codecs: [codec], encodings: [{ ssrc }], rtcp: { cname: 'test' } }
  expect(await owner.request('publish:produce', { transportId, source, rtpParameters })).toMatchObject({ ok: true })
}

/** What a viewer who comes now is told of HTTP delivery. */
async function told(url: string, id: string): Promise<{ http: unknown; converted: unknown }> {
  await using viewer = await RawClient.connect(url, viewerAuth(id))
  const { value } = await viewer.request('watch:join')
  const broadcast = value?.broadcast as { http: unknown; converted: unknown } | undefined
  return { http: broadcast?.http, converted: broadcast?.converted }
}

describe('sockets of one broadcast', () => {
  it('leave a viewer alone who came back before its dead socket was noticed', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using dead = await RawClient.connect(server.url, viewerAuth(created.id))
    const { value } = await dead.request('watch:join')
    await using back = await RawClient.connect(server.url, viewerAuth(created.id, String(value?.session)))
    await back.request('watch:join')
    dead.socket.disconnect()
    await using _probe = await RawClient.connect(server.url, viewerAuth(created.id))
    expect(await back.request('watch:report', { transport: 'hls' })).toMatchObject({ ok: true })
    expect((await broadcastFacts(server.url, created.id)).viewers).toMatchObject({ total: 1, hls: 1 })
  })

  it('do not take an idle studio down by looking whether a key fits', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    await owner.request('publish:join')
    const look = await RawClient.connect(server.url, broadcasterAuth(created))
    look.socket.disconnect()
    await using _probe = await RawClient.connect(server.url, viewerAuth(created.id))
    expect(await owner.request('publish:transport:create')).toMatchObject({ ok: true })
  })

  it('give their router back when the last publisher leaves without having sent anything', async () => {
    await using server = await startApp({ NEARCAST_MAX_BROADCASTS: '1' })
    const [first, second] = [await createBroadcast(server.url), await createBroadcast(server.url)]
    await using owner = await RawClient.connect(server.url, broadcasterAuth(first))
    await owner.request('publish:join')
    await using other = await RawClient.connect(server.url, broadcasterAuth(second))
    expect(await other.request('publish:join')).toMatchObject({ ok: false, error: { code: 'server-full' } })
    owner.socket.disconnect()
    await waitFor('there is room again', async () => (await other.request('publish:join')).ok)
  })

  it('get one consumer of each producer, however often and at once they ask', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    await produce(owner, await openTransport(owner), 'microphone', opus, 1111)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    const { value: joined } = await viewer.request('watch:join')
    const { value: transport } = await viewer.request('watch:transport:create')
    const params = { transportId: transport?.id, rtpCapabilities: joined?.rtpCapabilities }
    const replies = await Promise.all(Array.from({ length: 20 }, () => viewer.request('watch:consume', params)))
    expect(replies.every(({ ok }) => ok)).toBe(true)
    const consumers = replies.flatMap(({ value }) => value?.consumers)
    expect(consumers).toHaveLength(1)
  })

  it('refuse a second connect of the same transport as the client’s fault', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    const transportId = await openTransport(owner)
    const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] }
    const connect = () => owner.request('publish:transport:connect', { transportId, dtlsParameters })
    expect(await connect()).toMatchObject({ ok: true })
    expect(await connect()).toMatchObject({ ok: false, error: { code: 'wrong-state' } })
  })

  it('say that there is no HTTP delivery while VP8 is not transcoded, and that there will be when it is H.264 again', async () => {
    await using server = await startApp({ NEARCAST_TRANSCODES: '0' })
    const created = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
    await produce(owner, await openTransport(owner), 'camera', vp8, 2222)
    expect(await told(server.url, created.id)).toEqual({ http: 'no-http-delivery', converted: false })
    const playlist = await fetch(`${server.url}/hls/${created.id}/index.m3u8`)
    expect([playlist.status, await playlist.json()]).toMatchObject([404, { error: { code: 'no-http-delivery' } }])
    await produce(owner, await openTransport(owner), 'camera', h264, 3333)
    expect(await told(server.url, created.id)).toEqual({ http: 'preparing', converted: false })
  })

  it('have VP8 transcoded in as many broadcasts as there are slots, the next ones in turn, and say so to everyone', async () => {
    const operatorToken = 'operator-token-of-the-test'
    await using server = await startApp({ NEARCAST_TRANSCODES: '1', NEARCAST_OPERATOR_TOKEN: operatorToken })
    const [first, second] = [await createBroadcast(server.url), await createBroadcast(server.url)]
    await using owner = await RawClient.connect(server.url, broadcasterAuth(first))
    await using other = await RawClient.connect(server.url, broadcasterAuth(second))
    const headers = { Authorization: `Bearer ${operatorToken}` }
    const figures = async () => {
      const text = await (await fetch(`${server.url}/metrics`, { headers })).text()
      return [...text.matchAll(/^nearcast_transcodes\w* (\d+)$/gm)].map(([line]) => line)
    }
    await produce(owner, await openTransport(owner), 'camera', vp8, 2222)
    expect(await told(server.url, first.id)).toEqual({ http: 'preparing', converted: true })

    await produce(other, await openTransport(other), 'camera', vp8, 3333)
    expect(await told(server.url, second.id)).toEqual({ http: 'transcoders-busy', converted: false })
    expect(other.notices.filter(({ name }) => name === 'broadcast').at(-1)?.payload).toMatchObject({
      http: 'transcoders-busy',
    })
    const playlist = await fetch(`${server.url}/hls/${second.id}/index.m3u8`)
    expect([playlist.status, await playlist.json()]).toMatchObject([503, { error: { code: 'transcoders-busy' } }])
    const listed = await (await fetch(`${server.url}/api/operator/broadcasts`, { headers })).json()
    const http = Object.fromEntries(listed.broadcasts.map((each: { id: string; http: string }) => [each.id, each.http]))
    expect(http).toEqual({ [first.id]: 'preparing', [second.id]: 'transcoders-busy' })
    expect(await figures()).toEqual([
      'nearcast_transcodes 1',
      'nearcast_transcodes_waiting 1',
      'nearcast_transcodes_refused_total 1',
    ])

    await owner.request('publish:end')
    await waitFor('the slot is handed on', async () => (await told(server.url, second.id)).converted)
    expect(await told(server.url, second.id)).toEqual({ http: 'preparing', converted: true })
    await waitFor('the studio is told', () =>
      other.notices.some(({ payload }) => (payload as { converted?: boolean }).converted === true),
    )
    await other.request('publish:end')
    await waitFor('no slot is held', async () => (await figures())[0] === 'nearcast_transcodes 0')
  })

  it('count a connection from its first byte to its end, whatever was said on it', async () => {
    await using server = await startApp({ NEARCAST_CONNECTIONS_PER_ADDRESS: '3' })
    const created = await createBroadcast(server.url)
    const polling = `${server.url}/socket.io/?EIO=4&transport=polling`
    for (let round = 0; round < 12; round += 1) {
      const opened = await (await fetch(polling)).text()
      const { sid } = JSON.parse(opened.slice(1))
      // A connect packet and the end of the connection in one payload.
      const body = `40${JSON.stringify(viewerAuth(created.id))}\u001e1`
      await fetch(`${polling}&sid=${sid}`, { method: 'POST', body })
    }
    await waitFor('the address may connect', async () => {
      await using _viewer = await RawClient.connect(server.url, viewerAuth(created.id))
      return true
    })
  })

  it('tell a viewer of a deleted broadcast that it has ended', async () => {
    await using server = await startApp()
    const created = await createBroadcast(server.url)
    await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
    await viewer.request('watch:join')
    const gone = viewer.disconnected
    const headers = { Authorization: `Bearer ${created.publishKey}` }
    expect((await fetch(`${server.url}/api/broadcasts/${created.id}`, { method: 'DELETE', headers })).ok).toBe(true)
    await gone
    expect(viewer.notices.at(-1)).toMatchObject({ name: 'closed', payload: { code: 'broadcast-ended' } })
  })
})
