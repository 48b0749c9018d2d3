import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatAuthor } from '../../../server/chat/ChatAuthor.ts'
import { ChatHistory } from '../../../server/chat/ChatHistory.ts'

const ada: ChatAuthor = { session: 'ada', address: '192.0.2.1', isBroadcaster: false }
const ben: ChatAuthor = { session: 'ben', address: '192.0.2.2', isBroadcaster: false }

function history(size = 200): { history: ChatHistory; write: (text: string, author?: ChatAuthor) => number } {
  const made = new ChatHistory('run', size)
  const write = (text: string, author = ada) =>
    made.write({ at: 0, who: author === ada ? 1 : 2, name: 'N', text }, author, `key of ${text}`).number
  return { history: made, write }
}

describe('the history of a chat', () => {
  it('numbers everything in one row, kept or not', () => {
    const { history: chat, write } = history()
    expect(write('one')).toBe(1)
    expect(chat.number({ kind: 'reactions', counts: { heart: 2 } }).number).toBe(2)
    expect(write('two')).toBe(3)
    expect(chat.since(null, 0)).toMatchObject({ last: 3, continues: false, events: [{ number: 1 }, { number: 3 }] })
  })

  it('tells a reader what it lacks, and whether that continues what it has', () => {
    const { history: chat, write } = history(3)
    for (const text of ['one', 'two', 'three', 'four', 'five']) write(text)
    expect(chat.since('run', 3)).toMatchObject({ continues: true, events: [{ text: 'four' }, { text: 'five' }] })
    expect(chat.since('run', 5)).toMatchObject({ continues: true, events: [] })
    expect(chat.since('run', 2)).toMatchObject({ continues: true, events: [{ number: 3 }, {}, {}] })
    expect(chat.since('run', 1)).toMatchObject({ continues: false, events: [{ number: 3 }, {}, {}] })
    expect(chat.since('run', 6)).toMatchObject({ continues: false })
    expect(chat.since('an earlier run', 4)).toMatchObject({ continues: false, events: [{}, {}, {}] })
  })

  it('forgets the text of what is removed, and tells who has it already', () => {
    const { history: chat, write } = history()
    const number = write('one')
    write('two')
    expect(chat.remove([number, 77])).toMatchObject({ kind: 'removed', number: 3, messages: [number] })
    expect(chat.remove([number])).toBeNull()
    expect(JSON.stringify(chat.since('run', 0))).not.toContain('"one"')
    expect(chat.since('run', 2).events).toMatchObject([{ kind: 'removed', messages: [number] }])
  })

  it('finds what an author said by a key, and the author of a message', () => {
    const { history: chat, write } = history()
    const number = write('one', ben)
    expect(chat.find(ben, 'key of one')).toBe(number)
    expect(chat.find(ada, 'key of one')).toBeNull()
    expect(chat.authorOf(number)).toMatchObject({ author: ben, message: { text: 'one' } })
    expect(chat.authorOf(number + 1)).toBeNull()
    expect(chat.messagesOf(2)).toEqual([number])
  })

  it('brings whoever reads at any moments to the same messages as who reads once at the end', () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant('write' as const) }),
      fc.record({ kind: fc.constant('remove' as const), index: fc.nat(30) }),
      fc.record({ kind: fc.constant('count' as const) }),
      fc.record({ kind: fc.constant('read' as const) }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (acts, size) => {
        const { history: chat, write } = history(size)
        let reader: { run: string | null; last: number; messages: number[] } = { run: null, last: 0, messages: [] }
        const read = () => {
          const { run, last, continues, events } = chat.since(reader.run, reader.last)
          let messages = continues ? reader.messages : []
          for (const event of events) {
            if (event.kind === 'message') messages = [...messages, event.number]
            else messages = messages.filter((number) => !event.messages.includes(number))
          }
          reader = { run, last, messages }
        }
        let written = 0
        for (const step of acts) {
          if (step.kind === 'write') write(`${++written}`)
          else if (step.kind === 'remove') chat.remove([step.index])
          else if (step.kind === 'count') chat.number({ kind: 'reactions', counts: {} })
          else read()
        }
        read()
        const kept = chat.since(null, 0).events.filter(({ kind }) => kind === 'message')
        // Who came early may still show what has left the history since; of what is in it nothing is missing or doubled.
        const oldest = kept[0]?.number ?? Number.POSITIVE_INFINITY
        expect(reader.messages.filter((number) => number >= oldest)).toEqual(kept.map(({ number }) => number))
        expect(reader.messages).toEqual([...new Set(reader.messages)].toSorted((a, b) => a - b))
      }),
    )
  })
})
