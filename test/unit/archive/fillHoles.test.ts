import { describe, expect, it } from 'vitest'
import type { ArchivedSegment, ArchivedTrack } from '../../../server/archive/archiveIndex.ts'
import { fillHoles } from '../../../server/archive/fillHoles.ts'
import { AUDIO, BEGIN, VIDEO } from '../../helpers/archive/segments.ts'

const HIGH = { ...VIDEO, id: 'v1' }

/** Two seconds from `2 × ordinal` on, with these renditions; those in `gaps` are listed, and empty. */
function segment(ordinal: number, ids: string, gaps = ''): ArchivedSegment {
  const startsAt = BEGIN + 2000 * ordinal
  const track = (id: string): ArchivedTrack => {
    const timescale = id === 'audio' ? 48_000 : 90_000
    const times = { start: 2 * timescale * ordinal, length: 2 * timescale, timescale, startsAt }
    return { ...times, init: `${id}-init.mp4`, offset: 0, bytes: gaps.includes(id) ? 0 : 1000 }
  }
  const tracks = new Map(
    `${ids} ${gaps}`
      .trim()
      .split(/\s+/)
      .map((id) => [id, track(id)]),
  )
  const numbers = { ordinal, discontinuitySequence: 0, discontinuity: false }
  return { ...numbers, startsAt, duration: 2, name: `r-${ordinal}.m4s`, tracks }
}

/** What fills each segment's rendition: a name, `own`, or `none`. */
function filled(segments: readonly ArchivedSegment[], id: string): string[] {
  return fillHoles([VIDEO, HIGH, AUDIO], segments).map(({ tracks }) => {
    const track = tracks.get(id)
    return track?.fill ?? (track && track.bytes > 0 ? 'own' : 'none')
  })
}

describe('holes of a recording', () => {
  it('are none where everything is there, or never was', () => {
    const whole = [segment(0, 'v0 audio'), segment(1, 'v0 audio')]
    expect(fillHoles([VIDEO, AUDIO], whole)).toBe(whole)
    const sound = [segment(0, 'audio'), segment(1, 'audio', 'v0')]
    expect(filled(sound, 'v0')).toEqual(['none', 'none'])
  })

  it('are no matter of one rung alone: others stand in for it', () => {
    expect(filled([segment(0, 'v0 v1 audio'), segment(1, 'v0 audio', 'v1')], 'v1')).toEqual(['own', 'none'])
  })

  it('show the picture that comes soon', () => {
    const segments = [segment(0, 'v0 audio'), ...[1, 2, 3].map((n) => segment(n, 'audio', 'v0')), segment(4, 'v0 v1')]
    expect(filled(segments, 'v0')).toEqual(['own', 'r-4.m4s', 'r-4.m4s', 'r-4.m4s', 'own'])
    expect(filled(segments, 'v1')).toEqual(['none', 'r-4.m4s', 'r-4.m4s', 'r-4.m4s', 'own'])
  })

  it('show the picture before, where none comes within ten seconds or ever', () => {
    const away = [1, 2, 3, 4, 5, 6].map((n) => segment(n, 'audio'))
    const segments = [segment(0, 'v0 audio'), ...away, segment(7, 'v0'), segment(8, 'audio')]
    const own = 'own'
    const [before, after] = ['r-0.m4s', 'r-7.m4s']
    expect(filled(segments, 'v0')).toEqual([own, before, after, after, after, after, after, own, after])
  })

  it('show the first picture for as long as there was none before', () => {
    const segments = [...Array.from({ length: 8 }, (_, n) => segment(n, 'audio')), segment(8, 'v0 audio')]
    expect(new Set(filled(segments, 'v0').slice(0, 8))).toEqual(new Set(['r-8.m4s']))
  })

  it('last as long as the segment, in the time of what fills them, and have its init segment', () => {
    const [first] = fillHoles([VIDEO, AUDIO], [segment(3, 'v0'), segment(4, 'v0 audio')])
    expect(first?.tracks.get('audio')).toEqual({
      init: 'audio-init.mp4',
      startsAt: BEGIN + 6000,
      start: 288_000,
      length: 96_000,
      timescale: 48_000,
      offset: 0,
      bytes: 0,
      fill: 'r-4.m4s',
    })
    expect(first?.tracks.get('v0')?.bytes).toBe(1000)
  })
})
