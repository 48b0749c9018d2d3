import { describe, expect, it } from 'vitest'
import { BoxError } from '../../../server/packager/boxReader.ts'
import { expectTruePlaylists } from '../../helpers/packager/expectTruePlaylists.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

const seconds = (times: readonly number[]) => times.map((time) => (time - START) / 1000)

describe('Packager', () => {
  it('is ready when every rendition that is present has a segment, and not before', () => {
    const stage = new Stage()
    expect(stage.packager.ready).toBe(false)
    expect(stage.packager.multivariantPlaylist()).toBeNull()
    expect(stage.packager.playlist('v0')).toBeNull()
    stage.play(pictures(stage, { until: 4.5, keyFrames: [0, 2, 4] }), sound(stage, 4.5))
    expect(stage.packager.ready).toBe(true)
    expect(stage.files('v0')).toEqual(['r1-init-0.mp4', 'r1-0.m4s', 'r1-1.m4s'])
    expect(stage.files('audio')).toEqual(['r1-init-0.mp4', 'r1-0.m4s', 'r1-1.m4s'])
    expect(stage.packager.multivariantPlaylist({ session: 's1' })).toContain('\nv0/playlist.m3u8?session=s1\n')
    expect(stage.packager.resource('v0', 'r1-2.m4s')).toBeNull()
    expect(stage.packager.resource('v9', 'r1-0.m4s')).toBeNull()
  })

  it('stores the next numbers before anything of a segment is listed', () => {
    const listed: (string | null)[] = []
    const stage: Stage = new Stage({
      persistSequence: ({ mediaSequence }) => listed.push(`${mediaSequence}: ${stage.files('v0').at(-1) ?? 'nothing'}`),
    })
    stage.play(pictures(stage, { until: 6.5, keyFrames: every(2, 7) }), sound(stage, 6.5))
    expect(listed).toEqual(['1: nothing', '2: r1-0.m4s', '3: r1-1.m4s', '4: r1-2.m4s'])
  })

  it('goes on with the numbers of the run before, after a discontinuity', () => {
    const stage = new Stage({ runId: 'r2', startMediaSequence: 41, startDiscontinuitySequence: 3 })
    stage.play(pictures(stage, { until: 4.5, keyFrames: [0, 2, 4] }), sound(stage, 4.5))
    for (const id of ['v0', 'audio']) {
      expect(stage.text(id)).toMatch(
        /MEDIA-SEQUENCE:41\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="r2-init-0.mp4"/,
      )
    }
    expect(stage.persisted.at(-1)).toEqual({ mediaSequence: 44, discontinuitySequence: 4 })
  })

  it('asks for key frames only when none came by 2.0 s, and again every 300 ms', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 5.7, keyFrames: [0, 1.1, 2.1, 3, 3.9] }), sound(stage, 5.7))
    expect(stage.lines('v0', '#EXTINF')).toEqual(['#EXTINF:1.10000,', '#EXTINF:1.90000,'])
    expect(seconds(stage.keyFrameRequests)).toEqual([1.15, 5.15, 5.45, 5.75])
  })

  it('lists a first segment as soon as a player can begin with it, and asks for the key frame that ends it', () => {
    const stage = new Stage()
    const listed: number[] = []
    stage.packager.on('segment', () => listed.push(stage.clock.now()))
    stage.play(
      pictures(stage, { until: 5.6, keyFrames: [0, 0.9, 1.6, 3.5, 5.4] }),
      pictures(stage, { layer: 1, until: 5.6, keyFrames: [0, 1.6, 3.5, 5.4] }),
      sound(stage, 5.6),
    )
    expectTruePlaylists(stage)
    expect(stage.lines('v1', '#EXTINF')).toEqual(['#EXTINF:1.60000,', '#EXTINF:1.90000,', '#EXTINF:1.90000,'])
    // The first, since the layers have not found each other yet.
    expect(seconds(stage.keyFrameRequests)).toEqual([0.775, 1.15, 1.45])
    expect(seconds(listed)[0]).toBeLessThan(1.85)
  })

  it('never lets a segment be longer than the target duration, and shows pictures again at the first key frame', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 9, keyFrames: [0, 4.2, 6.2, 8.2] }), sound(stage, 9))
    expectTruePlaylists(stage)
    expect(stage.lines('v0', '#EXTINF')).toEqual([
      '#EXTINF:3.00000,',
      '#EXTINF:1.20000,',
      '#EXTINF:2.00000,',
      '#EXTINF:2.00000,',
    ])
    expect(stage.text('v0')).toMatch(
      /#EXTINF:3.00000,\nr1-0.m4s\n#EXT-X-PROGRAM.*\n(#EXT-X-PART.*GAP=YES\n){4}#EXT-X-GAP\n#EXTINF:1.20000/,
    )
    expect(stage.lines('v0', '#EXT-X-GAP')).toHaveLength(1)
    expect(stage.lines('audio', '#EXT-X-GAP')).toEqual([])
  })

  it('changes parameter sets at the next common key frame in all renditions, and holds the last picture until then', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 7, keyFrames: [0, 2, 3, 5] }),
      pictures(stage, { layer: 1, until: 7, keyFrames: [0, 2, 2.6, 3, 5], changesAt: 2.6 }),
      sound(stage, 7),
    )
    expectTruePlaylists(stage)
    expect(stage.keyFrameRequests.length).toBeGreaterThan(0)
    // Not those by which the first segment would have ended sooner.
    expect(seconds(stage.keyFrameRequests).find((time) => time > 2.5)).toBeCloseTo(2.75, 1)
    for (const id of ['v0', 'v1']) {
      expect(stage.lines(id, '#EXTINF')).toEqual(['#EXTINF:2.00000,', '#EXTINF:1.00000,', '#EXTINF:2.00000,'])
      expect(stage.lines(id, '#EXT-X-DISCONTINUITY')).toEqual([
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        '#EXT-X-DISCONTINUITY',
      ])
    }
    expect(stage.files('v0')).toEqual(['r1-init-0.mp4', 'r1-0.m4s', 'r1-1.m4s', 'r1-2.m4s'])
    expect(stage.files('v1')).toEqual(['r1-init-0.mp4', 'r1-0.m4s', 'r1-1.m4s', 'r1-init-1.mp4', 'r1-2.m4s'])
    expect(stage.packager.renditions()[1]).toMatchObject({ id: 'v1', width: 854, height: 480, codecs: 'avc1.4d401f' })
  })

  it('lets sound and a layer that come later join at the segment under way then', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 11, keyFrames: every(2, 11) }),
      pictures(stage, { layer: 1, from: 4.5, until: 11, keyFrames: every(2, 11) }),
      sound(stage, 11, 5),
    )
    expectTruePlaylists(stage)
    expect(stage.files('v0').slice(1)).toEqual([0, 1, 2, 3, 4].map((number) => `r1-${number}.m4s`))
    // From where the others begin: of what was before they were there they list gaps.
    for (const late of ['v1', 'audio']) {
      expect(stage.files(late)).toEqual(['r1-init-0.mp4', ...stage.files('v0').slice(1)])
      const gaps = stage.text(late).matchAll(/#EXT-X-GAP\n#EXTINF:.*\n(.*)/g)
      expect([...gaps].map(([, name]) => name)).toEqual(['r1-0.m4s', 'r1-1.m4s', 'r1-2.m4s'])
      expect(stage.packager.resource(late, 'r1-2.m4s')).toBeNull()
    }
    expect(stage.packager.renditions().map((facts) => facts.id)).toEqual(['v0', 'v1', 'audio'])
  })

  it('closes over a layer that freezes without a word within half a second', () => {
    const stage = new Stage()
    const listed: number[] = []
    stage.packager.on('segment', () => listed.push(stage.clock.now()))
    stage.play(
      pictures(stage, { until: 7, keyFrames: every(2, 7) }),
      pictures(stage, { layer: 1, until: 1.5, keyFrames: [0] }),
      sound(stage, 7),
    )
    expectTruePlaylists(stage)
    expect(seconds(listed)[0]).toBeLessThan(2.75)
    expect(stage.lines('v1', '#EXT-X-GAP')).toHaveLength(2)
    expect(stage.lines('v1', '#EXTINF')).toEqual(stage.lines('v0', '#EXTINF'))
    expect(stage.packager.renditions().map(({ id, present }) => [id, present])).toEqual([
      ['v0', true],
      ['audio', true],
    ])
  })

  it('leads nobody to a layer any more whose segment under way is seen to be a gap, and to it again when it is back', () => {
    const stage = new Stage()
    const rungs = () => stage.packager.multivariantPlaylist()?.match(/^v\d/gm)?.join()
    const seen: (string | undefined)[] = []
    const changes: number[] = []
    stage.packager.on('progress', () => {
      if (seen.at(-1) === rungs()) return
      seen.push(rungs())
      changes.push(stage.clock.now())
    })
    stage.play(
      pictures(stage, { until: 13, keyFrames: every(2, 13) }),
      pictures(stage, { layer: 1, until: 2.5, keyFrames: [0, 2] }),
      pictures(stage, { layer: 1, from: 6, until: 13, keyFrames: every(2, 13) }),
      sound(stage, 13),
    )
    expectTruePlaylists(stage)
    expect(seen).toEqual(['v0,v1', 'v0', 'v0,v1'])
    const [, gone, back] = seconds(changes)
    // The segment from 4 to 6 s is the first that it has no part in, the one from 8 to 10 s the first that it is back for.
    expect(gone).toBeLessThan(4.5)
    expect(back).toBeGreaterThan(8)
  })

  it('refuses garbage from one attempt, and nothing else suffers', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 7, keyFrames: every(2, 7) }), sound(stage, 7), [
      {
        at: START + 1000,
        act: () => expect(() => stage.packager.openVideo(1).write(Buffer.alloc(64))).toThrow(BoxError),
      },
    ])
    expect(stage.faults).toMatchObject([{ rendition: 'v1', error: { name: 'BoxError' } }])
    expect(stage.lines('v0', '#EXTINF')).toHaveLength(3)
    expect(stage.packager.playlist('v1')).toBeNull()
  })

  it('takes nothing more from the sink of an attempt that was replaced or closed', () => {
    const stage = new Stage()
    const first = stage.packager.openVideo(0)
    const second = stage.packager.openVideo(0)
    expect(() => first.write(Buffer.alloc(64))).not.toThrow()
    first.close()
    expect(() => second.write(Buffer.alloc(64))).toThrow(BoxError)
    second.close()
    expect(() => second.write(Buffer.alloc(64))).not.toThrow()
    expect(stage.faults).toHaveLength(1)
  })

  it('lists what was under way when it ends, and nothing after', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 3, keyFrames: [0, 2] }), sound(stage, 3))
    expect(stage.text('v0')).not.toContain('ENDLIST')
    const sink = stage.packager.openVideo(1)
    stage.packager.end()
    expect(stage.text('v0')).toMatch(/#EXTINF:1.0\d+,\nr1-1.m4s\n#EXT-X-ENDLIST\n$/)
    expect(stage.text('audio')).toMatch(/r1-1.m4s\n#EXT-X-ENDLIST\n$/)
    expect(() => sink.write(Buffer.alloc(64))).not.toThrow()
    expect(stage.clock.timers).toBe(0)
  })

  it('answers null once closed, tells so once, and leaves no timer', () => {
    const stage = new Stage()
    const reasons: string[] = []
    stage.packager.on('closed', (reason) => reasons.push(reason))
    stage.play(pictures(stage, { until: 3, keyFrames: [0, 2] }), sound(stage, 3))
    stage.packager.close('tested')
    stage.packager.close('again')
    expect(reasons).toEqual(['tested'])
    expect(stage.packager.multivariantPlaylist()).toBeNull()
    expect(stage.packager.playlist('v0')).toBeNull()
    expect(stage.packager.resource('v0', 'r1-0.m4s')).toBeNull()
    expect(stage.clock.timers).toBe(0)
    expect(() => stage.packager.openAudio().aac.write(Buffer.alloc(64))).not.toThrow()
    stage.packager.end()
    stage.packager.interrupt()
  })
})
