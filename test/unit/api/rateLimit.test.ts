import { describe, expect, it } from 'vitest'
import { rateLimitKey, TokenBuckets } from '../../../server/api/rateLimit.ts'

describe('TokenBuckets', () => {
  const clock = { time: 0, now: () => clock.time }

  it('lets a burst through, then one request for each refill', () => {
    clock.time = 1_000
    const buckets = new TokenBuckets({ burst: 3, perSecond: 2 }, clock)
    expect([1, 2, 3].map(() => buckets.take('a'))).toEqual([0, 0, 0])
    expect(buckets.take('a')).toBeCloseTo(0.5)
    clock.time += 500
    expect(buckets.take('a')).toBe(0)
    expect(buckets.take('a')).toBeGreaterThan(0)
  })

  it('makes one address wait for no other', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, clock)
    buckets.take('a')
    expect(buckets.take('a')).toBeGreaterThan(0)
    expect(buckets.take('b')).toBe(0)
  })

  it('never holds more than the burst, and a clock that is set back gives and takes nothing', () => {
    clock.time = 1_000_000
    const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, clock)
    buckets.take('a')
    clock.time = 0
    expect(buckets.take('a')).toBeGreaterThan(0)
    clock.time = 3_600_000
    expect(buckets.take('a')).toBe(0)
    expect(buckets.take('a')).toBeGreaterThan(0)
  })

  it('remembers a bounded number of addresses and forgets those unseen for longest', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001 }, clock, 100)
    buckets.take('mine')
    for (let index = 0; index < 1_000; index++) {
      buckets.take(`other-${index}`)
      if (index % 50 === 0) buckets.take('mine')
    }
    expect(buckets.size).toBe(100)
    expect(buckets.take('mine')).toBeGreaterThan(0)
    expect(buckets.take('other-0')).toBe(0)
  })
})

describe('rateLimitKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:0db8::6', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unknown', 'unknown'],
  ])('counts %s as %s', (address, key) => {
    expect(rateLimitKey(address)).toBe(key)
  })
})
