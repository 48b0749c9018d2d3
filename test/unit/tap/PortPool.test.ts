import { describe, expect, it } from 'vitest'
import { PortPool } from '../../../server/tap/PortPool.ts'
import { TapError } from '../../../server/tap/TapError.ts'

describe('PortPool', () => {
  it('hands out an even port for RTP and the next one for RTCP, inside its range', () => {
    const pool = PortPool.create({ first: 40_001, last: 40_006 })
    expect([pool.acquire(), pool.acquire()]).toEqual([
      { rtp: 40_002, rtcp: 40_003 },
      { rtp: 40_004, rtcp: 40_005 },
    ])
    expect({ used: pool.used, available: pool.available }).toEqual({ used: 2, available: 0 })
  })

  it('refuses with the code no-ports when all pairs are in use', () => {
    const pool = PortPool.create({ first: 40_000, last: 40_001 })
    const pair = pool.acquire()
    expect(() => pool.acquire()).toThrow(TapError)
    expect(() => pool.acquire()).toThrow(expect.objectContaining({ code: 'no-ports' }))
    pool.release(pair)
    expect(pool.acquire()).toEqual(pair)
  })

  it('loses and doubles no pair over many rounds, also when one is given back twice', () => {
    const pool = PortPool.create({ first: 40_000, last: 40_039 })
    for (let round = 0; round < 20; round++) {
      const pairs = Array.from({ length: 20 }, () => pool.acquire())
      expect(new Set(pairs.map(({ rtp }) => rtp)).size).toBe(20)
      for (const pair of [...pairs, ...pairs]) pool.release(pair)
      expect({ used: pool.used, available: pool.available }).toEqual({ used: 0, available: 20 })
    }
  })

  it('gives a returned pair last, so that a port which is busy elsewhere is not taken again at once', () => {
    const pool = PortPool.create({ first: 40_000, last: 40_005 })
    const pair = pool.acquire()
    pool.release(pair)
    expect(pool.acquire()).not.toEqual(pair)
  })

  it('ignores pairs that are not its own', () => {
    const pool = PortPool.create({ first: 40_000, last: 40_001 })
    pool.release({ rtp: 50_000, rtcp: 50_001 })
    expect(pool.available).toBe(1)
  })
})
