import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseByteRange, sliceBuffers } from '../../../server/delivery/byteRange.ts'

describe('parseByteRange', () => {
  it.each([
    ['bytes=0-', 100, { first: 0, last: 99 }],
    ['bytes=0-0', 100, { first: 0, last: 0 }],
    ['bytes=10-19', 100, { first: 10, last: 19 }],
    ['bytes=90-1000', 100, { first: 90, last: 99 }],
    ['bytes=-10', 100, { first: 90, last: 99 }],
    ['bytes=-1000', 100, { first: 0, last: 99 }],
    ['bytes=100-', 100, 'unsatisfiable'],
    ['bytes=-0', 100, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=20-10', 100, null],
    ['bytes=-', 100, null],
    ['bytes=a-b', 100, null],
    ['bytes=0-1,5-6', 100, null],
    ['items=0-1', 100, null],
    ['bytes=9999999999999999-', 100, null],
    [undefined, 100, null],
  ])('reads %s of %i bytes', (header, size, range) => {
    expect(parseByteRange(header, size)).toEqual(range)
  })
})

describe('parseByteRange of anything', () => {
  it('stays within the bytes there are', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    )
    fc.assert(
      fc.property(header, fc.nat(5_000), (text, size) => {
        const range = parseByteRange(text, size)
        if (range === null || range === 'unsatisfiable') return
        expect(range.first).toBeLessThanOrEqual(range.last)
        expect(range.last).toBeLessThan(size)
      }),
    )
  })
})

describe('sliceBuffers', () => {
  it('cuts the same bytes out of pieces as out of the whole, without copying', () => {
    const whole = Buffer.from('abcdefghij')
    const pieces = [whole.subarray(0, 3), whole.subarray(3, 3), whole.subarray(3, 7), whole.subarray(7)]
    for (let first = 0; first < 10; first++) {
      for (let last = first; last < 10; last++) {
        const slices = sliceBuffers(pieces, { first, last })
        expect(Buffer.concat(slices).toString()).toBe('abcdefghij'.slice(first, last + 1))
        expect(slices.every((slice) => slice.buffer === whole.buffer && slice.byteLength > 0)).toBe(true)
      }
    }
  })
})
