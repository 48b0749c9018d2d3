import { describe, expect, it } from 'vitest'
import { hlsStart } from '../../../../client/player/hlsStart.ts'
import { nextTarget } from '../../../../client/player/jitterSteps.ts'
import { firstPosition } from '../../../../client/player/mse/liveEdge.ts'

describe('where MSE begins for somebody who has seen a part of it', () => {
  const ranges = [{ start: 10, end: 13 }]

  it.each([
    ['right after what was seen', 11, 12.5, 11.03],
    ['with the first there is, where that is later', 8, 11.5, 10],
    ['as usual, where that is not ahead of what was seen', 12.6, 12.5, null],
    ['as usual, where it would be too far behind', 10, 12.9, null],
  ])('%s', (_case, from, goal, position) => {
    expect(firstPosition(from, ranges, goal)).toEqual(position)
  })

  it('as usual, where there is nothing yet', () => {
    expect(firstPosition(1, [], 2)).toBeNull()
  })
})

describe('where HLS begins for somebody who has seen a part of it', () => {
  const fragments = [0, 2, 4, 6, 8].map((start) => ({ start, programDateTime: 1_000_000 + start * 1000 }))
  const listed = { fragments, edge: 10, holdBack: 6, partHoldBack: 1 }

  it.each([
    ['right after what was seen', 1_007_500, 7.5],
    ['as usual, where that is not ahead of what was seen', 1_009_500, null],
    ['as usual, where it would be too far behind', 1_004_000, null],
    ['as usual, where that is not listed any more', 900_000, null],
  ])('%s', (_case, from, position) => {
    expect(hlsStart(from, listed)).toEqual(position)
  })

  it('as usual, where there is a gap between what was seen and the edge', () => {
    const gapped = { ...listed, fragments: fragments.map((each) => ({ ...each, gap: each.start === 6 })) }
    expect(hlsStart(1_007_500, gapped)).toBeNull()
    expect(hlsStart(1_008_500, gapped)).toBe(8.5)
  })
})

describe('how long WebRTC is told to wait', () => {
  it.each([
    ['before anything is measured: as long as the other is behind, but for the way', 0.5, null, null, 420],
    ['nearer to the goal by a part of what is missing', 0.5, 0.3, 400, 470],
    ['less, where it is too far behind', 0.5, 0.7, 400, 330],
    ['what it was told, within a frame', 0.5, 0.52, 400, 400],
    ['what it was told, before anything is measured', 0.5, null, 400, 400],
    ['never more than browsers take', 9, null, null, 4_000],
    ['never less than nothing', 0.05, null, null, 0],
  ])('%s', (_case, wanted, latency, target, next) => {
    expect(nextTarget({ wanted, latency, target })).toBe(next)
  })
})
