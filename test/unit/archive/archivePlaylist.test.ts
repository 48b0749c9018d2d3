import { describe, expect, it } from 'vitest'
import type { ArchivedSegment } from '../../../server/archive/archiveIndex.ts'
import {
  fromFirstPicture,
  offeredRenditions,
  renderArchivePlaylist,
  renderArchiveVariants,
  standIns,
} from '../../../server/archive/archivePlaylist.ts'
import { AUDIO, BEGIN, VIDEO } from '../../helpers/archive/segments.ts'

/** Two seconds of video with `bytes`, and sound, from `2 × ordinal` on. */
function segment(ordinal: number, bytes: number | null, more: Partial<ArchivedSegment> = {}): ArchivedSegment {
  const startsAt = BEGIN + 2000 * ordinal
  const track = { startsAt, start: 0, length: 180_000, timescale: 90_000, offset: 0 }
  const audio = { ...track, init: 'r-init-0.mp4', startsAt: startsAt + 4, length: 180_090, bytes: 20_000 }
  const video = { ...track, init: 'r-init-0.mp4', bytes: bytes ?? 0 }
  return {
    ordinal,
    discontinuitySequence: 0,
    discontinuity: false,
    startsAt,
    duration: 2.001,
    name: `r-${ordinal + 40}.m4s`,
    tracks: new Map(
      bytes === null
        ? [['audio', audio]]
        : [
            ['v0', video],
            ['audio', audio],
          ],
    ),
    ...more,
  }
}

const rows = (text: string) => text.trimEnd().split('\n')

describe('a playlist of what is kept', () => {
  it('lists a recording from its first segment to its end', () => {
    const segments = [segment(0, 1000), segment(1, 1000)]
    expect(
      rows(renderArchivePlaylist({ rendition: 'v0', standIns: [], targetDuration: 3, segments, kind: 'recording' })),
    ).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="r-init-0.mp4"',
      '#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z',
      '#EXTINF:2.00000,',
      'r-40.m4s',
      '#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z',
      '#EXTINF:2.00000,',
      'r-41.m4s',
      '#EXT-X-ENDLIST',
    ])
  })

  it('numbers a window by its own count, and gives it no end before the broadcast has one', () => {
    const broken = segment(8, 1000, { discontinuity: true, discontinuitySequence: 3 })
    const open = renderArchivePlaylist({
      rendition: 'v0',
      standIns: [],
      targetDuration: 3,
      segments: [broken],
      kind: 'window',
    })
    expect(rows(open)).toContain('#EXT-X-MEDIA-SEQUENCE:8')
    expect(rows(open)).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:2')
    expect(rows(open)).not.toContain('#EXT-X-ENDLIST')
    const over = renderArchivePlaylist({
      rendition: 'v0',
      standIns: [],
      targetDuration: 3,
      segments: [broken],
      kind: 'ended-window',
    })
    expect(rows(over).at(-1)).toBe('#EXT-X-ENDLIST')
    expect(rows(over)).not.toContain('#EXT-X-PLAYLIST-TYPE:VOD')
  })

  it('lists the same segments in all renditions: where one has nothing, it has a gap', () => {
    const segments = [segment(0, null), segment(1, 0), segment(2, 1000)]
    const video = rows(
      renderArchivePlaylist({ rendition: 'v0', standIns: [], targetDuration: 3, segments, kind: 'recording' }),
    )
    const audio = rows(
      renderArchivePlaylist({ rendition: 'audio', standIns: [], targetDuration: 3, segments, kind: 'recording' }),
    )
    const names = ['r-40.m4s', 'r-41.m4s', 'r-42.m4s']
    expect(video.filter((row) => row.endsWith('m4s'))).toEqual(names)
    expect(audio.filter((row) => row.endsWith('m4s'))).toEqual(names)
    expect(video.filter((row) => row === '#EXT-X-GAP')).toHaveLength(2)
    expect(audio).not.toContain('#EXT-X-GAP')
    expect(audio).toContain('#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.004Z')
    expect(audio).toContain('#EXTINF:2.00100,')
  })

  it('shows another rung with its own init where one is missing, and a gap only where all are', () => {
    const full = segment(0, 1000)
    const high = { ...(full.tracks.get('v0') ?? fail()), init: 'r-init-3.mp4' }
    const segments = [
      full,
      segment(1, 1000, { tracks: new Map([...segment(1, 1000).tracks, ['v1', high]]) }),
      segment(2, null),
    ]
    const text = renderArchivePlaylist({
      rendition: 'v1',
      standIns: ['v0'],
      targetDuration: 3,
      segments,
      kind: 'window',
    })
    expect(rows(text).filter((row) => !/VERSION|TARGET|SEQ|PROGRAM|INDEP|EXTM3U|EXTINF/.test(row))).toEqual([
      '#EXT-X-MAP:URI="../v0/r-init-0.mp4"',
      '../v0/r-40.m4s',
      '#EXT-X-MAP:URI="r-init-3.mp4"',
      'r-41.m4s',
      '#EXT-X-GAP',
      'r-42.m4s',
    ])
  })

  it('lets the next lower rungs stand in, then the next higher ones, and begins with the first picture', () => {
    const rungs = [
      { ...VIDEO, id: 'v2', width: 1920, height: 1080 },
      VIDEO,
      { ...VIDEO, id: 'v1', width: 1280, height: 720 },
      AUDIO,
    ]
    expect(standIns(rungs, 'v1')).toEqual(['v0', 'v2'])
    expect(standIns(rungs, 'v2')).toEqual(['v1', 'v0'])
    expect(standIns(rungs, 'audio')).toEqual([])
    const segments = [segment(0, null), segment(1, 0), segment(2, 1000), segment(3, 0)]
    expect(fromFirstPicture([VIDEO, AUDIO], segments)).toEqual(segments.slice(2))
    expect(fromFirstPicture([AUDIO], segments)).toEqual(segments)
  })

  it('names a new init where it changes', () => {
    const tracks = new Map([...segment(1, 1000).tracks].map(([id, track]) => [id, { ...track, init: 'r-init-1.mp4' }]))
    const segments = [segment(0, 1000), segment(1, 1000, { tracks, discontinuity: true }), segment(2, 1000, { tracks })]
    const maps = rows(
      renderArchivePlaylist({ rendition: 'v0', standIns: [], targetDuration: 3, segments, kind: 'recording' }),
    ).filter((row) => row.startsWith('#EXT-X-MAP') || row.startsWith('#EXT-X-DISCONTINUITY'))
    expect(maps).toEqual([
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-MAP:URI="r-init-0.mp4"',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="r-init-1.mp4"',
    ])
  })

  it('promises the bit rates that were, and leads nobody to a rung that was hardly there', () => {
    const segments = Array.from({ length: 20 }, (_, index) => segment(index, index === 3 ? 500_000 : 250_000))
    const offered = offeredRenditions([{ ...VIDEO, id: 'v1' }, VIDEO, AUDIO], segments)
    const text = renderArchiveVariants(offered, 'recording')
    expect(text).toContain(`BANDWIDTH=${2_000_000 + 79_961},`)
    expect(text).toContain('v0/recording.m3u8')
    expect(text).not.toContain('v1/')
    expect(renderArchiveVariants(offered, 'window', 'me')).toContain('v0/window.m3u8?session=me')
  })
})

function fail(): never {
  throw new Error('no track')
}
