import { describe, expect, it } from 'vitest'
import { BoxError, childBoxes, findBox } from '../../../server/packager/boxReader.ts'
import { expectTruePlaylists } from '../../helpers/packager/expectTruePlaylists.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { type Cue, Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'
import { TORN } from '../../helpers/packager/syntheticMedia.ts'

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

  it('shows the last key frame while sound comes back before the pictures do, for ten seconds', () => {
    const stage = new Stage({ windowSegments: 20 })
    const parts: string[] = []
    stage.play(
      pictures(stage, { until: 5, keyFrames: every(2, 6), close: true }),
      pictures(stage, { layer: 1, until: 5, keyFrames: every(2, 6), close: true }),
      sound(stage, 5, 0, true),
      [{ at: START + 6000, act: () => stage.packager.interrupt() }],
      [
        {
          at: START + 12_000,
          act: () => parts.push(...stage.lines('v0', '#EXT-X-PART:').filter((line) => /r1-3/.test(line))),
        },
      ],
      sound(stage, 26, 8),
      pictures(stage, { from: 21, until: 26, keyFrames: every(2, 26) }),
    )
    expectTruePlaylists(stage)
    for (const id of ['v0', 'v1']) {
      const [before = '', after = ''] = stage.text(id).split('#EXT-X-DISCONTINUITY\n')
      expect(before).not.toContain('#EXT-X-GAP')
      const [stood = '', missing = ''] = after.split(/#EXT-X-PROGRAM.*\n(?=(?:#EXT-X-PART.*GAP=YES\n)*#EXT-X-GAP)/)
      expect(stood.match(/#EXTINF:2\.0/g)).toHaveLength(5)
      expect(missing).toContain('#EXT-X-GAP')
    }
    // 5.7 parts of 0.35 s in 2 s, with a key frame in each: whoever comes can begin anywhere.
    expect(samplesOf(stage.bytes('v0', ['r1-3.m4s']))).toBe(6)
    expect(parts).toHaveLength(6)
    expect(parts.filter((line) => !line.endsWith(',INDEPENDENT=YES'))).toEqual([])
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

  // Every way in which the torn frame may lie in its part: alone, with others before it, with a boundary still to come.
  it.each([2.6, 2.7, 2.8, 2.9, 3, 3.1, 3.2])(
    'lists no frame whose sender made its encoder anew before its end was sent, at %d s',
    (changesAt) => {
      const stage = new Stage()
      const tornAt = changesAt - 0.1
      stage.play(
        pictures(stage, { until: 7, keyFrames: [0, 2, 3.2, 5], tornAt: 1.1 }),
        pictures(stage, { layer: 1, until: 7, keyFrames: [0, 2, changesAt, 3.2, 5], changesAt, tornAt }),
        sound(stage, 7),
      )
      expectTruePlaylists(stage)
      expect(stage.files('v1')).toContain('r1-init-1.mp4')
      expect(stage.bytes('v1').includes(TORN)).toBe(false)
      expect(stage.bytes('v0').includes(TORN)).toBe(true)
    },
  )

  it.each([
    ['and goes on with other parameter sets', 2.6, 3, false],
    ['and goes on with the same ones', 2.6, 1e9, false],
    ['also in a short one', 2.84, 1e9, false],
    ['but not the last frame before a pause in the pictures', 2.6, -1, true],
  ])(
    'leaves out the torn frame before a pause in which a sender makes its encoder anew, %s',
    (_, from, changesAt, stays) => {
      const stage = new Stage()
      const keyFrames = changesAt < 0 ? [0, 2, 5] : [0, 2, 3, 5]
      const lower = { until: 7, keyFrames: [0, 2, 3, 5] }
      const upper = { layer: 1, until: 7, keyFrames, pause: [from, 3] as const, tornAt: from }
      stage.play(
        pictures(stage, lower),
        pictures(stage, changesAt < 0 ? upper : { ...upper, changesAt }),
        sound(stage, 7),
      )
      expectTruePlaylists(stage)
      expect(stage.bytes('v1').includes(TORN)).toBe(stays)
    },
  )

  it('ends a segment inside a frame that lasts beyond it, where no part goes on', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 7, keyFrames: [0, 3.5, 5.4], pause: [2.7, 3.5] }),
      pictures(stage, { layer: 1, until: 7, keyFrames: [0, 3.5, 5.4], pause: [2.7, 3.5] }),
    )
    expectTruePlaylists(stage)
    expect(stage.lines('v1', '#EXTINF')[0]).toBe('#EXTINF:3.00000,')
    const parts = [...stage.text('v1').matchAll(/#EXT-X-PART:DURATION=([\d.]+),URI="r1-0\./g)]
    expect(parts.reduce((sum, [, duration]) => sum + Number(duration), 0)).toBeCloseTo(3, 4)
  })

  it('that meets a fault of its own says so once and forms its run anew, and no timer and no sink throws', () => {
    const told: string[] = []
    const stage: Stage = new Stage({
      windowSegments: 20,
      log: { info() {}, warn: (_facts, message) => told.push(message) },
    })
    stage.packager.on('segment', ({ mediaSequence }) => {
      if (mediaSequence < 3 && stage.clock.now() < START + 7000) throw new RangeError('its own')
    })
    stage.play(pictures(stage, { until: 15, keyFrames: every(2, 15) }), sound(stage, 15))
    expect(told).toEqual(['the packager failed, its run begins anew'])
    expect(stage.lines('v0', '#EXTINF').length).toBeGreaterThan(2)
    expect(stage.text('v0')).toContain('#EXT-X-DISCONTINUITY\n')
  })

  it('goes on when the next numbers cannot be stored, and says so once', () => {
    const told: string[] = []
    const stage: Stage = new Stage({
      persistSequence() {
        throw new Error('disk full')
      },
      log: { info() {}, warn: (_facts, message) => told.push(message) },
    })
    stage.play(pictures(stage, { until: 7, keyFrames: every(2, 7) }), sound(stage, 7))
    expect(told).toEqual(['sequence numbers could not be stored'])
    expect(stage.lines('v0', '#EXTINF')).toHaveLength(3)
    expect(stage.text('v0')).not.toContain('#EXT-X-DISCONTINUITY\n')
  })

  it('asks for the key frame that pictures without sound have lost, until it comes', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 9, keyFrames: [3, 5, 7] }))
    expectTruePlaylists(stage)
    const asked = stage.keyFrameRequests.map((time) => time - START)
    expect(asked[0]).toBeLessThan(1300)
    expect(asked.filter((time) => time < 3000).length).toBeGreaterThan(5)
    expect(asked.filter((time) => time > 3200)).toEqual([])
    expect(stage.lines('v0', '#EXTINF')).toEqual(['#EXTINF:2.00000,', '#EXTINF:2.00000,'])
  })
})

