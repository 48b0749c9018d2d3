import { describe, expect, it } from 'vitest'
import { longestStandstill } from '../../bench/pageRecorder.ts'

describe('the standstill of a picture', () => {
  it('is the longest pause between two frames that ended after the moment in question', () => {
    expect(longestStandstill([0, 900, 933, 966, 2966, 3000, 3400], 950)).toEqual({ from: 966, to: 2966 })
  })

  it('may have begun before that moment', () => {
    expect(longestStandstill([0, 900], 850)).toEqual({ from: 0, to: 900 })
  })

  it('is not known while no frame came since', () => {
    expect(longestStandstill([0, 33], 33)).toBeNull()
    expect(longestStandstill([], 0)).toBeNull()
  })
})
