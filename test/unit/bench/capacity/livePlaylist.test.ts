import { describe, expect, it } from 'vitest'
import { lowestRung, readLiveEdge } from '../../../bench/capacity/livePlaylist.ts'

const playlist = `#EXTM3U
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="r-init-0.mp4"
#EXTINF:2.00000,
r-7.m4s
#EXT-X-PART:DURATION=0.35,URI="r-8.0.m4s",INDEPENDENT=YES
#EXTINF:2.00000,
r-8.m4s
#EXT-X-PART:DURATION=0.35,URI="r-9.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.35,URI="r-9.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="r-9.2.m4s"
`

describe('what a low-latency client of the bench reads', () => {
  it('is the listed parts, the init segment, and which part comes next', () => {
    expect(readLiveEdge(playlist)).toEqual({
      parts: ['r-8.0.m4s', 'r-9.0.m4s', 'r-9.1.m4s'],
      map: 'r-init-0.mp4',
      next: { msn: 9, part: 2 },
    })
  })

  it('asks for the first part of the next segment once a segment is listed whole', () => {
    const whole = playlist.replace(/#EXT-X-PRELOAD-HINT.*/, '#EXTINF:2.00000,\nr-9.m4s')
    expect(readLiveEdge(whole).next).toEqual({ msn: 10, part: 0 })
  })

  it('counts what a delta update leaves out', () => {
    const delta = playlist.replace('#EXTINF:2.00000,\nr-7.m4s', '#EXT-X-SKIP:SKIPPED-SEGMENTS=4')
    expect(readLiveEdge(delta).next).toEqual({ msn: 12, part: 2 })
  })

  it('leaves out parts that are gaps, and counts them', () => {
    const gap = playlist.replace('URI="r-9.1.m4s"', 'URI="r-9.1.m4s",GAP=YES')
    expect(readLiveEdge(gap)).toMatchObject({ parts: ['r-8.0.m4s', 'r-9.0.m4s'], next: { msn: 9, part: 2 } })
  })

  it('chooses the variant with the lowest bandwidth that has a picture', () => {
    const multivariant = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,AUDIO="a"
v1/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=1000000,RESOLUTION=320x180,AUDIO="a"
v0/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=110000,AUDIO="a"
audio/playlist.m3u8
`
    expect(lowestRung(multivariant)).toEqual({ video: 'v0/playlist.m3u8', audio: 'audio/playlist.m3u8' })
    expect(() => lowestRung('#EXTM3U\n')).toThrow('no rung')
  })
})
