/** The chat by both ways at once: the data channel of a real worker, and the socket. */
import { describe, expect, it } from 'vitest'
import type { ChatEvent, ChatReading } from '../../../shared/chat.ts'
import { startApp, type TestApp } from '../../helpers/app.ts'
import { createBroadcast } from '../../helpers/broadcast.ts'
import { ChannelReader } from '../../helpers/ChannelReader.ts'
import { broadcasterAuth, RawClient, type RawReply, viewerAuth } from '../../helpers/rawClient.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const beginning = { run: null, after: 0 }
let keys = 0

/** A broadcast with a router, its broadcaster and, by `join`, people who read its chat. */
async function openChat({ url }: TestApp) {
  const created = await createBroadcast(url)
  const owner = await RawClient.connect(url, broadcasterAuth(created))
  await owner.request('publish:join')
  await owner.request('chat:read', beginning)
  const join = async (session?: string) => {
    const viewer = await RawClient.connect(url, viewerAuth(created.id, session))
    const joined = await viewer.request('watch:join')
    await viewer.request('chat:read', beginning)
    return { viewer, session: String(joined.value?.session) }
  }
  return { created, owner, join }
}

function say(viewer: RawClient, text: string, name = 'Ada'): Promise<RawReply> {
  keys += 1
  return viewer.request('chat:send', { key: `key-number-${keys}`, name, text })
}

/** Says it as soon as the rate allows. */
function insist(viewer: RawClient, text: string): Promise<boolean> {
  return waitFor('it may be said', async () => (await say(viewer, text)).ok, { every: 10 })
}

/** Chat events that came over the socket, in order. */
function heard({ notices }: RawClient): ChatEvent[] {
  return notices.filter(({ name }) => name === 'chat').map(({ payload }) => payload as ChatEvent)
}

function read(viewer: RawClient, run: string | null, after: number): Promise<ChatReading> {
  return viewer.request('chat:read', { run, after }).then(({ value }) => value as unknown as ChatReading)
}

const textsOf = (events: readonly ChatEvent[]) =>
  events.flatMap((event) => (event.kind === 'message' ? [event.text] : []))

const heartsIn = (events: readonly ChatEvent[]) =>
  events.reduce((sum, event) => sum + (event.kind === 'reactions' ? (event.counts.heart ?? 0) : 0), 0)

