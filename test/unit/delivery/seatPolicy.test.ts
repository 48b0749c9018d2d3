import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEEP_MS, MAX_PROMOTIONS, PROMISE_MS, SeatLine } from '../../../server/delivery/seatPolicy.ts'

/** A line with some people in it who all want a seat, in this order. */
function lineOf(limit: number, people: string) {
  const line = new SeatLine<string>(limit)
  for (const id of people) {
    line.enter(id)
    line.want(id, true, 0)
  }
  line.settle(0)
  return line
}

/** Who may sit, of those named. */
const seated = (line: SeatLine<string>, people: string) => [...people].filter((id) => line.may(id)).join('')

describe('the line for seats', () => {
  it('promises seats in order of arrival, and no more than there are (rules 1 and 2)', () => {
    const line = lineOf(2, 'abcde')
    expect(seated(line, 'abcde')).toBe('ab')
    expect([...'abcde'].map((id) => line.use(id, 0))).toEqual([true, true, false, false, false])
    expect([line.used, line.waiting]).toEqual([2, 3])
    expect(seated(line, 'x')).toBe('')
  })

  it('promotes the next in line when somebody leaves (rule 2)', () => {
    const line = lineOf(2, 'abcde')
    line.use('a', 0)
    line.use('b', 0)
    line.leave('b')
    expect(line.settle(1)).toEqual({ promoted: ['c'], lapsed: [] })
    line.enter('f')
    line.want('f', true, 2)
    line.leave('a')
    expect(line.settle(2).promoted).toEqual(['d'])
    expect(seated(line, 'cdef')).toBe('cd')
  })

  it('passes a promise on that is not used, and puts who let it pass behind all others (rule 3)', () => {
    const line = lineOf(1, 'abc')
    expect(line.wakeAt(0)).toBe(PROMISE_MS)
    expect(line.settle(PROMISE_MS - 1)).toEqual({ promoted: [], lapsed: [] })
    expect(line.settle(PROMISE_MS)).toEqual({ promoted: ['b'], lapsed: ['a'] })
    line.use('b', PROMISE_MS)
    line.enter('d')
    line.want('d', true, PROMISE_MS)
    line.leave('b')
    line.settle(PROMISE_MS)
    line.leave('c')
    line.settle(PROMISE_MS)
    expect(seated(line, 'ad')).toBe('d')
  })

  it('leaves a promise where it is while nobody waits (rule 3)', () => {
    const line = lineOf(1, 'a')
    expect(line.wakeAt(0)).toBeNull()
    expect(line.settle(10 * PROMISE_MS)).toEqual({ promoted: [], lapsed: [] })
    expect(line.use('a', 10 * PROMISE_MS)).toBe(true)
  })

  it('gives a seat on whose owner tried in vain, once the promise is over (rule 3)', () => {
    const line = lineOf(1, 'ab')
    line.use('a', 1000)
    line.release('a', false, 5000)
    expect([line.may('a'), line.isServed('a'), line.settle(5000).promoted]).toEqual([true, false, []])
    line.use('a', 9000)
    line.release('a', false, 14_000)
    expect(line.settle(14_000)).toEqual({ promoted: ['b'], lapsed: ['a'] })
  })

  it('keeps a seat that worked, and then a place before all later ones (rule 4)', () => {
    const line = lineOf(1, 'abc')
    line.use('a', 0)
    line.release('a', true, 60_000)
    expect(line.settle(60_000 + KEEP_MS - 1).promoted).toEqual([])
    expect(line.use('a', 60_000 + KEEP_MS - 1)).toBe(true)
    line.release('a', false, 60_000 + KEEP_MS)
    expect(line.settle(60_000 + KEEP_MS)).toEqual({ promoted: ['b'], lapsed: ['a'] })
    line.use('b', 60_000 + KEEP_MS)
    line.leave('b')
    expect(line.settle(60_000 + KEEP_MS).promoted).toEqual(['a'])
  })

  it('does not let who wants none stand in the way, and tells them whether there is one (rule 5)', () => {
    const line = lineOf(1, 'ab')
    line.want('a', false, 0)
    expect(line.settle(0).promoted).toEqual(['b'])
    expect(line.may('a')).toBe(false)
    line.leave('b')
    expect([line.may('a'), line.may('stranger')]).toEqual([true, true])
    expect([line.use('a', 1), line.hasRoom]).toEqual([true, false])
    line.release('a', true, 2)
    expect(line.hasRoom).toBe(true)
  })

  it('promises nothing while it is closed, and goes on in the same order (rule 6)', () => {
    const line = lineOf(2, 'abc')
    line.use('a', 0)
    line.isOpen = false
    expect([seated(line, 'abcx'), line.use('b', 1)]).toEqual(['a', false])
    line.release('a', true, 2)
    expect([seated(line, 'abc'), line.settle(3).promoted]).toEqual(['', []])
    line.isOpen = true
    expect(line.settle(4).promoted).toEqual(['a', 'b'])
  })

  it('promotes at most ten at a time (rule 7)', () => {
    const people = [...'abcdefghijklmnopqrstuvwxyz']
    const line = lineOf(20, people.join(''))
    line.isOpen = false
    line.isOpen = true
    expect(line.settle(1).promoted).toHaveLength(MAX_PROMOTIONS)
    expect(line.settle(1).promoted).toEqual([])
    line.use('a', 2)
    expect(line.settle(2).promoted).toEqual(['k'])
  })

  it('lets no promise lapse while nothing is sent (rule 8)', () => {
    const line = lineOf(1, 'ab')
    line.setRunning(false, 0)
    expect([line.wakeAt(0), line.settle(60_000).promoted]).toEqual([null, []])
    line.setRunning(true, 60_000)
    expect([line.settle(60_000).promoted, line.wakeAt(60_000)]).toEqual([[], 60_000 + PROMISE_MS])
    expect(line.settle(60_000 + PROMISE_MS).promoted).toEqual(['b'])
  })

  it('gives out all seats and never one too many, whatever happens', () => {
    const ids = [...'abcdefghijklmnop']
    const person = fc.constantFrom(...ids)
    const event = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), id: person, wants: fc.boolean() }),
      fc.record({ kind: fc.constant('leave' as const), id: person }),
      fc.record({ kind: fc.constant('want' as const), id: person, wants: fc.boolean() }),
      fc.record({ kind: fc.constant('use' as const), id: person }),
      fc.record({ kind: fc.constant('release' as const), id: person, worked: fc.boolean() }),
      fc.record({ kind: fc.constant('open' as const), is: fc.boolean() }),
      fc.record({ kind: fc.constant('run' as const), is: fc.boolean() }),
      fc.record({ kind: fc.constant('time' as const), by: fc.integer({ min: 0, max: 40_000 }) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.array(event, { maxLength: 120 }), (limit, events) => {
        const line = new SeatLine<string>(limit)
        const there = new Map<string, { wants: boolean; uses: boolean }>()
        let [now, isOpen] = [0, true]
        for (const step of events) {
          switch (step.kind) {
            case 'enter':
              if (there.has(step.id)) break
              line.enter(step.id)
              line.want(step.id, step.wants, now)
              there.set(step.id, { wants: step.wants, uses: false })
              break
            case 'leave':
              line.leave(step.id)
              there.delete(step.id)
              break
            case 'want': {
              const who = there.get(step.id)
              if (who) who.wants = step.wants
              line.want(step.id, step.wants, now)
              break
            }
            case 'use': {
              const who = there.get(step.id)
              const mayHave = line.may(step.id)
              const has = line.use(step.id, now)
              expect(has).toBe(who !== undefined && mayHave)
              if (who && has) who.uses = true
              break
            }
            case 'release': {
              const who = there.get(step.id)
              line.release(step.id, step.worked, now)
              if (who) who.uses = false
              break
            }
            case 'open':
              isOpen = step.is
              line.isOpen = step.is
              break
            case 'run':
              line.setRunning(step.is, now)
              break
            case 'time':
              now += step.by
          }
          line.settle(now)
          expect(line.settle(now)).toEqual({ promoted: [], lapsed: [] })
          const people = [...there]
          const used = people.filter(([, { uses }]) => uses).length
          const promised = people.filter(([id, { wants, uses }]) => wants && !uses && line.may(id)).length
          const waiting = people.filter(([id, { wants, uses }]) => wants && !uses && !line.may(id)).length
          expect([line.used, line.waiting]).toEqual([used, waiting])
          expect(used + promised).toBeLessThanOrEqual(limit)
          // No seat is lost: while somebody waits, all are taken, or as many are on their way as may be.
          if (isOpen && waiting > 0) expect(used + promised).toBe(limit)
          if (!isOpen) expect(promised).toBe(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
