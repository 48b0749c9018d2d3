import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Chat } from '../../../server/chat/Chat.ts'
import type { ChatAuthor } from '../../../server/chat/ChatAuthor.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import type { ChatEvent } from '../../../shared/chat.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'

const person = (name: string, address = `address of ${name}`): ChatAuthor => ({
  session: name,
  address,
  isBroadcaster: false,
})
const ada = person('ada')
const ben = person('ben')
const broadcaster: ChatAuthor = { session: 'broadcaster', address: ada.address, isBroadcaster: true }

function stage({ rate = 1, history = 100 } = {}) {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const counters = { counted: metrics.counter('said_total', ''), refused: metrics.counter('refused_total', '') }
  const chat = new Chat({ rate, history, ...counters }, clock, pino({ level: 'silent' }))
  const events: ChatEvent[] = []
  chat.on('event', (event) => events.push(event))
  let keys = 0
  const say = (author: ChatAuthor, text = 'hello', name = author.session) =>
    chat.say(author, { key: `key ${++keys}`, text, ...(!author.isBroadcaster && { name }) })
  const codeOf = (act: () => unknown): string => {
    try {
      act()
      return 'done'
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    }
  }
  const advance = (ms: number) => clock.advanceTo(clock.now() + ms)
  return { chat, clock, metrics, events, say, codeOf, advance }
}

