/** Checks of the multivariant playlist against the media that it leads to. */
import { type Check, type Look, segmentsOf, timesOf } from '../check.ts'
import type { MultivariantPlaylist, Variant } from '../playlist/multivariant.ts'
import { type Recording, type RenditionRecord, resolveUrl, type SegmentRecord, withoutQuery } from '../record/Record.ts'

/** Codecs that are sound, by the beginning of their RFC 6381 name. */
const sound = /^(mp4a|ac-3|ec-3|opus|flac|alac)/i
/** By how much a segment may exceed BANDWIDTH: live content, Apple's HLS authoring specification, section 1. */
const MOST_OVER_PEAK = 1.25
/** By how much the mean may exceed AVERAGE-BANDWIDTH over a long time, and what a long time is here, in seconds. */
const MOST_OVER_MEAN = 1.1
const LONG = 120
/** Seconds: shorter segments say nothing of a bit rate (4.4.6.2: half a target duration). */
const SHORTEST = 0.5
/** The rung for cellular networks, in bits a second: Apple's HLS authoring specification, 9.21. */
const CELLULAR = 192_000
/**
 * FRAME-RATE is the greatest rate (4.4.6.2): fewer frames may come, from a camera in the dark or a busy machine, but at best
 * not less than half, and hardly more.
 */
const [FEWEST_FRAMES, MOST_FRAMES] = [0.5, 1.1]
/** Segments over which a frame rate is taken. */
const RUN = 6

interface Pair {
  readonly variant: Variant
  readonly own: RenditionRecord | undefined
  readonly sound: RenditionRecord | undefined
}

