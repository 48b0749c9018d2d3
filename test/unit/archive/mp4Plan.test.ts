import { describe, expect, it } from 'vitest'
import type { ArchivedSegment, ArchivedTrack } from '../../../server/archive/archiveIndex.ts'
import { planMp4 } from '../../../server/archive/mp4Plan.ts'
import { AUDIO, VIDEO } from '../../helpers/archive/segments.ts'

const HIGH = { ...VIDEO, id: 'v1', width: 1280, height: 720 }

/** Two seconds from `seconds` of media time on; sound begins 10 ms later. */
function segment(ordinal: number, seconds: number, there: readonly string[], discontinuity = false): ArchivedSegment {
  const track = (id: string): [string, ArchivedTrack] => {
    const timescale = id === 'audio' ? 48_000 : 90_000
    const start = Math.round((seconds + (id === 'audio' ? 0.01 : 0)) * timescale)
    const bytes = there.includes(id) ? 10 : 0
    return [id, { init: `init-${id}`, startsAt: 0, start, length: 2 * timescale, timescale, offset: 0, bytes }]
  }
  const tracks = new Map(['v0', 'v1', 'audio'].map(track))
  return { ordinal, discontinuity, discontinuitySequence: 0, startsAt: 0, duration: 2, name: `${ordinal}.m4s`, tracks }
}

const ALL = ['v0', 'v1', 'audio']
const RENDITIONS = [VIDEO, HIGH, AUDIO]

/** `name rendition begin` of each piece, with the second where it begins in the file. */
function plan(segments: readonly ArchivedSegment[], renditions = RENDITIONS): string[] {
  return planMp4(renditions, segments).map(({ name, rendition, shift, timescale }) => {
    const start = segments.find((each) => each.name === name)?.tracks.get(rendition)?.start ?? 0
    return `${name} ${rendition} ${((start + shift) / timescale).toFixed(3)}`
  })
}

describe('the plan of one MP4', () => {
  it('takes the best rung and the sound, from zero on', () => {
    expect(plan([segment(0, 100, ALL), segment(1, 102, ALL)])).toEqual([
      '0.m4s v1 0.000',
      '0.m4s audio 0.010',
      '1.m4s v1 2.000',
      '1.m4s audio 2.010',
    ])
  })

  it('goes on after a discontinuity where the longer track ended, whatever the times say, and keeps both in step', () => {
    for (const other of [0, 5000]) {
      expect(plan([segment(0, 100, ALL), segment(1, other, ALL, true), segment(2, other + 2, ALL)])).toEqual([
        '0.m4s v1 0.000',
        '0.m4s audio 0.010',
        '1.m4s v1 2.010',
        '1.m4s audio 2.020',
        '2.m4s v1 4.010',
        '2.m4s audio 4.020',
      ])
    }
  })

  it('takes the next best rung where the main one is missing, and lets time pass where all are', () => {
    const segments = [
      segment(0, 0, ALL),
      segment(1, 2, ['v0', 'audio']),
      segment(2, 4, []),
      segment(3, 6, ALL),
      segment(4, 8, ['v1']),
    ]
    expect(plan(segments)).toEqual([
      '0.m4s v1 0.000',
      '0.m4s audio 0.010',
      '1.m4s v0 2.000',
      '1.m4s audio 2.010',
      '3.m4s v1 6.000',
      '3.m4s audio 6.010',
      '4.m4s v1 8.000',
    ])
  })

  it('does not make a sharp rung the main one that was there for a moment', () => {
    const rungs = ['v0', 'audio']
    const segments = [segment(0, 0, ALL), segment(1, 2, rungs), segment(2, 4, rungs), segment(3, 6, rungs)]
    expect(plan(segments).filter((piece) => piece.includes('v1'))).toEqual([])
  })

  it('is content with sound alone, with a picture alone, and with nothing', () => {
    expect(plan([segment(0, 5, ['audio'])], [AUDIO])).toEqual(['0.m4s audio 0.010'])
    expect(plan([segment(0, 5, ['v0'])], [VIDEO])).toEqual(['0.m4s v0 0.000'])
    expect(plan([])).toEqual([])
  })
})
