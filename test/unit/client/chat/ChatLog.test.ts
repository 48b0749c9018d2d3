import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { burstOf } from '../../../../client/chat/burst.ts'
import { ChatLog } from '../../../../client/chat/ChatLog.ts'
import type { ChatEvent, ChatReading, KeptChatEvent } from '../../../../shared/chat.ts'

const message = (number: number): ChatEvent => ({
  kind: 'message',
  number,
  at: 0,
  who: 1,
  name: 'Ada',
  text: `${number}`,
})
const removal = (number: number, ...messages: number[]): ChatEvent => ({ kind: 'removed', number, messages })
const taps = (number: number): ChatEvent => ({ kind: 'reactions', number, counts: { heart: number } })

/** What a server that keeps everything answers. */
function reading(all: readonly ChatEvent[], position: { run: string | null; after: number }): ChatReading {
  const gone = new Set(all.flatMap((event) => (event.kind === 'removed' ? event.messages : [])))
  const continues = position.run === 'run'
  const isKept = (event: ChatEvent): event is KeptChatEvent =>
    event.kind === 'removed' || (event.kind === 'message' && !gone.has(event.number))
  return {
    run: 'run',
    last: all.at(-1)?.number ?? 0,
    continues,
    events: all.filter(isKept).filter(({ number }) => !continues || number > position.after),
    rules: { state: 'open', slow: 0 },
    blocked: false,
    blockedPeople: [],
  }
}

const numbers = (log: ChatLog) => log.messages.map(({ number }) => number)

describe('the log of a chat', () => {
  it('takes events in their order and drops what it has', () => {
    const log = new ChatLog()
    log.fill(reading([], log.position))
    for (const number of [1, 2, 2, 1, 3]) log.take(message(number))
    expect(numbers(log)).toEqual([1, 2, 3])
    expect(log.position).toEqual({ run: 'run', after: 3 })
  })

  it('holds back what comes too early until the gap is filled', () => {
    const log = new ChatLog()
    const all = [message(1), message(2), message(3), message(4)]
    log.fill(reading(all.slice(0, 1), log.position))
    log.take(message(4))
    expect([log.hasGap, numbers(log)]).toEqual([true, [1]])
    log.fill(reading(all.slice(0, 3), log.position))
    expect([log.hasGap, numbers(log)]).toEqual([false, [1, 2, 3, 4]])
  })

  it('keeps nothing of a run that is over', () => {
    const log = new ChatLog()
    log.fill(reading([message(1), message(2)], log.position))
    log.fill({ ...reading([message(1)], { run: null, after: 0 }), run: 'another run' })
    expect([numbers(log), log.position]).toEqual([[1], { run: 'another run', after: 1 }])
  })

  it('shows taps once, and none of those that were read later', () => {
    const log = new ChatLog()
    log.fill(reading([taps(1)], log.position))
    expect(log.take(taps(2))).toEqual([taps(2)])
    expect(log.take(taps(2))).toEqual([])
    expect(log.take(taps(4))).toEqual([])
    expect(log.fill(reading([taps(1), taps(2), message(3)], log.position))).toEqual([taps(4)])
  })

  it('follows the rules, and forgets what is removed', () => {
    const log = new ChatLog()
    log.fill(reading([message(1)], log.position))
    log.take({ kind: 'rules', number: 2, state: 'off', slow: 30 })
    log.take(removal(3, 1))
    expect([log.rules, numbers(log)]).toEqual([{ state: 'off', slow: 30 }, []])
  })

  it('has the same in it as the server, once it has read, whatever was lost, doubled or late', () => {
    const kinds = fc.constantFrom('message', 'removed', 'reactions')
    const ways = fc.array(fc.record({ lost: fc.boolean(), twice: fc.boolean(), late: fc.nat(4) }), { minLength: 40 })
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 40 }), ways, fc.nat(40), (all, fates, joinedAt) => {
        const events = all.map((kind, index) => {
          const number = index + 1
          return kind === 'message' ? message(number) : kind === 'removed' ? removal(number, index) : taps(number)
        })
        const log = new ChatLog()
        log.fill(reading(events.slice(0, joinedAt), log.position))
        const coming = events.slice(joinedAt).flatMap((event, index) => {
          const { lost, twice, late } = fates[index] ?? { lost: false, twice: false, late: 0 }
          const one = { event, at: index + late }
          return lost ? [] : twice ? [one, { event, at: index }] : [one]
        })
        for (const { event } of coming.toSorted((a, b) => a.at - b.at)) {
          log.take(event)
          const shown = numbers(log)
          expect(shown).toEqual([...new Set(shown)].toSorted((a, b) => a - b))
        }
        log.fill(reading(events, log.position))
        const kept = reading(events, { run: null, after: 0 }).events.filter(({ kind }) => kind === 'message')
        expect(numbers(log)).toEqual(kept.map(({ number }) => number))
        expect(log.hasGap).toBe(false)
      }),
    )
  })
})

describe('a burst of reactions', () => {
  it('is a picture a tap for a few, and a number for a crowd', () => {
    expect(burstOf({ heart: 2 })).toEqual([
      { reaction: 'heart', count: 1 },
      { reaction: 'heart', count: 1 },
    ])
    expect(burstOf({ party: 1_000, clap: 1 })).toEqual([
      { reaction: 'clap', count: 1 },
      { reaction: 'party', count: 1 },
      { reaction: 'party', count: 1 },
      { reaction: 'party', count: 998 },
    ])
  })
})
