import { describe, expect, it } from 'vitest'
import { lookAt, onMeter } from '../../../../client/publish/levelMeter.ts'

describe('the level meter', () => {
  it.each([
    ['silence', 0, 0],
    ['full scale', 1, 1],
    ['−60 dBFS, its floor', 0.001, 0],
    ['−30 dBFS, half way', 10 ** (-30 / 20), 0.5],
  ])('shows %s', (_, amplitude, level) => {
    expect(onMeter(lookAt(new Float32Array(64).fill(amplitude)).rms)).toBeCloseTo(level, 4)
  })

  it('tells the loudest sample beside how loud it is on the whole', () => {
    const samples = new Float32Array(100)
    samples[7] = -0.5
    const { rms, peak } = lookAt(samples)
    expect(peak).toBeCloseTo(-6.02, 2)
    expect(rms).toBeCloseTo(-26.02, 2)
  })

  it('reads nothing from no samples', () => {
    expect(onMeter(lookAt(new Float32Array()).rms)).toBe(0)
  })
})