describe('a chat', () => {
  it('comes down the data channel as over the socket, in one order, and by one way at a time', async () => {
    await using server = await startApp({ NEARCAST_CHAT_RATE: '100' })
    const { owner, join } = await openChat(server)
    const [near, far] = [await join(), await join()]
    await using channel = await ChannelReader.open(near.viewer)
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([
        insist(near.viewer, `${round} from near`),
        insist(far.viewer, `${round} from far`),
        owner.request('chat:say', { key: `of-the-owner-${round}`, text: `${round} from the owner` }),
      ])
    }
    await Promise.all([near, far].map(({ viewer }) => viewer.request('chat:react', { reaction: 'heart' })))
    // Taps are summed over a quarter of a second: in one event, or on a busy machine in two.
    const all = () => [channel.events, heard(far.viewer), heard(owner)]
    await waitFor('all three have everything', () => all().every((events) => heartsIn(events) === 2))
    expect(channel.events).toEqual(heard(far.viewer))
    expect(channel.events).toEqual(heard(owner))
    const last = channel.events.length
    expect(channel.events.map(({ number }) => number)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
    expect(textsOf(channel.events)).toHaveLength(60)
    expect(heard(near.viewer)).toEqual([])

    // Moves to the socket: the last event once more, then what follows.
    await near.viewer.request('watch:transport:close', { transportId: channel.transportId })
    await waitFor('the last event comes again', () => heard(near.viewer).length > 0)
    expect(heard(near.viewer)[0]).toEqual(channel.events.at(-1))
    await say(far.viewer, 'after the move')
    await waitFor('the socket brings it', () => heard(near.viewer).length > 1)
    expect(textsOf(heard(near.viewer))).toEqual(['after the move'])
    const missed = await read(near.viewer, (await read(near.viewer, null, 0)).run, last)
    expect([missed.continues, textsOf(missed.events)]).toEqual([true, ['after the move']])
    for (const { viewer } of [near, far]) viewer.socket.disconnect()
    owner.socket.disconnect()
  })

  it('goes on with its numbers when the worker was replaced, and when a socket comes back', async () => {
    await using server = await startApp()
    const { created, owner, join } = await openChat(server)
    const [near, far] = [await join(), await join()]
    await say(near.viewer, 'before')
    {
      await using channel = await ChannelReader.open(near.viewer)
      await say(far.viewer, 'by the first channel')
      await waitFor('the channel brings it', () => channel.events.length === 1)
      process.kill(server.app.workerPids[0] ?? 0, 'SIGKILL')
      await waitFor('the worker is gone', () => near.viewer.notices.some(({ name }) => name === 'sfu:replaced'))
    }
    await say(far.viewer, 'over the socket meanwhile')
    await waitFor('the socket brings it', () => textsOf(heard(near.viewer)).at(-1) === 'over the socket meanwhile')
    await waitFor('there is a router again', async () => (await owner.request('publish:join')).ok)
    await using channel = await ChannelReader.open(near.viewer)
    await say(far.viewer, 'by the second channel')
    await waitFor('the channel brings it', () => channel.events.length === 1)
    expect(channel.events).toMatchObject([{ number: 4, text: 'by the second channel' }])

    // The channel outlives the socket: what comes by it does not come by the next socket as well.
    near.viewer.socket.disconnect()
    const back = await RawClient.connect(server.url, viewerAuth(created.id, near.session))
    await back.request('watch:join')
    const { events, last } = await read(back, null, 0)
    expect([last, textsOf(events)]).toMatchObject([
      4,
      ['before', 'by the first channel', 'over the socket meanwhile', 'by the second channel'],
    ])
    for (const { socket } of [back, far.viewer, owner]) socket.disconnect()
  })

  it('is governed by the broadcaster: deleted, slowed, blocked, switched off, and over with the broadcast', async () => {
    await using server = await startApp({ NEARCAST_OPERATOR_TOKEN: 'operator-token-of-the-test' })
    const { owner, join } = await openChat(server)
    const { viewer } = await join()
    expect(await say(viewer, 'hello', 'Broadcaster')).toMatchObject({ ok: false, error: { code: 'chat-name' } })
    expect(await say(viewer, '<img src=x onerror=alert(1)>')).toMatchObject({ value: { number: 1 } })
    for (const name of ['chat:delete', 'chat:block', 'chat:say', 'chat:configure']) {
      expect(await viewer.request(name, { number: 1 })).toMatchObject({ error: { code: 'bad-message' } })
    }
    await owner.request('chat:delete', { number: 1 })
    expect((await read(viewer, null, 0)).events).toMatchObject([{ kind: 'removed', messages: [1] }])

    await owner.request('chat:configure', { enabled: true, slow: 300 })
    expect(await say(viewer, 'once')).toMatchObject({ ok: true })
    // However often: it is told so, and stays connected.
    for (let time = 0; time < 30; time += 1) {
      expect(await say(viewer, 'twice')).toMatchObject({ ok: false, error: { code: 'chat-too-fast' } })
    }
    await owner.request('chat:configure', { enabled: false, slow: 0 })
    expect(await say(viewer, 'off')).toMatchObject({ error: { code: 'chat-closed' } })
    await owner.request('chat:configure', { enabled: true, slow: 0 })

    expect(await owner.request('chat:block', { number: 4 })).toMatchObject({ value: { who: 1, name: 'Ada' } })
    await waitFor('the blocked one is told', () => viewer.notices.some(({ name }) => name === 'chat:blocked'))
    expect(await say(viewer, 'still here')).toMatchObject({ error: { code: 'chat-blocked' } })
    const again = await join()
    expect(await say(again.viewer, 'another tab')).toMatchObject({ error: { code: 'chat-blocked' } })
    await owner.request('chat:unblock', { who: 1 })
    await waitFor(
      'it is told that it may',
      () => viewer.notices.filter(({ name }) => name === 'chat:blocked').length === 2,
    )

    await owner.request('publish:end')
    await waitFor('all are told', () => heard(viewer).at(-1)?.kind === 'rules' && viewer)
    expect(await say(viewer, 'too late')).toMatchObject({ error: { code: 'chat-closed' } })
    const headers = { Authorization: 'Bearer operator-token-of-the-test' }
    const metrics = await (await fetch(`${server.url}/metrics`, { headers })).text()
    for (const why of ['chat-name', 'chat-closed', 'chat-blocked', 'viewer']) {
      expect(metrics).toMatch(new RegExp(`^nearcast_chat_refused_total\\{why="${why}"\\} [1-9]`, 'm'))
    }
    for (const { socket } of [viewer, again.viewer, owner]) socket.disconnect()
  })

  it('takes nothing down a data channel, makes one a transport, and gives nobody another’s', async () => {
    await using server = await startApp()
    const { owner, join } = await openChat(server)
    const [one, other] = [await join(), await join()]
    await using channel = await ChannelReader.open(one.viewer)
    channel.send('{"kind":"message","text":"from below"}')
    const { transportId } = channel
    expect(await one.viewer.request('watch:channel:create', { transportId })).toMatchObject({
      error: { code: 'wrong-state' },
    })
    expect(await other.viewer.request('watch:channel:create', { transportId })).toMatchObject({
      error: { code: 'unknown-id' },
    })
    await say(other.viewer, 'from above')
    await waitFor('it comes', () => channel.events.length > 0)
    expect(textsOf(channel.events)).toEqual(['from above'])
    expect(textsOf(heard(other.viewer))).toEqual(['from above'])
    for (const { socket } of [one.viewer, other.viewer, owner]) socket.disconnect()
  })
})
