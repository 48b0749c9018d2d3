import { describe, expect, it } from 'vitest'
import { LivePlaylist } from '../../../server/packager/LivePlaylist.ts'
import { type MediaPlaylist, renderDeltaUpdate, renderMediaPlaylist } from '../../../server/packager/mediaPlaylist.ts'
import type { OpenSegment, Segment } from '../../../server/packager/SegmentStore.ts'

const bytes = Buffer.from('x')
const first = { name: 'r-init-0.mp4', bytes }
const second = { name: 'r-init-1.mp4', bytes }
const part = (duration: number, independent = false) => ({ bytes, duration, independent, frames: 10 })
const parts = [part(0.35, true), part(0.35), part(0.3)]

function segment(mediaSequence: number, more: Partial<Segment> = {}): Segment {
  return {
    mediaSequence,
    discontinuitySequence: 4,
    discontinuity: false,
    startsAt: Date.UTC(2026, 0, 1) + mediaSequence * 2000,
    start: mediaSequence * 180_000,
    length: 180_000,
    timescale: 90_000,
    duration: 2,
    init: first,
    gap: false,
    parts,
    gapParts: [],
    name: `r-${mediaSequence}.m4s`,
    ...more,
  }
}

const gap = { gap: true, parts: [], gapParts: [0.35, 0.35, 0.3] }
const open = (mediaSequence: number, more: Partial<OpenSegment> = {}): OpenSegment => segment(mediaSequence, more)
const nothing = { open: null, reports: [], targetDuration: 3, partTarget: 0.35, ended: false }
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => segment(from + index))

function live(more: Partial<MediaPlaylist>): MediaPlaylist {
  return { ...nothing, segments: range(1, 3), ...more }
}

