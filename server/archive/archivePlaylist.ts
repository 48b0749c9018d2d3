/** Renders the playlists of what is archived: the window of a live broadcast, and a recording. Pure. */
import { type RenditionFacts, renderMultivariantPlaylist } from '../packager/multivariantPlaylist.ts'
import { type ArchivedRendition, type ArchivedSegment, isThere } from './archiveIndex.ts'

/** `EXT-X-MAP` in a playlist of ordinary segments: RFC 8216, section 7. */
const VERSION = 6

/** `recording`: all there will ever be. `window`: it slides. `ended-window`: it did. */
export type PlaylistKind = 'window' | 'ended-window' | 'recording'

/** File names of the media playlists. */
const FILES = { window: 'window.m3u8', 'ended-window': 'window.m3u8', recording: 'recording.m3u8' } as const

/** A rung that was there for less than this share of the time is not offered: a player would be led to gaps. */
const LEAST_PRESENCE = 0.1
/** Shorter segments (before a discontinuity) say little about the rate: RFC 8216, 4.1 takes half a target duration. Seconds. */
const SHORTEST_MEASURED = 1.5

export interface ArchivePlaylistOptions {
  readonly rendition: string
  /** What is shown where the rendition is missing, the best first: see `standIns`. */
  readonly standIns: readonly string[]
  /** Whole seconds. */
  readonly targetDuration: number
  /** At least one, oldest first. */
  readonly segments: readonly ArchivedSegment[]
  readonly kind: PlaylistKind
}

/**
 * All renditions list the same segments. A rung that came late or paused is stood in for by another, whose init segment
 * then applies: hls.js waits for ever before a gap that it was sent to. What nobody has is a gap, until it is filled.
 */
export function renderArchivePlaylist(options: ArchivePlaylistOptions): string {
  const { rendition, standIns, targetDuration, segments, kind } = options
  const [first] = segments
  if (!first) throw new RangeError('a media playlist needs a segment')
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.ordinal}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuitySequence - (first.discontinuity ? 1 : 0)}`,
    ...(kind === 'recording' ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
  let map: string | null = null
  for (const segment of segments) {
    const shown = [rendition, ...standIns].find((id) => isThere(segment.tracks.get(id))) ?? rendition
    const track = segment.tracks.get(shown)
    const folder = shown === rendition ? '' : `../${shown}/`
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (track?.init && `${folder}${track.init}` !== map) {
      map = `${folder}${track.init}`
      lines.push(`#EXT-X-MAP:URI="${map}"`)
    }
    const { startsAt } = track ?? segment
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(startsAt)).toISOString()}`)
    if (!isThere(track)) lines.push('#EXT-X-GAP')
    const duration = track ? track.length / track.timescale : segment.duration
    lines.push(`#EXTINF:${duration.toFixed(5)},`, `${folder}${segment.name}`)
  }
  if (kind !== 'window') lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

/** Who stands in for a rung: the next lower ones, then the next higher ones. Nobody does for sound. */
export function standIns(renditions: readonly ArchivedRendition[], rendition: string): string[] {
  const rungs = renditions
    .filter((each) => each.kind === 'video')
    .toSorted((a, b) => a.width * a.height - b.width * b.height || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
  const at = rungs.indexOf(rendition)
  return at < 0 ? [] : [...rungs.slice(0, at).reverse(), ...rungs.slice(at + 1)]
}

/** From the first picture on, where there is any: players begin badly with sound alone. */
export function fromFirstPicture(
  renditions: readonly ArchivedRendition[],
  segments: readonly ArchivedSegment[],
): readonly ArchivedSegment[] {
  const rungs = renditions.filter((each) => each.kind === 'video').map(({ id }) => id)
  const first = segments.findIndex(({ tracks }) => rungs.some((id) => isThere(tracks.get(id))))
  return first > 0 ? segments.slice(first) : segments
}

/** What of it can be chosen from, with bit rates as they were. */
export function offeredRenditions(
  renditions: readonly ArchivedRendition[],
  segments: readonly ArchivedSegment[],
): RenditionFacts[] {
  const total = segments.reduce((sum, segment) => sum + segment.duration, 0)
  const measured = renditions.map((rendition) => ({ rendition, rates: measure(rendition.id, segments) }))
  const longest = Math.max(0, ...measured.map(({ rates }) => rates.seconds))
  const offered = measured.filter(({ rendition, rates: { seconds } }) => {
    const least = rendition.kind === 'audio' ? 0 : Math.min(longest, total * LEAST_PRESENCE)
    return seconds > 0 && seconds >= least
  })
  return offered.map(({ rendition, rates: { peak, bits, seconds } }): RenditionFacts => {
    return { ...rendition, bandwidth: Math.ceil(peak), averageBandwidth: Math.ceil(bits / seconds), present: true }
  })
}

/** The multivariant playlist. */
export function renderArchiveVariants(
  offered: readonly RenditionFacts[],
  kind: PlaylistKind,
  session?: string,
): string {
  return renderMultivariantPlaylist(offered, session, FILES[kind])
}

function measure(rendition: string, segments: readonly ArchivedSegment[]) {
  const rates = { peak: 0, bits: 0, seconds: 0 }
  for (const { tracks } of segments) {
    const track = tracks.get(rendition)
    if (!track || track.bytes === 0) continue
    const seconds = track.length / track.timescale
    rates.bits += track.bytes * 8
    rates.seconds += seconds
    if (seconds >= SHORTEST_MEASURED) rates.peak = Math.max(rates.peak, (track.bytes * 8) / seconds)
  }
  return { ...rates, peak: Math.max(rates.peak, rates.bits / Math.max(rates.seconds, Number.EPSILON)) }
}
