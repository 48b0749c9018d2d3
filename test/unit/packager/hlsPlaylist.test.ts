import { describe, expect, it } from 'vitest'
import {
  type RenditionFacts,
  renderMediaPlaylist,
  renderMultivariantPlaylist,
} from '../../../server/packager/hlsPlaylist.ts'
import type { Segment } from '../../../server/packager/SegmentStore.ts'

const bytes = Buffer.from('x')
const first = { name: 'r-init-0.mp4', bytes }
const second = { name: 'r-init-1.mp4', bytes }
const parts = [{ bytes, duration: 2, independent: true, frames: 60 }]

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
    parts,
    name: `r-${mediaSequence}.m4s`,
    ...more,
  }
}

describe('a media playlist', () => {
  it('says what RFC 8216 asks for, with gaps, a discontinuity and a new init segment', () => {
    const segments = [
      segment(7),
      segment(8, { parts: [] }),
      segment(9, { discontinuity: true, discontinuitySequence: 5, init: second, duration: 1.966666, startsAt: 0.6 }),
    ]
    expect(renderMediaPlaylist({ targetDuration: 3, segments, ended: true })).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:3
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

  it('counts a discontinuity before its first segment only when that segment has left', () => {
    const discontinuity = { discontinuity: true, discontinuitySequence: 5 }
    const listing = (segments: Segment[]) => renderMediaPlaylist({ targetDuration: 3, segments, ended: false })
    expect(listing([segment(7, discontinuity), segment(8, { discontinuitySequence: 5 })])).toContain(
      '#EXT-X-DISCONTINUITY-SEQUENCE:4\n',
    )
    expect(listing([segment(8, { discontinuitySequence: 5 })])).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:5\n')
    expect(listing([segment(8)])).not.toContain('ENDLIST')
  })
})

const video: RenditionFacts = {
  id: 'v1',
  kind: 'video',
  codecs: 'avc1.42c01f',
  width: 1280,
  height: 720,
  frameRate: 30,
  channels: 0,
  bandwidth: 2_000_000,
  averageBandwidth: 1_500_000,
  present: true,
}
const small = {
  ...video,
  id: 'v0',
  width: 320,
  height: 180,
  bandwidth: 200_000,
  averageBandwidth: 150_000,
  frameRate: 14.985,
}
const audio: RenditionFacts = {
  ...video,
  id: 'audio',
  kind: 'audio',
  codecs: 'mp4a.40.2',
  channels: 2,
  bandwidth: 100_000,
  averageBandwidth: 96_000,
}

describe('the multivariant playlist', () => {
  it('adds the sound to every variant, and offers it alone for the narrowest networks', () => {
    expect(renderMultivariantPlaylist([video, small, audio], 'a b')).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/playlist.m3u8?session=a%20b"
#EXT-X-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=246000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=14.985,AUDIO="audio"
v0/playlist.m3u8?session=a%20b
#EXT-X-STREAM-INF:BANDWIDTH=2100000,AVERAGE-BANDWIDTH=1596000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="audio"
v1/playlist.m3u8?session=a%20b
#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2",AUDIO="audio"
audio/playlist.m3u8?session=a%20b
`)
  })

  it('names no audio group where there is no sound', () => {
    expect(renderMultivariantPlaylist([video])).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.42c01f",RESOLUTION=1280x720,FRAME-RATE=30.000
v1/playlist.m3u8
`)
  })
})
