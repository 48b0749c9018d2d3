import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ImpairedLink, type Impairment, seededRandom } from '../../helpers/impairment.ts'

/** Fates of packets of 1000 bytes, one each millisecond. */
function fates(impairment: Impairment, count = 10_000, seed = 1): (number | undefined)[] {
  const link = new ImpairedLink(seededRandom(seed))
  link.set(impairment)
  return Array.from({ length: count }, (_, now) => link.send(1000, now))
}

const arrived = (list: (number | undefined)[]) => list.filter((fate) => fate !== undefined)

describe('an impaired link', () => {
  it('hands everything on at once when nothing is impaired', () => {
    expect(fates({}, 100)).toEqual(Array.from({ length: 100 }, (_, now) => now))
  })

  it('loses the share it was told, and everything in an outage', () => {
    expect(arrived(fates({ loss: 0.05 })).length / 10_000).toBeCloseTo(0.95, 1.5)
    expect(arrived(fates({ outage: true }))).toEqual([])
    expect(arrived(fates({ loss: 1 }))).toEqual([])
  })

  it('never delivers early, and keeps the order under jitter', () => {
    const rough = fc.record({ delay: fc.integer({ max: 300, min: 0 }), jitter: fc.integer({ max: 100, min: 0 }) })
    fc.assert(
      fc.property(rough, fc.integer(), (impairment, seed) => {
        const list = fates(impairment, 500, seed)
        list.forEach((fate, now) => {
          expect(fate).toBeGreaterThanOrEqual(now + impairment.delay)
          expect(fate).toBeGreaterThanOrEqual(list[now - 1] ?? 0)
        })
      }),
    )
  })

  it('lets later packets overtake a share of the others', () => {
    const list = fates({ reorder: 0.1 })
    const overtaken = list.filter((fate, now) => (fate ?? 0) > (list[now + 1] ?? Number.POSITIVE_INFINITY))
    expect(overtaken.length / 10_000).toBeGreaterThan(0.07)
    expect(overtaken.length / 10_000).toBeLessThan(0.13)
  })

  it('lets through what the rate allows and queues no longer than it may', () => {
    const list = fates({ rate: 4_000_000, queue: 50 })
    // 8 Mbit/s into 4 Mbit/s: half of it gets through.
    expect(arrived(list).length / 10_000).toBeCloseTo(0.5, 1)
    list.forEach((fate, now) => {
      expect((fate ?? now) - now).toBeLessThanOrEqual(52)
    })
  })

  it('does the same again for the same seed', () => {
    const rough = { loss: 0.1, jitter: 30, reorder: 0.1 }
    expect(fates(rough, 1000, 7)).toEqual(fates(rough, 1000, 7))
    expect(fates(rough, 1000, 7)).not.toEqual(fates(rough, 1000, 8))
  })
})
