import { describe, expect, it } from 'vitest'
import { findBox } from '../../../server/packager/boxReader.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

interface Heard {
  readonly at: number
  readonly rendition: string
  readonly begins: boolean
  /** Seconds. */
  readonly time: number
}

/** Follows a packager's feed; `tracks` at each change of them. */
function follow({ packager: { feed }, clock }: Stage) {
  const heard: Heard[] = []
  const layouts: string[] = []
  let ended = 0
  feed.on('layout', () => layouts.push(feed.tracks.map((track) => track.rendition).join(' ')))
  feed.on('chunk', ({ rendition, timescale }, { message, independent }) => {
    const tfdt = findBox(message.subarray(10), 'traf', 'tfdt')
    heard.push({
      at: clock.now() - START,
      rendition,
      begins: independent,
      time: Number(tfdt?.readBigInt64BE(4)) / timescale,
    })
  })
  feed.on('ended', () => ended++)
  return { heard, layouts, ended: () => ended, of: (id: string) => heard.filter(({ rendition }) => rendition === id) }
}

describe('the feed of a packager', () => {
  it('hands out each frame as soon as it has its place, not when a part is full', () => {
    const stage = new Stage()
    const { of, layouts } = follow(stage)
    stage.play(pictures(stage, { until: 6, keyFrames: every(2, 7) }), sound(stage, 6))
    expect(layouts).toEqual(['v0 audio'])
    const late = of('v0').map(({ at, time }) => at - (time * 1000 + (stage.packager.feed.timeOrigin ?? 0) - START))
    // Once the run has begun: a frame of 100 ms, 50 ms on its way, and the next frame that lets it go at the latest.
    expect(Math.max(...late.slice(25))).toBeLessThanOrEqual(260)
  })

  it('puts all frames after each other without a hole, and the server clock beside them', () => {
    const stage = new Stage()
    const { of } = follow(stage)
    stage.play(pictures(stage, { until: 6, keyFrames: every(2, 7) }), sound(stage, 6))
    const steps = of('v0')
      .slice(20)
      .map(({ time }, index, all) => time - (all[index - 1]?.time ?? time - 0.1))
    for (const step of steps) expect(step).toBeCloseTo(0.1, 3)
    expect(
      of('v0')
        .filter(({ begins }) => begins)
        .map(({ time }) => Math.round(time * 10) / 10),
    ).toEqual([1, 3, 5])
    expect(stage.packager.feed.timeOrigin).toBeCloseTo(START - 1000, 0)
  })

  it('tells when a rung pauses and comes back, and begins it with an IDR', () => {
    const stage = new Stage()
    const { of, layouts } = follow(stage)
    stage.play(
      pictures(stage, { layer: 0, until: 12, keyFrames: every(2, 13) }),
      pictures(stage, { layer: 1, until: 4.5, keyFrames: every(2, 13), close: true }),
      pictures(stage, { layer: 1, from: 8, until: 12, keyFrames: every(2, 13) }),
      sound(stage, 12),
    )
    expect(layouts).toEqual(['v0 v1 audio', 'v0 audio', 'v0 v1 audio'])
    const upper = of('v1')
    const back = upper.findIndex(({ time }, index) => time - (upper[index - 1]?.time ?? time) > 1)
    expect(upper[back]).toMatchObject({ begins: true })
    expect(of('v0').every(({ time }, index, all) => index === 0 || time > (all[index - 1]?.time ?? 0))).toBe(true)
  })

  it('tells of other parameter sets with another track object, while time goes on', () => {
    const stage = new Stage()
    const { of, layouts } = follow(stage)
    stage.play(pictures(stage, { until: 8, keyFrames: every(2, 9), changesAt: 4 }), sound(stage, 8))
    expect(layouts).toEqual(['v0 audio', 'v0 audio'])
    expect(stage.packager.feed.tracks[0]?.mime).toBe('video/mp4; codecs="avc1.4d401f"')
    expect(of('v0').every(({ time }, index, all) => index === 0 || time > (all[index - 1]?.time ?? 0))).toBe(true)
  })

  it('is quiet while the source is gone, goes on when it is back, and ends with the broadcast', () => {
    const stage = new Stage()
    const { heard, layouts, ended } = follow(stage)
    stage.play(pictures(stage, { until: 4, keyFrames: every(2, 5) }), sound(stage, 4))
    stage.packager.interrupt()
    const before = heard.length
    expect(stage.packager.feed.tracks.map(({ rendition }) => rendition)).toEqual(['v0', 'audio'])
    stage.play(pictures(stage, { from: 9, until: 13, keyFrames: every(1, 14) }), sound(stage, 13, 9))
    const [next] = heard.slice(before).filter(({ rendition }) => rendition === 'v0')
    expect(next).toMatchObject({ begins: true, time: expect.closeTo(10, 1) })
    expect([layouts, ended()]).toEqual([['v0 audio'], 0])
    stage.packager.end()
    stage.packager.close('over')
    expect(ended()).toBe(1)
  })
})
