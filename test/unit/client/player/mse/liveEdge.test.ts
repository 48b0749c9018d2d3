import { describe, expect, it } from 'vitest'
import { followEdge, type Range } from '../../../../../client/player/mse/liveEdge.ts'

const range = (start: number, end: number): Range => ({ start, end })
const media = [range(0, 100)]

describe('followEdge', () => {
  it.each([
    ['where it should be', 50, 50, 1, 1],
    ['a frame late', 50, 50.05, 1, 1],
    ['hardly early', 50, 49.99, 1, 1],
    ['a frame early', 50, 49.95, 1, 0.98],
    ['late', 50, 50.2, 1, 1.06],
    ['very late', 50, 52, 1, 1.1],
    ['early', 50, 49.8, 1, 0.95],
    ['nearly caught up', 50, 50.03, 1.04, 1.02],
    ['caught up', 50, 50.01, 1.02, 1],
    ['nearly fallen back', 50, 49.97, 0.96, 0.98],
  ])('plays on at a rate that brings it to the goal: %s', (_what, position, goal, rate, expected) => {
    expect(followEdge({ position, goal, rate, ranges: media })).toEqual({ rate: expected, seekTo: null })
  })

  it('jumps when it is too late to catch up, and when time was put back', () => {
    expect(followEdge({ position: 50, goal: 60, rate: 1.1, ranges: media })).toEqual({ rate: 1, seekTo: 60 })
    expect(followEdge({ position: 50, goal: 40, rate: 1, ranges: media })).toEqual({ rate: 1, seekTo: 40 })
  })

  it('meets a goal that others share more exactly, more gently, and sooner by a jump', () => {
    const shared = (goal: number, rate = 1) => followEdge({ position: 50, goal, rate, ranges: media, isShared: true })
    expect(shared(50.04)).toEqual({ rate: 1.01, seekTo: null })
    expect(shared(50.9)).toEqual({ rate: 1.05, seekTo: null })
    expect(shared(48.5)).toEqual({ rate: 1, seekTo: 48.5 })
  })

  it('does not jump to where there is nothing', () => {
    expect(followEdge({ position: 50, goal: 120, rate: 1, ranges: media })).toEqual({ rate: 1.1, seekTo: null })
  })

  it('begins at the goal, not at the beginning of what there is', () => {
    expect(followEdge({ position: 0, goal: 11.8, rate: 1, ranges: [range(10, 12)] })).toEqual({ rate: 1, seekTo: 11.8 })
  })

  it('begins as near to the goal as there is media', () => {
    const begin = (goal: number) => followEdge({ position: 0, goal, rate: 1, ranges: [range(10, 12)] }).seekTo
    expect([begin(9), begin(13)]).toEqual([10, 11.97])
  })

  it('jumps over a gap that it has come to, and over several to the last that is due', () => {
    const ranges = [range(0, 10), range(11, 12), range(13, 20)]
    expect(followEdge({ position: 5, goal: 5, rate: 1, ranges }).seekTo).toBeNull()
    expect(followEdge({ position: 9.99, goal: 10, rate: 1, ranges }).seekTo).toBe(11)
    expect(followEdge({ position: 10.2, goal: 14, rate: 1, ranges }).seekTo).toBe(14)
  })

  it('waits at the end of all there is', () => {
    expect(followEdge({ position: 12, goal: 30, rate: 1.1, ranges: [range(10, 12)] })).toEqual({
      rate: 1,
      seekTo: null,
    })
    expect(followEdge({ position: 0, goal: 30, rate: 1, ranges: [] })).toEqual({ rate: 1, seekTo: null })
  })
})
