import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catchUpRate } from '../../../../client/player/catchUp.ts'

describe('catchUpRate', () => {
  it.each([
    ['plays on where it should be', 0, 0.7, 1, 1],
    ['does not mind a little', 0.1, 0.7, 1, 1],
    ['hurries gently from half a part on', 0.2, 0.7, 1, 1.05],
    ['goes on hurrying until it has arrived', 0.1, 0.7, 1.05, 1.05],
    ['stops then', 0.04, 0.7, 1.05, 1],
    ['hurries more when it is far behind', 2, 2, 1, 1.1],
    ['hurries less when it is nearly there', 0.3, 0.7, 1.1, 1.05],
    ['does not eat the last part of its buffer', 2, 0.3, 1.1, 1],
    ['does not slow down when it is too near', -1, 0.5, 1.05, 1],
  ])('%s', (_case, behind, ahead, rate, expected) => {
    expect(catchUpRate({ behind, ahead }, rate)).toBe(expected)
  })

  it('arrives from anywhere and stays there', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 11, noNaN: true }), (from) => {
        let [behind, rate, changes] = [from, 1, 0]
        for (let look = 0; look < 4 * 120; look++) {
          const next = catchUpRate({ behind, ahead: behind + 0.6 }, rate)
          if (next !== rate) changes++
          rate = next
          behind -= (rate - 1) / 4
        }
        expect(behind).toBeLessThan(0.15)
        expect(behind).toBeGreaterThan(-0.01)
        expect(rate).toBe(1)
        expect(changes).toBeLessThanOrEqual(3)
      }),
    )
  })
})
