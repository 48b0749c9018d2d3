import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge, percentile, summarize } from '../../bench/figures.ts'

const twenty = Array.from({ length: 20 }, (_, index) => 20 - index)

describe('a percentile', () => {
  it('is a sample that was really measured, at the nearest rank', () => {
    expect(percentile(twenty, 0.5)).toBe(10)
    expect(percentile(twenty, 0.95)).toBe(19)
    expect(percentile(twenty, 1)).toBe(20)
    expect(percentile([7], 0.95)).toBe(7)
  })

  it('has at least its share of all samples at or below it, and fewer below', () => {
    const samples = fc.array(fc.double({ noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(samples, fc.constantFrom(0.05, 0.5, 0.95, 1), (values, share) => {
        const value = percentile(values, share)
        const wanted = Math.ceil(values.length * share)
        expect(values.filter((each) => each <= value).length).toBeGreaterThanOrEqual(wanted)
        expect(values.filter((each) => each < value).length).toBeLessThan(wanted)
      }),
    )
  })

  it('leaves the order of the samples alone, and refuses none at all', () => {
    const samples = [3, 1, 2]
    expect(summarize(samples)).toEqual({ n: 3, p50: 2, p95: 3, min: 1, max: 3 })
    expect(samples).toEqual([3, 1, 2])
    expect(() => percentile([], 0.5)).toThrow(RangeError)
  })
})

describe('a verdict', () => {
  const [floor, goal] = [
    { p50: 250, p95: 400 },
    { p50: 100, p95: 160 },
  ]
  const of = (p50: number, p95: number) => ({ n: 20, p50, p95, min: 0, max: p95 })

  it('holds the median and the 95th percentile against both limits', () => {
    expect(judge(of(100, 160), floor, goal)).toBe('goal reached')
    expect(judge(of(100, 161), floor, goal)).toBe('within floor')
    expect(judge(of(250, 400), floor, goal)).toBe('within floor')
    expect(judge(of(251, 251), floor, goal)).toBe('ABOVE FLOOR')
    expect(judge(of(90, 401), floor, goal)).toBe('ABOVE FLOOR')
  })

  it('takes a single number for the median, and says when there is nothing to hold', () => {
    expect(judge(of(4, 50), { p50: 10 }, { p50: 4 })).toBe('goal reached')
    expect(judge(of(4, 50), null, null)).toBe('no floor')
  })
})
