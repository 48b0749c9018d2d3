import { describe, expect, it } from 'vitest'
import { liveJump } from '../../../../client/player/liveEdge.ts'

const upTo = (...ends: number[]) => ({ length: ends.length, end: (index: number) => ends[index] ?? Number.NaN })

describe('liveJump', () => {
  it.each([
    ['jumps when it began far behind', upTo(40), 22, 38.5],
    ['goes by the newest range', upTo(10, 40), 5, 38.5],
    ['stays where it is near enough', upTo(40), 35, null],
    ['stays when nothing is known yet', upTo(), 0, null],
    ['stays where there is no end', upTo(Number.POSITIVE_INFINITY), 3, null],
  ])('%s', (_case, seekable, currentTime, expected) => {
    expect(liveJump(seekable, currentTime)).toBe(expected)
  })
})
