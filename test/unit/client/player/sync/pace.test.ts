import { describe, expect, it } from 'vitest'
import { paceTo } from '../../../../../client/player/sync/pace.ts'

describe('paceTo', () => {
  it.each([
    ['where it should be', 0, 1, 1],
    ['a frame late', 0.03, 1, 1],
    ['a frame early', -0.03, 1, 1],
    ['a little late', 0.04, 1, 1.01],
    ['a little early', -0.04, 1, 0.99],
    ['a little late while it is being mended', 0.02, 1.01, 1.01],
    ['mended', 0.007, 1.01, 1],
    ['late', 0.12, 1, 1.03],
    ['late by half a second', 0.5, 1, 1.05],
    ['early by half a second', -0.5, 1, 0.95],
  ])('plays at a rate nobody hears: %s', (_what, late, rate, expected) => {
    expect(paceTo(late, rate)).toEqual({ rate: expected, jump: false })
  })

  it('jumps where catching up would take too long, and hurries where it cannot jump', () => {
    expect(paceTo(1.5, 1)).toEqual({ rate: 1.05, jump: true })
    expect(paceTo(-1.5, 1)).toEqual({ rate: 0.95, jump: true })
  })

  it.each([0.9, -0.9, 0.1, -0.1])(
    'converges from %d s off, without overshooting, and then stays at rate 1',
    (start) => {
      let late = start
      let rate = 1
      let changes = 0
      let rested = 0
      for (let look = 0; look < 300; look++) {
        const next = paceTo(late, rate).rate
        changes += Number(next !== rate)
        rate = next
        late -= (rate - 1) * 0.1
        expect(Math.sign(late) * Math.sign(start)).toBeGreaterThanOrEqual(0)
        rested += Number(rate === 1)
      }
      expect(Math.abs(late)).toBeLessThan(0.01)
      expect(rested).toBeGreaterThan(10)
      expect(changes).toBeLessThanOrEqual(7)
    },
  )
})
