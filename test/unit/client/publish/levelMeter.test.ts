import { describe, expect, it } from 'vitest'
import { levelOf } from '../../../../client/publish/levelMeter.ts'

describe('the level meter', () => {
  it.each([
    ['silence', 0, 0],
    ['full scale', 1, 1],
    ['−60 dBFS, its floor', 0.001, 0],
    ['−30 dBFS, half way', 10 ** (-30 / 20), 0.5],
  ])('shows %s', (_, amplitude, level) => {
    expect(levelOf(new Float32Array(64).fill(amplitude))).toBeCloseTo(level, 4)
  })

  it('reads nothing from no samples', () => {
    expect(levelOf(new Float32Array())).toBe(0)
  })
})
