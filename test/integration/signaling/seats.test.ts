/** Who may have WebRTC and MSE, as viewers are told over signaling. */
import { describe, expect, it } from 'vitest'
import { startApp } from '../../helpers/app.ts'
import { broadcastFacts, createBroadcast } from '../../helpers/broadcast.ts'
import { broadcasterAuth, RawClient, viewerAuth } from '../../helpers/rawClient.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }

interface Seats {
  webrtc: boolean
  mse: boolean
}

/** Makes a microphone's producer; no packet of it ever comes. */
async function send(owner: RawClient): Promise<void> {
  await owner.request('publish:join')
  const { value } = await owner.request('publish:transport:create')
  const rtpParameters = { mid: '0', codecs: [opus], encodings: [{ ssrc: 1111 }], rtcp: { cname: 'test' } }
  const produced = { transportId: value?.id, source: 'microphone', rtpParameters }
  expect(await owner.request('publish:produce', produced)).toMatchObject({ ok: true })
}

/** A viewer that joined; `seats()` is what it was told last. */
async function join(url: string, id: string, wants?: Seats) {
  const client = await RawClient.connect(url, viewerAuth(id))
  const { value } = await client.request('watch:join', wants ? { wants } : {})
  const told = () => client.notices.findLast(({ name }) => name === 'seats')?.payload ?? value?.seats
  return {
    client,
    mse: String(value?.mse),
    seats: () => told() as Seats,
    create: () => client.request('watch:transport:create'),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

type Viewer = Awaited<ReturnType<typeof join>>

describe('seats of a broadcast', () => {
  it('are given in order of arrival, and in that order to those who wait', async () => {
    await using server = await startApp({ NEARCAST_MAX_SEATS: '2', NEARCAST_MAX_MSE_SEATS: '1' })
    const { id, publishKey } = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth({ id, publishKey }))
    await send(owner)
    const viewers: Viewer[] = []
    for (let number = 0; number < 5; number++) viewers.push(await join(server.url, id))
    const [first, second, third, fourth, fifth] = viewers
    if (!first || !second || !third || !fourth || !fifth) throw new Error('not all joined')
    const webrtc = () => viewers.map(({ seats }) => seats().webrtc)
    expect(webrtc()).toEqual([true, true, false, false, false])
    expect([third, fourth, fifth].map(({ seats }) => seats().mse)).toEqual([true, false, false])
    expect(await first.create()).toMatchObject({ ok: true })
    expect(await second.create()).toMatchObject({ ok: true })
    expect(await third.create()).toMatchObject({ ok: false, error: { code: 'no-seat' } })

    // Who wants none does not block the line.
    await third.client.request('watch:report', { transport: 'hls', wants: { webrtc: false, mse: false } })
    await waitFor('the next one has the seat on MSE', () => fourth.seats().mse)
    first.client.socket.disconnect()
    await waitFor('the next one who wants it has the seat', () => fourth.seats().webrtc)
    expect([third.seats(), fifth.seats()]).toEqual([
      { webrtc: false, mse: false },
      { webrtc: false, mse: true },
    ])
    expect(await fifth.create()).toMatchObject({ ok: false, error: { code: 'no-seat' } })
    expect(await fourth.create()).toMatchObject({ ok: true })
    await third.client.request('watch:report', { transport: 'hls', wants: { webrtc: true, mse: true } })
    fourth.client.socket.disconnect()
    await waitFor('in order again', () => third.seats().webrtc)
    expect(fifth.seats().webrtc).toBe(false)

    for (const viewer of [second, third, fifth]) viewer.client.socket.disconnect()
    await waitFor('nobody is left', async () => (await broadcastFacts(server.url, id)).viewers.total === 0)
  })

  it('are none where there are none, and then not taken either', async () => {
    await using server = await startApp({ NEARCAST_MAX_SEATS: '0', NEARCAST_MAX_MSE_SEATS: '0' })
    const { id, publishKey } = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth({ id, publishKey }))
    await send(owner)
    await using viewer = await join(server.url, id)
    expect(viewer.seats()).toEqual({ webrtc: false, mse: false })
    expect(await viewer.create()).toMatchObject({ ok: false, error: { code: 'no-seat' } })
  })

  it('are not promised on a worker that is busy, and are again when it has eased', async () => {
    await using server = await startApp({ NEARCAST_WORKER_LOAD: '1', NEARCAST_REQUEST_RATE: '10000' })
    const { id, publishKey } = await createBroadcast(server.url)
    await using owner = await RawClient.connect(server.url, broadcasterAuth({ id, publishKey }))
    await send(owner)
    await using viewer = await join(server.url, id)
    // Beginning to send is some work as well.
    await waitFor('the worker has eased', () => viewer.seats().webrtc)
    let busy = true
    // One transport after the other is more than a hundredth of a core; a third one replaces the first.
    const work = (async () => {
      while (busy) await viewer.create()
    })()
    await using other = await join(server.url, id)
    await waitFor('the worker is busy', () => !other.seats().webrtc)
    expect(await other.create()).toMatchObject({ ok: false, error: { code: 'no-seat' } })
    busy = false
    await work
    await waitFor('the worker has eased again', () => other.seats().webrtc)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/^nearcast_worker_guarded_total [1-9]/m)
  })
})