/** Streams that the packager may refuse, which it tells by an event, too. */
function mayFault(cues: readonly Cue[]): Cue[] {
  const attempt = (act: () => void) => () => {
    try {
      act()
    } catch (error) {
      expect(error).toBeInstanceOf(BoxError)
    }
  }
  return cues.map(({ at, act }) => ({ at, act: attempt(act) }))
}

/** How many of the last three segments of a rendition are there, and not one picture again and again. */
function shown(stage: Stage, id: string): number {
  const names = stage.files(id).filter((name) => name.endsWith('.m4s'))
  return names.slice(-3).filter((name) => samplesOf(stage.bytes(id, [name])) > 9).length
}

function samplesOf(media: Buffer): number {
  const moofs = childBoxes(media).filter(({ type }) => type === 'moof')
  return moofs.reduce((sum, { body }) => sum + (findBox(body, 'traf', 'trun')?.readUInt32BE(4) ?? 0), 0)
}

describe('live pictures are not left out for good', () => {
  it('when every layer whose clock was known has ended before the next could learn it', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 5, keyFrames: every(2, 5), close: true }),
      pictures(stage, { layer: 1, until: 5.7, keyFrames: every(2, 5), close: true }),
      pictures(stage, { from: 5.2, until: 22, keyFrames: every(2, 22), cause: 'restart' }),
      pictures(stage, { layer: 1, from: 5.9, until: 22, keyFrames: every(2, 22), cause: 'restart' }),
      sound(stage, 22),
    )
    expect(stage.faults).toEqual([])
    expect(['v0', 'v1', 'audio'].map((id) => shown(stage, id))).toEqual([3, 3, 3])
    expectTruePlaylists(stage)
  })

  it('when an attempt takes the place of one that was never closed', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 5, keyFrames: every(2, 5) }),
      pictures(stage, { from: 6.2, until: 20, keyFrames: every(2, 20), cause: 'restart' }),
      sound(stage, 20),
    )
    expect(['v0', 'audio'].map((id) => shown(stage, id))).toEqual([3, 3])
  })

  it('when the only layer whose clock is known stands still, nor is that layer when it moves again', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 5, keyFrames: every(2, 5), close: true }),
      pictures(stage, { layer: 1, until: 34, keyFrames: every(2, 34), without: [4.5, 13] }),
      pictures(stage, { from: 5.2, until: 34, keyFrames: every(2, 34), cause: 'restart' }),
      sound(stage, 34),
      [{ at: START + 12_900, act: () => expect(shown(stage, 'v0')).toBe(2) }],
    )
    expect(['v0', 'v1', 'audio'].map((id) => shown(stage, id))).toEqual([3, 3, 3])
  })

  it('when one layer leaps into the future: it alone has to begin again', () => {
    const stage = new Stage()
    stage.play(
      mayFault(pictures(stage, { until: 25, keyFrames: every(2, 25), leap: { at: 5, by: 6 } })),
      pictures(stage, { layer: 1, until: 25, keyFrames: every(2, 25) }),
      sound(stage, 25),
    )
    expect(stage.faults.map((fault) => fault.rendition)).toEqual(['v0'])
    expect(['v1', 'audio'].map((id) => shown(stage, id))).toEqual([3, 3])
  })
})