export const multivariantChecks: readonly Check[] = [
  check(
    'syntax',
    '4.4.6: tags and attributes are well formed, required ones are there, none stands twice',
    (all, look) => {
      for (const { playlist, exchange } of all.multivariants) {
        look.expect(playlist.faults.length === 0, exchange.url, () => playlist.faults.join('; '))
      }
    },
  ),
  check(
    'codecs',
    'CODECS is there and names exactly the formats in the init segments (4.4.6.2, 6.2.4, RFC 6381; authoring specification 9.1)',
    (all, look) => {
      for (const { variant, own, sound: audio } of pairs(all)) {
        const codecs = [own, audio].flatMap((one) => (one ? [newestInit(one, all)?.codec ?? []].flat() : []))
        if (codecs.length === 0) continue
        const [said, real] = [new Set(variant.codecs), new Set(codecs)]
        const same = said.size === real.size && [...said].every((codec) => real.has(codec))
        look.expect(same, variant.uri, () => `says ${[...said].join(',')}, is ${[...real].join(',')}`)
      }
    },
  ),
  check(
    'resolution',
    'RESOLUTION is that of the sequence parameter set (4.4.6.2; authoring specification 9.2)',
    (all, look) => {
      for (const { variant, own } of pairs(all)) {
        const init = own && newestInit(own, all)
        if (init?.kind !== 'video') continue
        const real = `${init.width}x${init.height}`
        look.expect(variant.resolution === real, variant.uri, () => `says ${variant.resolution}, is ${real}`)
      }
    },
  ),
  check(
    'frame-rate',
    'FRAME-RATE is there, and no more frames come, nor less than half of them at best (4.4.6.2; authoring specification 9.15)',
    (all, look) => {
      for (const { variant, own } of pairs(all)) {
        if (!own || newestInit(own, all)?.kind !== 'video') continue
        const { best, newest } = frameRates(own, all.multivariants.at(-1)?.exchange.endedAt ?? 0)
        const said = variant.frameRate ?? 0
        const near = best >= said * FEWEST_FRAMES && newest <= said * MOST_FRAMES + 1
        look.expect(
          said > 0 && (best === 0 || near),
          variant.uri,
          () => `says ${variant.frameRate}, is ${newest.toFixed(2)}, at best ${best.toFixed(2)}`,
        )
      }
    },
  ),
  check('bandwidth', 'no segment exceeds BANDWIDTH by 25 % (4.4.6.2; authoring specification 9.13)', (all, look) => {
    for (const { variant, own, sound: audio } of pairs(all)) {
      for (const segment of own ? segmentsOf(own) : []) {
        const length = segment.listed.duration ?? 0
        if (length < SHORTEST || !segment.file?.facts) continue
        const beside = audio?.segments.get(segment.listed.msn)
        const bits =
          rate(segment.file.exchange.size, length) +
          rate(beside?.file?.exchange.size ?? 0, beside?.listed.duration ?? 1)
        look.expect(bits < (variant.bandwidth ?? 0) * MOST_OVER_PEAK, `${own?.name} ${segment.listed.msn}`, () => {
          return `has ${Math.round(bits)} bit/s, BANDWIDTH is ${variant.bandwidth}`
        })
      }
    }
  }),
  check(
    'average-bandwidth',
    'AVERAGE-BANDWIDTH is there, at most BANDWIDTH, and over two minutes or more the mean is at most 110 % of it (4.4.6.2; authoring specification 9.14)',
    (all, look) => {
      for (const { variant, own, sound: audio } of pairs(all)) {
        const { averageBandwidth: said, bandwidth, uri } = variant
        look.expect(
          said !== null && said > 0 && said <= (bandwidth ?? 0),
          uri,
          () => `says ${said}, BANDWIDTH ${bandwidth}`,
        )
        const [mine, beside] = [own && mean(own), audio && mean(audio)]
        if (!mine || mine.seconds < LONG) continue
        const bits = mine.bits + (beside?.bits ?? 0)
        look.expect(bits <= (said ?? 0) * MOST_OVER_MEAN, uri, () => `has ${Math.round(bits)} bit/s, says ${said}`)
      }
    },
  ),
  check(
    'independent-segments',
    'EXT-X-INDEPENDENT-SEGMENTS is there (4.4.2.1; authoring specification 9.11)',
    (all, look) => {
      for (const { playlist, exchange } of all.multivariants) {
        look.expect(playlist.independentSegments, exchange.url, () => 'not said')
      }
    },
  ),
  check(
    'audio-rendition',
    'sound is a rendition of its own with AAC in it, and every video variant refers to it (4.4.6.1; authoring specification 9.5)',
    (all, look) => {
      const { playlist } = all.multivariants.at(-1) ?? {}
      for (const variant of playlist?.variants.filter((one) => !isSoundOnly(one)) ?? []) {
        const audio = soundOf(all, playlist, variant)
        look.expect(audio !== undefined, variant.uri, () => `has no audio rendition (AUDIO=${variant.audio})`)
        const codec = audio && newestInit(audio, all)?.codec
        if (codec) look.expect(codec.startsWith('mp4a.40.'), audio.name, () => `is ${codec}, no AAC`)
      }
    },
  ),
  check('audio-language', 'every rendition of sound says its LANGUAGE (authoring specification 8.10)', (all, look) => {
    for (const { type, language, name } of all.multivariants.at(-1)?.playlist.renditions ?? []) {
      if (type === 'AUDIO') look.expect(language !== null, name, () => 'LANGUAGE is missing')
    }
  }),
  check(
    'audio-only-variant',
    'a variant of sound alone with at most 192 kbit/s (authoring specification 9.21)',
    (all, look) => {
      const { playlist, exchange } = all.multivariants.at(-1) ?? {}
      if (!playlist) return
      const lowest = Math.min(
        ...playlist.variants.filter(isSoundOnly).map(({ bandwidth }) => bandwidth ?? Number.POSITIVE_INFINITY),
      )
      look.expect(lowest <= CELLULAR, exchange?.url ?? '', () => `the lowest has ${lowest} bit/s`)
    },
  ),
]

