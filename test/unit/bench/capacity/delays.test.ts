import { describe, expect, it } from 'vitest'
import { delaysOf, nextClients, type Tried, verdictOf } from '../../../bench/capacity/delays.ts'

const figures = {
  clients: 2,
  seconds: 20,
  delays: [5, 8],
  failed: 0,
  failure: null,
  serverCpu: 10,
  generatorCpu: 10,
  serverMemory: 0,
  nginx: null,
}

/** Searches on a machine that carries so many, and returns what was tried and what was found. */
function search(carries: number, most = 5000): { tried: number[]; largest: number } {
  const tried: Tried[] = []
  for (let next = nextClients(tried, most); next !== null; next = nextClients(tried, most)) {
    tried.push({ clients: next, inTime: next <= carries })
  }
  const largest = Math.max(0, ...tried.filter(({ inTime }) => inTime).map(({ clients }) => clients))
  return { tried: tried.map(({ clients }) => clients), largest }
}

describe('delays', () => {
  it('are from the birth of a part to each arrival, and endless for who did not get it', () => {
    const arrivals = new Map([['a', [1007, 1003]]])
    expect(
      delaysOf(
        [
          ['a', 1000],
          ['b', 1350],
        ],
        arrivals,
        2,
      ),
    ).toEqual([7, 3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})

describe('the verdict of a run', () => {
  it.each([
    [{}, 'in time'],
    [{ delays: [5, 350] }, 'late'],
    [{ delays: [5, Number.POSITIVE_INFINITY] }, 'late'],
    [{ generatorCpu: 70.1 }, 'void'],
    [{ failed: 1, failure: 'closed' }, 'void'],
    [{ delays: [] }, 'void'],
  ])('of %j is %s', (changes, kind) => {
    expect(verdictOf({ ...figures, ...changes }, 350).kind).toBe(kind)
  })
})

describe('the search for the largest number of clients', () => {
  it('measures 100, 300 and 1,000 whatever they come to', () => {
    expect(search(50).tried.slice(0, 3)).toEqual([100, 300, 1000])
  })

  it.each([120, 700, 1500, 3300])('comes within 20 %% or 100 of %i', (carries) => {
    const { tried, largest } = search(carries)
    expect(largest).toBeGreaterThanOrEqual(Math.min(carries / 1.2, carries - 100))
    expect(tried.length).toBeLessThanOrEqual(11)
    expect(new Set(tried).size).toBe(tried.length)
  })

  it('stops at what the machine allows to be opened', () => {
    expect(search(9000, 4900)).toEqual({ tried: [100, 300, 1000, 2000, 4000, 4900], largest: 4900 })
    expect(search(9000, 250)).toEqual({ tried: [100, 200, 250], largest: 250 })
  })
})
