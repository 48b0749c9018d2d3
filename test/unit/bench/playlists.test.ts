import { describe, expect, it } from 'vitest'
import { mediaUris, playlistUris } from '../../bench/playlists.ts'

describe('addresses in playlists', () => {
  it('are found in a multivariant playlist, variants apart from renditions', () => {
    const text = [
      '#EXTM3U',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="A",URI="a/playlist.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"',
      'v0/playlist.m3u8',
      '',
    ].join('\n')
    expect(playlistUris(text)).toEqual({ variants: ['v0/playlist.m3u8'], renditions: ['a/playlist.m3u8'] })
  })

  it('are found in a media playlist, without those of gaps', () => {
    const text = [
      '#EXT-X-MAP:URI="i.mp4"',
      '#EXT-X-GAP',
      '#EXTINF:2,',
      'gap.m4s',
      '#EXTINF:2,',
      '1.m4s',
      '#EXT-X-GAP',
      '#EXTINF:2,',
      'gap.m4s',
      '#EXT-X-PART:DURATION=0.3,URI="2.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.3,URI="2.1.m4s",GAP=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="2.2.m4s"',
      '',
    ].join('\n')
    expect(mediaUris(text)).toEqual({ maps: ['i.mp4'], segments: ['1.m4s'], parts: ['2.0.m4s'] })
  })
})