describe('a media playlist', () => {
  it('of an ended broadcast has its head as before and no parts, but gaps, a discontinuity and a new init segment', () => {
    const segments = [
      segment(7),
      segment(8, gap),
      segment(9, { discontinuity: true, discontinuitySequence: 5, init: second, duration: 1.966666, startsAt: 0.6 }),
    ]
    expect(renderMediaPlaylist({ ...nothing, segments, ended: true })).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:3
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=18,HOLD-BACK=9,PART-HOLD-BACK=1.05
#EXT-X-PART-INF:PART-TARGET=0.35
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="r-init-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:14.000Z
#EXTINF:2.00000,
r-7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z
#EXT-X-GAP
#EXTINF:2.00000,
r-8.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="r-init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.001Z
#EXTINF:1.96667,
r-9.m4s
#EXT-X-ENDLIST
`)
  })

  it('while live lists the newest parts, hints at the next, and reports on the other renditions', () => {
    const segments = [segment(7), segment(8)]
    const reports = [{ uri: '../audio/playlist.m3u8', mediaSequence: 9, part: 1 }]
    const discontinuous = { discontinuity: true, discontinuitySequence: 5, init: second }
    const text = renderMediaPlaylist(
      live({ segments, reports, open: open(9, { ...discontinuous, parts: parts.slice(0, 2) }) }),
    )
    expect(text).toContain(`#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:3
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=18,HOLD-BACK=9,PART-HOLD-BACK=1.05
#EXT-X-PART-INF:PART-TARGET=0.35
#EXT-X-MEDIA-SEQUENCE:7
`)
    expect(text.slice(text.indexOf('r-7.m4s\n'))).toBe(`r-7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z
#EXT-X-PART:DURATION=0.35,URI="r-8.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.35,URI="r-8.1.m4s"
#EXT-X-PART:DURATION=0.3,URI="r-8.2.m4s"
#EXTINF:2.00000,
r-8.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="r-init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:18.000Z
#EXT-X-PART:DURATION=0.35,URI="r-9.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.35,URI="r-9.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="r-9.2.m4s"
#EXT-X-RENDITION-REPORT:URI="../audio/playlist.m3u8",LAST-MSN=9,LAST-PART=1
`)
  })

  it('lists no part that is older than three target durations', () => {
    const text = renderMediaPlaylist(live({ segments: range(1, 9), open: open(10, { parts: parts.slice(0, 1) }) }))
    expect(text).not.toContain('r-5.2.m4s')
    expect(text).toContain('r-6.0.m4s')
  })

  it('says of an absent rendition which parts it lacks, and promises none', () => {
    const text = renderMediaPlaylist(
      live({ segments: [segment(1), segment(2, gap)], open: open(3, { ...gap, gapParts: [0.35] }) }),
    )
    expect(text).toContain('#EXT-X-VERSION:8\n')
    expect(text.slice(text.indexOf('r-1.m4s\n'))).toBe(`r-1.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z
#EXT-X-PART:DURATION=0.35,URI="r-2.0.m4s",GAP=YES
#EXT-X-PART:DURATION=0.35,URI="r-2.1.m4s",GAP=YES
#EXT-X-PART:DURATION=0.3,URI="r-2.2.m4s",GAP=YES
#EXT-X-GAP
#EXTINF:2.00000,
r-2.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.000Z
#EXT-X-PART:DURATION=0.35,URI="r-3.0.m4s",GAP=YES
`)
  })

  it('counts a discontinuity before its first segment only when that segment has left', () => {
    const discontinuity = { discontinuity: true, discontinuitySequence: 5 }
    const listing = (...segments: Segment[]) => renderMediaPlaylist(live({ segments }))
    expect(listing(segment(7, discontinuity), segment(8, { discontinuitySequence: 5 }))).toContain(
      '#EXT-X-DISCONTINUITY-SEQUENCE:4\n',
    )
    expect(listing(segment(8, { discontinuitySequence: 5 }))).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:5\n')
    expect(listing(segment(8))).not.toContain('ENDLIST')
  })
})

describe('a delta update', () => {
  it('leaves out what ends six target durations before the end, the init segment named there included', () => {
    const playlist = live({ segments: range(1, 15), open: open(16, { parts: parts.slice(0, 1) }) })
    const text = renderDeltaUpdate(playlist)
    expect(text).toContain('#EXT-X-VERSION:9\n')
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:1\n')
    expect(text).toContain('#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-SKIP:SKIPPED-SEGMENTS=6\n#EXT-X-PROGRAM-DATE-TIME')
    expect(text).not.toContain('#EXT-X-MAP')
    const whole = renderMediaPlaylist(playlist)
    expect(whole.slice(whole.indexOf('r-6.m4s\n') + 8)).toBe(text.slice(text.indexOf('SEGMENTS=6\n') + 11))
  })

  it('is the whole playlist while nothing can be skipped, and of an ended broadcast', () => {
    const short = live({ segments: range(1, 9) })
    expect(renderDeltaUpdate(short)).toBe(renderMediaPlaylist(short))
    const ended = live({ segments: range(1, 15), ended: true })
    expect(renderDeltaUpdate(ended)).toBe(renderMediaPlaylist(ended))
  })
})

describe('a version of a playlist', () => {
  it('has its segments, its parts, and part 0 of the next segment by an index past the end of one', () => {
    const version = new LivePlaylist(1, live({ segments: range(1, 3), open: open(4, { parts: parts.slice(0, 2) }) }))
    expect([version.lastMediaSequence, version.lastPart, version.hint]).toEqual([4, 1, 'r-4.2.m4s'])
    expect([1, 3, 4].map((number) => version.has(number))).toEqual([true, true, false])
    expect([0, 1, 2].map((index) => version.has(4, index))).toEqual([true, true, false])
    expect([version.has(3, 2), version.has(3, 3), version.has(5, 0)]).toEqual([true, true, false])
  })

  it('waits for part 0 of the next segment when asked for a part past the end of the last one', () => {
    const version = new LivePlaylist(1, live({ segments: range(1, 3), open: open(4, { parts: [] }) }))
    expect([version.lastMediaSequence, version.lastPart, version.hint]).toEqual([3, 2, 'r-4.0.m4s'])
    expect([version.has(3, 2), version.has(3, 3), version.has(4, 0)]).toEqual([true, false, false])
    const without = new LivePlaylist(1, live({ segments: range(1, 3) }))
    expect([without.lastMediaSequence, without.lastPart, without.hint]).toEqual([3, 2, null])
  })

  it('never changes, though the packager goes on with its parts', () => {
    const growing = parts.slice(0, 1)
    const version = new LivePlaylist(1, live({ open: open(4, { parts: growing }) }))
    growing.push(part(0.35))
    expect(version.has(4, 1)).toBe(false)
    expect(version.text()).not.toContain('r-4.1.m4s",IND')
    expect(version.text()).toContain('PRELOAD-HINT:TYPE=PART,URI="r-4.1.m4s"')
  })
})
