import { describe, expect, it } from 'vitest'
import { expectTruePlaylists } from '../../helpers/packager/expectTruePlaylists.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

describe('in trouble, the packager', () => {
  it('goes on when sound that was to join ends before the boundary does', () => {
    const stage = new Stage({ windowSegments: 20 })
    stage.play(
      pictures(stage, { until: 5, keyFrames: every(2, 6), close: true }),
      sound(stage, 5, 0, true),
      [{ at: START + 6000, act: () => stage.packager.interrupt() }],
      pictures(stage, { from: 10, until: 20, keyFrames: every(2, 20) }),
      sound(stage, 16.05, 14.5, true),
    )
    expectTruePlaylists(stage)
    expect(stage.lines('v0', '#EXTINF')).toHaveLength(7)
    expect(stage.lines('v0', '#EXT-X-GAP')).toEqual([])
  })

  it('lets a layer join again though a frame of it lies next to its key frame', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 13, keyFrames: every(2, 13) }),
      pictures(stage, { layer: 1, until: 13, keyFrames: [0, 2, 6, 8, 10, 12], slivers: [6] }),
      sound(stage, 13),
    )
    expectTruePlaylists(stage)
    expect(stage.lines('v1', '#EXTINF')).toEqual(stage.lines('v0', '#EXTINF'))
    expect(stage.lines('v1', '#EXT-X-GAP')).toHaveLength(1)
  })

  it('that meets a fault of its own says so once and forms its run anew, and no timer and no sink throws', () => {
    const told: string[] = []
    const stage: Stage = new Stage({
      windowSegments: 20,
      persistSequence({ mediaSequence }) {
        if (mediaSequence < 4 && stage.clock.now() < START + 7000) throw new RangeError('not stored')
      },
      log: { info() {}, warn: (_facts, message) => told.push(message) },
    })
    stage.play(pictures(stage, { until: 15, keyFrames: every(2, 15) }), sound(stage, 15))
    expect(told).toEqual(['the packager failed, its run begins anew'])
    expect(stage.lines('v0', '#EXTINF').length).toBeGreaterThan(2)
    expect(stage.packager.mediaPlaylist('v0')).toContain('#EXT-X-DISCONTINUITY\n')
  })
})
