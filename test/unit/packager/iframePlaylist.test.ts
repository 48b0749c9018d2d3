import { describe, expect, it } from 'vitest'
import { firstPictureBytes, renderIframePlaylist } from '../../../server/packager/iframePlaylist.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

describe('an I-frame playlist', () => {
  it('lists one picture a segment by its bytes, with gaps, a discontinuity and a new init segment', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 12.5, keyFrames: every(2, 13), changesAt: 8 }),
      pictures(stage, { layer: 1, until: 12.5, keyFrames: every(2, 13), without: [4, 6] }),
      sound(stage, 12.5),
    )
    stage.packager.end()
    const text = stage.packager.playlist('v0')?.iframes() ?? ''
    expect(text).toMatch(/^#EXTM3U\n#EXT-X-VERSION:5\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n/)
    expect(text).toContain('#EXT-X-I-FRAMES-ONLY\n')
    expect(text).toMatch(/#EXT-X-ENDLIST\n$/)
    const listed = [
      ...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(.*)\n#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@0\n(.*)\n/g),
    ]
    expect(listed.length).toBeGreaterThanOrEqual(6)
    for (const [, date = '', duration, bytes, name = ''] of listed) {
      const file = stage.bytes('v0', [name])
      expect(stage.lines('v0', '#EXTINF')).toContain(`#EXTINF:${duration},`)
      expect(Date.parse(date)).toBeGreaterThanOrEqual(START)
      // Length, IDR: the range ends with the key picture's slice, and a delta picture follows it.
      expect(file.subarray(0, Number(bytes)).toString('hex')).toMatch(/0000000465888080$/)
    }
    const inits = [...text.matchAll(/(#EXT-X-DISCONTINUITY\n)?#EXT-X-MAP:URI="(.+)"/g)]
    expect(inits.map(([, breaks, uri]) => [breaks !== undefined, uri])).toEqual([
      [false, 'r1-init-0.mp4'],
      [true, 'r1-init-1.mp4'],
    ])
  })

  it('says a gap where its rendition was absent', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 9, keyFrames: every(2, 10) }),
      pictures(stage, { layer: 1, until: 3.5, keyFrames: [0, 2], close: true }),
      sound(stage, 9),
    )
    const text = stage.packager.playlist('v1')?.iframes() ?? ''
    expect(text).toContain('#EXT-X-VERSION:8\n')
    expect(text.match(/#EXT-X-GAP\n#EXTINF:[\d.]+,\nr1-/g)?.length).toBeGreaterThan(0)
  })

  it('promises a bit rate that no picture exceeds', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 9, keyFrames: every(2, 10) }), sound(stage, 9))
    const [, promised] = /I-FRAME-STREAM-INF:BANDWIDTH=(\d+),/.exec(stage.packager.multivariantPlaylist() ?? '') ?? []
    const text = stage.packager.playlist('v0')?.iframes() ?? ''
    const rates = [...text.matchAll(/EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@/g)].map(
      ([, seconds, bytes]) => (Number(bytes) * 8) / Number(seconds),
    )
    expect(Math.max(...rates)).toBeLessThanOrEqual(Number(promised))
    expect(Number(promised)).toBeLessThan(Math.max(...rates) * 1.25)
  })

  it('needs a segment, and segments need samples', () => {
    expect(() => renderIframePlaylist({ targetDuration: 3, segments: [], ended: false })).toThrow(RangeError)
    expect(firstPictureBytes({ parts: [] })).toBeNull()
    const part = { bytes: Buffer.alloc(20), duration: 1, independent: true, frames: 1 }
    expect(() => firstPictureBytes({ parts: [part] })).toThrow()
  })
})
