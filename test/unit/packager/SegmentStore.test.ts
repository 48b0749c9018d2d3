import { describe, expect, it } from 'vitest'
import { type Segment, SegmentStore } from '../../../server/packager/SegmentStore.ts'

const bytes = Buffer.from('x')

function filled(count: number): SegmentStore {
  const store = new SegmentStore('r', 6)
  for (let number = 10; number < 10 + count; number++) {
    const segment: Segment = {
      mediaSequence: number,
      discontinuitySequence: 0,
      discontinuity: false,
      startsAt: 0,
      start: 0,
      length: 180_000,
      timescale: 90_000,
      duration: 2,
      gap: number === 11,
      gapParts: number === 11 ? [0.35] : [],
      init: { name: `r-init-${number < 12 ? 0 : 1}.mp4`, bytes },
      parts: number === 11 ? [] : [{ bytes, duration: 2, independent: true, frames: 60 }],
      name: `r-${number}.m4s`,
    }
    store.add(segment)
  }
  return store
}

describe('SegmentStore', () => {
  it('lists a window and serves as much again and one more, however long it runs', () => {
    const store = filled(1000)
    expect(store.listed.map((segment) => segment.mediaSequence)).toEqual([1004, 1005, 1006, 1007, 1008, 1009])
    expect(store.kept).toHaveLength(13)
    expect(store.find('r-997.m4s')).toEqual([bytes])
  })

  it('tells what left from what never was', () => {
    const store = filled(1000)
    expect(store.find('r-996.m4s')).toBe('gone')
    expect(store.find('r-10.m4s')).toBe('gone')
    expect(store.find('r-init-0.mp4')).toBe('gone')
    expect(store.find('r-init-1.mp4')).toEqual([bytes])
    for (const name of ['r-9.m4s', 'r-1010.m4s', 'r-init-2.mp4', 'q-500.m4s', 'r-5e2.m4s', '../r-500.m4s', '']) {
      expect(store.find(name)).toBeNull()
    }
  })

  it('has no bytes for a gap', () => {
    expect(filled(3).find('r-11.m4s')).toBeNull()
  })
})
