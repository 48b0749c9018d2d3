/** Renders the DASH manifest (ISO/IEC 23009-1): pure text from facts, over the segment files of HLS. */
import type { DashPeriod, DashTrack } from './DashTimeline.ts'
import { element, escapeXml } from './xml.ts'

/** What the ladder is measured to be; the same facts as in the multivariant playlist. */
export interface DashRates {
  readonly id: string
  /** Bits a second. */
  readonly bandwidth: number
  /** Frames a second; 0 for audio, or when not known yet. */
  readonly frameRate: number
}

export interface DashManifest {
  /** At least one. */
  readonly periods: readonly DashPeriod[]
  readonly rates: readonly DashRates[]
  /** Wall clock of presentation time 0, whole milliseconds since the Unix epoch; the same for a broadcast's whole life. */
  readonly availabilityStart: number
  /** When its newest segment was listed. Milliseconds since the Unix epoch. */
  readonly publishedAt: number
  /** Seconds that a player may go back from the live edge. */
  readonly depth: number
  /** Whole seconds: no segment lasts longer. */
  readonly targetDuration: number
  /** Nothing will come any more: the manifest is static, and its positions stay as they were. */
  readonly ended: boolean
  /** Where the renditions' folders are, relative to the manifest; ends with a slash. */
  readonly baseUrl: string
  /** Address for updates, relative to the manifest, when it is another one than that of the manifest. */
  readonly location?: string
}

/** Of the server's clock, as ISO 8601 text; from the root, since players take other relative addresses differently. */
export const CLOCK_PATH = '/dash/time'

/** A segment lasts 1.7 s or more, and a player asks twice in that time. Seconds. */
const UPDATE_PERIOD = 1
/**
 * The newest segment must be complete (one target duration at most), its manifest found, itself fetched, and something
 * left in the buffer: two target durations behind capture. What is further behind than four should leap, not catch up.
 */
const DELAY_TARGETS = 2
const LONGEST_DELAY_TARGETS = 4
const CATCH_UP = 0.04

/** The manifest of what a timeline lists. */
export function renderDashManifest(manifest: DashManifest): string {
  const { periods, availabilityStart, publishedAt, targetDuration, ended, baseUrl, location } = manifest
  const last = periods.at(-1)
  if (!last) throw new RangeError('a manifest needs a Period')
  const delay = DELAY_TARGETS * targetDuration
  const dynamic = {
    minimumUpdatePeriod: iso8601(UPDATE_PERIOD),
    timeShiftBufferDepth: iso8601(manifest.depth),
    suggestedPresentationDelay: iso8601(delay),
    publishTime: new Date(publishedAt).toISOString(),
  }
  const root = {
    xmlns: 'urn:mpeg:dash:schema:mpd:2011',
    profiles: 'urn:mpeg:dash:profile:isoff-live:2011',
    type: ended ? 'static' : 'dynamic',
    availabilityStartTime: new Date(availabilityStart).toISOString(),
    ...(ended ? { mediaPresentationDuration: iso8601((last.endsAt - availabilityStart) / 1000) } : dynamic),
    minBufferTime: iso8601(targetDuration),
    maxSegmentDuration: iso8601(targetDuration),
  }
  const latency = { target: delay * 1000, max: LONGEST_DELAY_TARGETS * targetDuration * 1000 }
  const clock = element('UTCTiming', { schemeIdUri: 'urn:mpeg:dash:utc:http-iso:2014', value: CLOCK_PATH })
  const service = element('ServiceDescription', { id: 0 }, [
    element('Latency', latency),
    element('PlaybackRate', { min: 1 - CATCH_UP, max: 1 + CATCH_UP }),
  ])
  const body = element('MPD', root, [
    element('BaseURL', {}, escapeXml(baseUrl)),
    ...(location === undefined ? [] : [element('Location', {}, escapeXml(location))]),
    ...(ended ? [] : [service]),
    ...periods.map((each) => period(each, manifest, each === last)),
    ...(ended ? [] : [clock]),
  ])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`
}

/**
 * A Period that is over says how long it was: the next one may begin later, after the source was gone. The last one never
 * does, it ends with the presentation: dash.js takes a sum of all durations for the whole, and then knows no last Period.
 */
function period(each: DashPeriod, { rates, availabilityStart }: DashManifest, last: boolean): string {
  const attributes = {
    id: each.id,
    start: iso8601((each.startsAt - availabilityStart) / 1000),
    duration: last ? undefined : iso8601((each.endsAt - each.startsAt) / 1000),
  }
  const set = (kind: DashTrack['kind'], id: number): string[] => {
    const tracks = each.tracks.filter((track) => track.kind === kind)
    if (tracks.length === 0) return []
    const common = { id, contentType: kind, mimeType: `${kind}/mp4`, segmentAlignment: true, startWithSAP: 1 }
    return [
      element('AdaptationSet', common, [
        element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value: 'main' }),
        ...tracks.map((track) => representation(track, each.firstNumber, rates)),
      ]),
    ]
  }
  return element('Period', attributes, [...set('video', 1), ...set('audio', 2)])
}

function representation(track: DashTrack, startNumber: number, rates: readonly DashRates[]): string {
  const { id, codecs, timescale, offset, init, media } = track
  const { bandwidth = 1, frameRate = 0 } = rates.find((each) => each.id === id) ?? {}
  const common = { id, codecs, bandwidth: Math.max(1, bandwidth) }
  const picture = { width: track.width, height: track.height, sar: '1:1', frameRate: fraction(frameRate) }
  const template = {
    timescale,
    presentationTimeOffset: offset,
    startNumber,
    initialization: `$RepresentationID$/${init}`,
    media: `$RepresentationID$/${media}`,
  }
  const channels = element('AudioChannelConfiguration', {
    schemeIdUri: 'urn:mpeg:mpegB:cicp:ChannelConfiguration',
    value: track.channels,
  })
  const isVideo = track.kind === 'video'
  return element('Representation', { ...common, ...(isVideo ? picture : { audioSamplingRate: timescale }) }, [
    ...(isVideo ? [] : [channels]),
    element('SegmentTemplate', template, [element('SegmentTimeline', {}, timeline(track))]),
  ])
}

/** Neighbours of the same length stand in one element. */
function timeline({ segments }: DashTrack): string[] {
  const runs: { start: number; length: number; count: number }[] = []
  let end: number | null = null
  for (const { start, length } of segments) {
    const last = runs.at(-1)
    if (last && end === start && last.length === length) last.count += 1
    else runs.push({ start, length, count: 1 })
    end = start + length
  }
  return runs.map(({ start, length, count }) =>
    element('S', { t: start, d: length, r: count > 1 ? count - 1 : undefined }),
  )
}

/** A duration in seconds, to the microsecond. */
function iso8601(seconds: number): string {
  return `PT${Number(seconds.toFixed(6))}S`
}

/** Frames a second as DASH writes them: a whole number or a fraction. */
function fraction(rate: number): string | undefined {
  if (rate <= 0) return undefined
  return Number.isInteger(rate) ? String(rate) : `${Math.round(rate * 1000)}/1000`
}