function check(name: string, rule: string, run: (recording: Recording, look: Look) => void): Check {
  return {
    name: `multivariant/${name}`,
    rule,
    run: (recording, look) => {
      if (recording.multivariants.length === 0) look.skip('the address is no multivariant playlist')
      else run(recording, look)
    },
  }
}

/** Variants as they were listed last, each with its renditions. */
function pairs(recording: Recording): Pair[] {
  const { playlist } = recording.multivariants.at(-1) ?? {}
  return (playlist?.variants ?? []).map((variant) => ({
    variant,
    own: find(recording, variant.uri),
    sound: isSoundOnly(variant) ? undefined : soundOf(recording, playlist, variant),
  }))
}

function soundOf(
  recording: Recording,
  playlist: MultivariantPlaylist | undefined,
  variant: Variant,
): RenditionRecord | undefined {
  const found = playlist?.renditions.find(
    ({ type, group, uri }) => type === 'AUDIO' && group === variant.audio && uri !== null,
  )
  return found?.uri ? find(recording, found.uri) : undefined
}

function find(recording: Recording, uri: string): RenditionRecord | undefined {
  return recording.renditions.get(withoutQuery(resolveUrl(uri, recording.url)))
}

function isSoundOnly({ codecs, resolution }: Variant): boolean {
  return resolution === null && codecs.length > 0 && codecs.every((codec) => sound.test(codec))
}

/** What the last segment is decoded with that was listed when the newest multivariant playlist was asked for, or the first. */
function newestInit(rendition: RenditionRecord, all: Recording) {
  const asked = all.multivariants.at(-1)?.exchange.sentAt ?? 0
  const described = segmentsOf(rendition).filter(({ init }) => init?.facts)
  return (described.findLast(({ listedAt }) => listedAt <= asked) ?? described[0])?.init?.facts
}

/**
 * `newest`: mean over the newest segments of what is sent now, that were known when the playlist was written: a page's camera
 * may begin slowly, and one whose server died and came back begins anew. `best`: over the best run of all that was recorded,
 * since a greatest rate must have been come near to, if not of late. 0 where nothing could be read.
 */
function frameRates(rendition: RenditionRecord, until: number): { best: number; newest: number } {
  const all = segmentsOf(rendition).filter((segment) => timesOf(segment))
  const before = all.filter((segment) => segment.listedAt <= until)
  // What media playlists listed first was there already when the multivariant playlist was fetched just before them.
  const known = before.length > 0 ? before : all.slice(0, RUN)
  const newest = known.filter(({ init }) => init === known.at(-1)?.init).slice(-RUN)
  const runs = all.map((_, index) => all.slice(index, index + RUN))
  const whole = runs.filter(({ length }, index) => index === 0 || length === RUN)
  return { best: Math.max(0, ...whole.map(frameRateOf)), newest: frameRateOf(newest) }
}

/** Frames a second over some segments. */
function frameRateOf(segments: readonly SegmentRecord[]): number {
  const seconds = segments.reduce((sum, segment) => sum + lengthOf(segment), 0)
  const frames = segments
    .flatMap(({ file }) => file?.facts?.fragments ?? [])
    .reduce((sum, { samples }) => sum + samples, 0)
  return seconds > 0 ? frames / seconds : 0
}

function lengthOf(segment: SegmentRecord): number {
  const times = timesOf(segment)
  return times ? times.end - times.start : 0
}

function mean(rendition: RenditionRecord): { bits: number; seconds: number } {
  const whole = segmentsOf(rendition).filter(({ file }) => file?.facts)
  const seconds = whole.reduce((sum, { listed }) => sum + (listed.duration ?? 0), 0)
  const bytes = whole.reduce((sum, { file }) => sum + (file?.exchange.size ?? 0), 0)
  return { bits: seconds > 0 ? rate(bytes, seconds) : 0, seconds }
}

function rate(bytes: number, seconds: number): number {
  return (bytes * 8) / Math.max(seconds, 0.001)
}