describe('a chat', () => {
  it('says what people write in one order, with a number, a time and a person', () => {
    const { say, events } = stage()
    expect([say(ada, 'one'), say(ben, 'two'), say(broadcaster, 'three'), say(ada, 'four')]).toEqual(
      [1, 2, 3, 4].map((number) => ({ number })),
    )
    expect(events).toEqual([
      { kind: 'message', number: 1, at: START, who: 1, name: 'ada', text: 'one' },
      { kind: 'message', number: 2, at: START, who: 2, name: 'ben', text: 'two' },
      { kind: 'message', number: 3, at: START, who: 0, name: '', text: 'three' },
      { kind: 'message', number: 4, at: START, who: 1, name: 'ada', text: 'four' },
    ])
  })

  it('says once what is sent twice by the same key', () => {
    const { chat, events } = stage()
    const message = { key: 'the same key', name: 'Ada', text: 'hello' }
    expect([chat.say(ada, message), chat.say(ada, message)]).toEqual([{ number: 1 }, { number: 1 }])
    expect(events).toHaveLength(1)
    expect(chat.say(ben, message)).toEqual({ number: 2 })
  })

  it('lets nobody but the broadcaster be the broadcaster', () => {
    const { chat, say, codeOf, events } = stage()
    for (const name of ['', 'Broadcaster', 'host']) expect(codeOf(() => say(ada, 'hi', name))).toBe('chat-name')
    expect(events).toEqual([])
    say(broadcaster)
    chat.say(broadcaster, { key: 'key with name', name: 'Somebody', text: 'hello' })
    expect(events).toMatchObject([{ who: 0, name: '' }, { who: 0 }])
  })

  it('holds each viewer, each address and all together to a rate, and the broadcaster to none', () => {
    const { say, codeOf, advance, metrics } = stage({ rate: 1 })
    const many = (count: number, author: (index: number) => ChatAuthor) =>
      Array.from({ length: count }, (_, index) => codeOf(() => say(author(index)))).filter((code) => code === 'done')
        .length
    expect(many(20, () => ada)).toBe(5)
    advance(1_000)
    expect(many(20, () => ada)).toBe(1)
    expect(many(300, (index) => person(`crowd ${index}`, 'one address'))).toBe(100)
    expect(many(300, (index) => person(`people ${index}`))).toBeLessThan(200)
    expect(many(300, () => broadcaster)).toBe(300)
    const text = metrics.render()
    for (const why of ['viewer', 'address', 'room'])
      expect(text).toMatch(new RegExp(`refused_total{why="${why}"} \\d+`))
  })

  it('goes slowly when the broadcaster wants that', () => {
    const { chat, say, codeOf, advance, events } = stage({ rate: 100 })
    chat.configure({ enabled: true, slow: 10 })
    expect(events).toEqual([{ kind: 'rules', number: 1, state: 'open', slow: 10 }])
    expect(codeOf(() => say(ada))).toBe('done')
    expect(codeOf(() => say(ada))).toBe('chat-too-fast')
    expect(codeOf(() => say(ben))).toBe('done')
    expect(codeOf(() => say(broadcaster))).toBe('done')
    advance(10_000)
    expect(codeOf(() => say(ada))).toBe('done')
    chat.configure({ enabled: true, slow: 0 })
    expect(codeOf(() => say(ada))).toBe('done')
  })

  it('adds up what a thousand people tap into four events a second', () => {
    const { chat, events, advance } = stage()
    for (let tap = 0; tap < 2_000; tap += 1) {
      chat.react(person(`${tap % 1_000}`), { reaction: tap % 2 === 0 ? 'heart' : 'clap' })
      advance(0.5)
    }
    advance(250)
    expect(events.length).toBeLessThanOrEqual(5)
    const sum = events.reduce((all, event) => all + (event.kind === 'reactions' ? (event.counts.heart ?? 0) : 0), 0)
    expect(sum).toBe(1_000)
    expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1))
  })

  it('holds one who taps without end to a rate', () => {
    const { chat, codeOf } = stage({ rate: 1 })
    const taps = Array.from({ length: 100 }, () => codeOf(() => chat.react(ada, { reaction: 'wow' })))
    expect(taps.filter((code) => code === 'done')).toHaveLength(40)
    expect(taps.at(-1)).toBe('chat-too-fast')
  })

  it('takes away what the broadcaster deletes, for those who come later too', () => {
    const { chat, say, events } = stage()
    const { number } = say(ada, 'rude')
    say(ben, 'kind')
    chat.delete(number)
    chat.delete(number)
    chat.delete(99)
    expect(events.slice(2)).toEqual([{ kind: 'removed', number: 3, messages: [number] }])
    expect(chat.read(ben, { run: null, after: 0 }).events).toMatchObject([{ text: 'kind' }, { kind: 'removed' }])
  })

  it('blocks a person by seat and address for the broadcast, and lets them back', () => {
    const { chat, say, codeOf, events } = stage()
    let told = 0
    chat.on('blocks', () => (told += 1))
    const { number } = say(ada, 'one', 'Mallory')
    say(ada, 'two', 'Mallory')
    say(ben)
    expect(chat.block(number)).toEqual({ who: 1, name: 'Mallory' })
    expect(events.at(-1)).toMatchObject({ kind: 'removed', messages: [1, 2] })
    for (const author of [ada, person('another tab', ada.address), person('ada', 'another address')]) {
      expect(codeOf(() => say(author))).toBe('chat-blocked')
      expect(codeOf(() => chat.react(author, { reaction: 'heart' }))).toBe('chat-blocked')
      expect(chat.read(author, { run: null, after: 0 })).toMatchObject({ blocked: true, blockedPeople: [] })
    }
    expect(codeOf(() => say(ben))).toBe('done')
    // The broadcaster sits behind the same address.
    expect(codeOf(() => say(broadcaster))).toBe('done')
    expect(chat.read(broadcaster, { run: null, after: 0 }).blockedPeople).toEqual([{ who: 1, name: 'Mallory' }])
    chat.unblock(1)
    expect(codeOf(() => say(ada))).toBe('done')
    expect(told).toBe(2)
  })

  it('blocks nobody by a message that is not there or is the broadcaster’s own', () => {
    const { chat, say, codeOf } = stage()
    const { number } = say(broadcaster)
    for (const wrong of [number, 99]) expect(codeOf(() => chat.block(wrong))).toBe('unknown-id')
  })

  it('is closed to viewers while it is switched off, and to all when the broadcast is over', () => {
    const { chat, say, codeOf, events } = stage()
    chat.configure({ enabled: false, slow: 0 })
    expect(codeOf(() => say(ada))).toBe('chat-closed')
    expect(codeOf(() => chat.react(ada, { reaction: 'heart' }))).toBe('chat-closed')
    expect(codeOf(() => say(broadcaster))).toBe('done')
    chat.configure({ enabled: true, slow: 0 })
    say(ada, 'last words')
    chat.end()
    chat.end()
    chat.configure({ enabled: true, slow: 5 })
    for (const author of [ada, broadcaster]) expect(codeOf(() => say(author))).toBe('chat-closed')
    expect(events.at(-1)).toEqual({ kind: 'rules', number: 5, state: 'over', slow: 0 })
    const { events: read, rules } = chat.read(ada, { run: null, after: 0 })
    expect([read.at(-1), rules]).toMatchObject([{ text: 'last words' }, { state: 'over' }])
  })

  it('tells nothing and leaves no timer once it is closed', () => {
    const { chat, clock, events } = stage()
    chat.react(ada, { reaction: 'heart' })
    chat.close()
    chat.close()
    clock.advanceTo(clock.now() + 1_000)
    expect([events, clock.timers]).toEqual([[], 0])
  })
})
