import { describe, expect, it } from 'vitest'
import { dashEntries, expectTrueManifest, manifestOf, seconds } from '../../helpers/packager/expectTrueManifest.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'
import { elementsOf, type XmlElement } from '../../helpers/xml.ts'

/** Period → rendition → its segments' numbers. */
function outline(manifest: XmlElement): Record<string, Record<string, number[]>> {
  const found: Record<string, Record<string, number[]>> = {}
  for (const { period, rendition, name } of dashEntries(manifest)) {
    const tracks = found[period] ?? {}
    found[period] = { ...tracks, [rendition]: [...(tracks[rendition] ?? []), Number(/-(\d+)\.m4s$/.exec(name)?.[1])] }
  }
  return found
}

const attributesOf = (manifest: XmlElement, name: string) =>
  elementsOf(manifest, name).map(({ attributes }) => attributes)

describe('a DASH manifest', () => {
  it('does not exist before the first segment, nor once the packager is closed', () => {
    const stage = new Stage()
    expect(stage.packager.dash.manifest({ baseUrl: 'x/' })).toBeNull()
    stage.play(pictures(stage, { until: 4.5, keyFrames: every(2, 5) }))
    expect(stage.packager.dash.manifest({ baseUrl: 'x/' })).not.toBeNull()
    stage.packager.close('test')
    expect(stage.packager.dash.manifest({ baseUrl: 'x/' })).toBeNull()
  })

  it('lists the same files as the playlists, rungs and sound apart, with codecs and sizes from the bytes', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 6.5, keyFrames: every(2, 7) }),
      pictures(stage, { layer: 1, until: 6.5, keyFrames: every(2, 7) }),
      sound(stage, 6.5),
    )
    const manifest = expectTrueManifest(stage)
    expect(outline(manifest)).toEqual({ p0: { v0: [0, 1, 2], v1: [0, 1, 2], audio: [0, 1, 2] } })
    expect(manifest.attributes).toMatchObject({
      type: 'dynamic',
      profiles: 'urn:mpeg:dash:profile:isoff-live:2011',
      availabilityStartTime: new Date(START).toISOString(),
      minimumUpdatePeriod: 'PT1S',
      timeShiftBufferDepth: 'PT13.6S',
      suggestedPresentationDelay: 'PT6S',
    })
    expect(manifest.attributes.mediaPresentationDuration).toBeUndefined()
    expect(elementsOf(manifest, 'BaseURL').map(({ text }) => text)).toEqual(['../../hls/x/'])
    expect(attributesOf(manifest, 'AdaptationSet').map(({ contentType }) => contentType)).toEqual(['video', 'audio'])
    const facts = stage.packager.renditions()
    expect(attributesOf(manifest, 'Representation')).toEqual([
      ...['v0', 'v1'].map((id) => ({
        id,
        codecs: 'avc1.42c00d',
        bandwidth: String(facts.find((each) => each.id === id)?.bandwidth),
        width: '320',
        height: '180',
        sar: '1:1',
        frameRate: '10',
      })),
      { id: 'audio', codecs: 'mp4a.40.2', bandwidth: String(facts.at(-1)?.bandwidth), audioSamplingRate: '48000' },
    ])
    expect(attributesOf(manifest, 'AudioChannelConfiguration')).toMatchObject([{ value: '2' }])
    expect(attributesOf(manifest, 'UTCTiming')).toEqual([
      { schemeIdUri: 'urn:mpeg:dash:utc:http-iso:2014', value: '/dash/time' },
    ])
    expect(attributesOf(manifest, 'Latency')).toEqual([{ target: '6000', max: '12000' }])
  })

  it('is rendered once a change, and anew for an address of its own', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 4.5, keyFrames: every(2, 5) }))
    const text = stage.packager.dash.manifest({ baseUrl: 'x/' })
    expect(stage.packager.dash.manifest({ baseUrl: 'x/' })).toBe(text)
    const own = stage.packager.dash.manifest({ baseUrl: 'x/', location: 'manifest.mpd?a=1&b=2' })
    expect(own).toContain('<Location>manifest.mpd?a=1&amp;b=2</Location>')
    expect(stage.packager.dash.manifest({ baseUrl: 'x/' })).toBe(text)
  })

  it('begins a Period at a discontinuity, and tells neither its beginning nor its offsets otherwise later', () => {
    const stage = new Stage()
    const starts = new Map<string, string>()
    const offsets = new Map<string, string>()
    const remember = (known: Map<string, string>, key: string, value: string) => {
      expect(known.get(key) ?? value, key).toBe(value)
      known.set(key, value)
    }
    stage.packager.on('segment', () => {
      for (const period of elementsOf(manifestOf(stage), 'Period')) {
        const { id = '', start = '' } = period.attributes
        remember(starts, id, start)
        for (const [index, { attributes }] of elementsOf(period, 'SegmentTemplate').entries()) {
          remember(offsets, `${id} ${index}`, attributes.presentationTimeOffset ?? '')
        }
      }
    })
    stage.play(
      pictures(stage, { until: 40, keyFrames: every(2, 41), changesAt: 10 }),
      pictures(stage, { layer: 1, until: 40, keyFrames: every(2, 41), changesAt: 10 }),
      sound(stage, 40),
    )
    expect([...starts.keys()]).toEqual(['p0', 'p5'])
    const manifest = expectTrueManifest(stage)
    expect(Object.keys(outline(manifest))).toEqual(['p5'])
    expect(attributesOf(manifest, 'Representation')).toMatchObject([
      { width: '854', height: '480', codecs: 'avc1.4d401f' },
      { width: '854' },
      {},
    ])
    expect(seconds(starts.get('p5'))).toBeCloseTo(10, 3)
  })

  it('says how long a Period was once the next one has begun, with the facts of its own init segments', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 10.5, keyFrames: every(2, 11), changesAt: 4 }), sound(stage, 10.5))
    const manifest = expectTrueManifest(stage)
    expect(outline(manifest)).toEqual({ p0: { v0: [0, 1], audio: [0, 1] }, p2: { v0: [2, 3, 4], audio: [2, 3, 4] } })
    const [first, second] = attributesOf(manifest, 'Period')
    expect(first).toEqual({ id: 'p0', start: 'PT0S', duration: 'PT4S' })
    expect(second).toEqual({ id: 'p2', start: 'PT4S' })
    expect(attributesOf(manifest, 'Representation')).toMatchObject([{ width: '320' }, {}, { width: '854' }, {}])
  })

  it('offers a rung only in Periods in which all of it is there', () => {
    const stage = new Stage()
    stage.play(
      pictures(stage, { until: 14.5, keyFrames: every(2, 15) }),
      pictures(stage, { layer: 1, from: 2, until: 8.3, keyFrames: every(2, 15), close: true }),
      sound(stage, 14.5),
    )
    const manifest = expectTrueManifest(stage)
    const told = outline(manifest)
    expect(Object.values(told).map((tracks) => Object.keys(tracks).join(' '))).toEqual([
      'v0 audio',
      'v0 v1 audio',
      'v0 audio',
    ])
    // Whoever plays the lowest rung misses nothing: its numbers go on over the Periods.
    expect(Object.values(told).flatMap((tracks) => tracks.v0)).toEqual([0, 1, 2, 3, 4, 5, 6])
    const periods = attributesOf(manifest, 'Period')
    for (const [index, { start, duration }] of periods.entries()) {
      const next = periods[index + 1]
      if (next) expect(seconds(start) + seconds(duration)).toBeCloseTo(seconds(next.start), 4)
    }
  })

  it('leaves a hole between Periods where the source was gone', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 4.5, keyFrames: every(2, 5) }), sound(stage, 4.5, 0))
    stage.packager.interrupt()
    stage.play(pictures(stage, { from: 12, until: 17, keyFrames: every(2, 18) }), sound(stage, 17, 12))
    const manifest = expectTrueManifest(stage)
    const [first, second] = attributesOf(manifest, 'Period')
    expect(seconds(first?.start) + seconds(first?.duration)).toBeLessThan(4.6)
    expect(seconds(second?.start)).toBeCloseTo(12, 1)
  })

  it('counts positions from when the broadcast was live first, over a restart of the server', () => {
    const stage = new Stage({
      runId: 'r2',
      startMediaSequence: 41,
      startDiscontinuitySequence: 3,
      liveSince: START - 90_000,
    })
    stage.play(pictures(stage, { until: 4.5, keyFrames: every(2, 5) }))
    const manifest = expectTrueManifest(stage)
    expect(manifest.attributes.availabilityStartTime).toBe(new Date(START - 90_000).toISOString())
    expect(attributesOf(manifest, 'Period')).toEqual([{ id: 'p41', start: 'PT90S' }])
  })

  it('is static a few updates after the broadcast has ended, with its duration and the positions it had', () => {
    const stage = new Stage()
    stage.play(pictures(stage, { until: 30, keyFrames: every(2, 31) }), sound(stage, 30))
    const [before] = attributesOf(manifestOf(stage), 'Period')
    stage.packager.end()
    const last = expectTrueManifest(stage)
    expect(last.attributes.type).toBe('dynamic')
    stage.clock.advanceTo(stage.clock.now() + 4000)
    const manifest = expectTrueManifest(stage)
    expect(manifest.attributes).toMatchObject({ type: 'static' })
    expect(outline(manifest)).toEqual(outline(last))
    expect(seconds(manifest.attributes.mediaPresentationDuration)).toBeCloseTo(30, 1)
    for (const live of ['minimumUpdatePeriod', 'timeShiftBufferDepth', 'suggestedPresentationDelay']) {
      expect(manifest.attributes[live]).toBeUndefined()
    }
    // The last Period lasts as long as the presentation.
    expect(attributesOf(manifest, 'Period')).toEqual([{ id: before?.id, start: before?.start }])
    expect(elementsOf(manifest, 'UTCTiming')).toEqual([])
  })
})
