import { describe, expect, it } from 'vitest'
import { firstPictureBytes } from '../../../server/packager/iframePlaylist.ts'
import { writePart } from '../../../server/packager/partWriter.ts'
import { type Segment, SegmentStore } from '../../../server/packager/SegmentStore.ts'

const bytes = Buffer.from('x')

function filled(count: number): SegmentStore {
  const store = new SegmentStore('r', 6, 2)
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

  it('gives up bytes that are on disk, but those near the live edge, and lists all the same', () => {
    const store = filled(13)
    store.release(20)
    expect(store.find('r-15.m4s')).toBe('gone')
    expect(store.find('r-15.0.m4s')).toBe('gone')
    expect(store.find('r-16.m4s')).toEqual([bytes])
    expect(store.find('r-11.m4s')).toBeNull()
    expect(store.find('r-init-0.mp4')).toEqual([bytes])
    expect(store.listed.map(({ parts }) => parts[0]?.duration)).toEqual([2, 2, 2, 2, 2, 2])
    expect(store.kept).toHaveLength(13)
  })

  it('still knows where the first picture of a segment is that is on disk', () => {
    const store = filled(13)
    const sample = { time: 0, duration: 3000, compositionOffset: 0, sync: true, data: Buffer.alloc(500) }
    const parts = [1, 2].map((sequence) => {
      return { bytes: writePart(sequence, [sample, sample]), duration: 1, independent: true, frames: 2 }
    })
    const [segment] = store.kept.slice(-1)
    if (!segment) throw new Error('no segment')
    for (let number = 23; number < 33; number++) store.add({ ...segment, mediaSequence: number, parts })
    store.release(26)
    const [released] = store.kept.filter(({ mediaSequence }) => mediaSequence === 24)
    expect(released?.parts[0]?.bytes.length).toBeLessThan(200)
    expect(firstPictureBytes(released ?? { parts: [] })).toBe(firstPictureBytes({ parts }))
  })

  it('keeps what is not on disk yet', () => {
    const store = filled(13)
    store.release(12)
    expect(store.find('r-12.m4s')).toBe('gone')
    expect(store.find('r-13.m4s')).toEqual([bytes])
  })

  it('has no bytes for a gap', () => {
    expect(filled(3).find('r-11.m4s')).toBeNull()
  })
})
