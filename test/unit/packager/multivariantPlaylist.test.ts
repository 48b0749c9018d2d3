import { describe, expect, it } from 'vitest'
import { type RenditionFacts, renderMultivariantPlaylist } from '../../../server/packager/multivariantPlaylist.ts'

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
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/playlist.m3u8?session=a%20b"
#EXT-X-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=246000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30.000,AUDIO="audio"
v0/playlist.m3u8?session=a%20b
#EXT-X-STREAM-INF:BANDWIDTH=2100000,AVERAGE-BANDWIDTH=1596000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="audio"
v1/playlist.m3u8?session=a%20b
#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2",AUDIO="audio"
audio/playlist.m3u8?session=a%20b
`)
  })

  it('names the I-frame playlist of each rung that has one, and counts nobody there', () => {
    const rungs = [{ ...video, pictureBandwidth: 300_000 }, { ...small, pictureBandwidth: 40_000 }, audio]
    expect(
      renderMultivariantPlaylist(rungs, 'a')
        .split('\n')
        .filter((line) => line.includes('I-FRAME')),
    ).toEqual([
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=40000,CODECS="avc1.42c01f",RESOLUTION=320x180,URI="v0/iframes.m3u8"',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=300000,CODECS="avc1.42c01f",RESOLUTION=1280x720,URI="v1/iframes.m3u8"',
    ])
    expect(renderMultivariantPlaylist([video, audio])).not.toContain('I-FRAME')
  })

  it('names no audio group where there is no sound', () => {
    expect(renderMultivariantPlaylist([video])).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.42c01f",RESOLUTION=1280x720,FRAME-RATE=30.000
v1/playlist.m3u8
`)
  })

  it('says the same rate of all rungs of a source, however slowly a layer begins', () => {
    const slower = { ...small, frameRate: 11.967 }
    const rates = renderMultivariantPlaylist([video, slower]).match(/FRAME-RATE=[\d.]+/g)
    expect(rates).toEqual(['FRAME-RATE=30.000', 'FRAME-RATE=30.000'])
  })

  it('leaves a rung out where nothing comes, unless nothing comes anywhere', () => {
    const gone = { ...video, present: false }
    const other = { ...small, present: false }
    const listed = (...facts: RenditionFacts[]) => renderMultivariantPlaylist(facts).match(/^(v\d|audio)/gm)
    expect(listed(gone, small)).toEqual(['v0'])
    expect(listed(gone, other)).toEqual(['v0', 'v1'])
    expect(listed(gone, other, { ...audio, present: false })).toEqual(['v0', 'v1', 'audio'])
    expect(listed(gone, other, audio)).toEqual(['audio'])
  })
})
