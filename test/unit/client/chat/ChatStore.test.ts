import { describe, expect, it } from 'vitest'
import { ChatStore, type ChatWire } from '../../../../client/chat/ChatStore.ts'
import { Emitter } from '../../../../client/lib/Emitter.ts'
import type { ChatLineEvents } from '../../../../client/signaling/ChatLine.ts'
import type { ChatEvent, ChatReading } from '../../../../shared/chat.ts'
import { NearcastError } from '../../../../shared/errors.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

const message = (number: number): ChatEvent => ({
  kind: 'message',
  number,
  at: 0,
  who: 1,
  name: 'Ada',
  text: `${number}`,
})

/** A wire whose other end is the test. */
class Wire extends Emitter<ChatLineEvents> {
  isJoined = false
  readonly asked: { name: string; params: unknown; answer(value: unknown): void; refuse(error: unknown): void }[] = []
  want(): void {}
  request(name: string, params: unknown): Promise<never> {
    return new Promise((answer, refuse) => {
      this.asked.push({ name, params, answer: answer as (value: unknown) => void, refuse })
    })
  }
  tell<Name extends keyof ChatLineEvents>(name: Name, ...args: ChatLineEvents[Name]): void {
    this.emit(name, ...args)
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

function stage() {
  const wire = new Wire()
  const clock = new ManualClock()
  const store = new ChatStore(wire as unknown as ChatWire, clock)
  const answerRead = async (reading: Partial<ChatReading>) => {
    const rules = { state: 'open', slow: 0 }
    const rest = { run: 'run', last: 0, continues: true, events: [], rules, blocked: false, blockedPeople: [] }
    wire.asked.findLast(({ name }) => name === 'chat:read')?.answer({ ...rest, ...reading })
    await settled()
  }
  const join = async () => {
    wire.isJoined = true
    wire.tell('joined')
    await answerRead({ continues: false })
  }
  return { wire, clock, store, answerRead, join }
}

describe('the store of a chat', () => {
  it('reads after each joining, from where it is', async () => {
    const { wire, store, join, answerRead } = stage()
    await join()
    wire.tell('event', message(1))
    wire.tell('joined')
    await answerRead({ last: 2, events: [message(2) as never] })
    expect(wire.asked.map(({ params }) => params)).toEqual([
      { run: null, after: 0 },
      { run: 'run', after: 1 },
    ])
    expect(store.messages.map(({ number }) => number)).toEqual([1, 2])
  })

  it('reads when something is missing or may be, one reading at a time', async () => {
    const { wire, store, join, answerRead } = stage()
    await join()
    wire.tell('event', message(3))
    wire.tell('event', message(4))
    wire.tell('gap')
    expect(wire.asked).toHaveLength(2)
    await answerRead({ last: 2, events: [message(1) as never, message(2) as never] })
    expect(store.messages.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    await answerRead({ last: 4 })
    expect(wire.asked).toHaveLength(3)
  })

  it('asks again later when it was too much at once', async () => {
    const { wire, clock, join } = stage()
    await join()
    wire.tell('gap')
    wire.asked.at(-1)?.refuse(new NearcastError('rate-limited'))
    await settled()
    clock.advanceTo(clock.now() + 2_000)
    expect(wire.asked.filter(({ name }) => name === 'chat:read')).toHaveLength(3)
  })

  it('sends once more, by the same key, what a lost connection may have swallowed', async () => {
    const { wire, join, store } = stage()
    await join()
    const sent = store.send('Ada', 'hello')
    wire.isJoined = false
    wire.asked.at(-1)?.refuse(new NearcastError('internal'))
    await settled()
    await join()
    const attempts = wire.asked.filter(({ name }) => name === 'chat:send')
    expect(attempts).toHaveLength(2)
    expect(attempts[1]?.params).toEqual(attempts[0]?.params)
    attempts[1]?.answer({ number: 1 })
    await sent
  })

  it('says why something was not said, without trying again', async () => {
    const { wire, join, store } = stage()
    await join()
    const sent = store.send('Ada', 'hello')
    wire.asked.at(-1)?.refuse(new NearcastError('chat-too-fast'))
    await expect(sent).rejects.toMatchObject({ code: 'chat-too-fast' })
    expect(wire.asked.filter(({ name }) => name === 'chat:send')).toHaveLength(1)
  })

  it('knows when it is blocked, and whom the broadcaster blocked', async () => {
    const { wire, join, store } = stage()
    await join()
    wire.tell('blocked', true)
    expect(store.isBlocked).toBe(true)
    const blocking = store.block(7)
    wire.asked.at(-1)?.answer({ who: 2, name: 'Mallory' })
    await blocking
    expect(store.blockedPeople).toEqual([{ who: 2, name: 'Mallory' }])
  })

  it('does nothing more once it is closed', async () => {
    const { wire, clock, join, store } = stage()
    await join()
    store.close()
    store.close()
    wire.tell('gap')
    wire.tell('event', message(1))
    expect([wire.asked.length, store.messages, clock.timers]).toEqual([1, [], 0])
  })
})
