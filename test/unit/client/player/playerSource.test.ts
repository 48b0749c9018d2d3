import { describe, expect, it } from 'vitest'
import { leaveSeat, parseSource, takeSeat } from '../../../../client/player/playerSource.ts'

const id = 'abcdefghijklmnop'
const base = 'https://page.example/blog/'

describe('parseSource', () => {
  it.each([
    [`https://host.example/watch/${id}`, { origin: 'https://host.example', broadcastId: id, relayOnly: false }],
    [`/embed/${id}/?ice=relay#x`, { origin: 'https://page.example', broadcastId: id, relayOnly: true }],
    [`http://localhost:8080/watch/${id}`, { origin: 'http://localhost:8080', broadcastId: id, relayOnly: false }],
    ['https://host.example/watch/short', null],
    [`https://host.example/studio/${id}`, null],
    [`https://host.example/watch/${id}/more`, null],
    [`javascript:/watch/${id}`, null],
    ['http://[', null],
    ['', null],
  ])('reads %s', (src, source) => {
    expect(parseSource(src, base)).toEqual(source)
  })
})

describe('the seat of a tab', () => {
  const source = { origin: 'https://host.example', broadcastId: id, relayOnly: false }
  const seat = 'abcdefghijklmnopqrstuv'

  function storage() {
    const items = new Map<string, string>()
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    }
  }

  it('is taken up again once, by the next page of the tab', () => {
    const tab = storage()
    leaveSeat(source, seat, tab)
    expect(takeSeat(source, tab)).toBe(seat)
    expect(takeSeat(source, tab)).toBeNull()
  })

  it('is another one for another broadcast, and nothing where it has no form or there is no storage', () => {
    const tab = storage()
    leaveSeat(source, seat, tab)
    expect(takeSeat({ ...source, broadcastId: 'ponmlkjihgfedcba' }, tab)).toBeNull()
    leaveSeat(source, 'nonsense', tab)
    expect(takeSeat(source, tab)).toBeNull()
    leaveSeat(source, seat, null)
    expect(takeSeat(source, null)).toBeNull()
  })
})
