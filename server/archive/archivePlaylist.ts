/** Renders the playlists of what is archived: the window of a live broadcast, and a recording. Pure. */
import { type RenditionFacts, renderMultivariantPlaylist } from '../packager/multivariantPlaylist.ts'
import type { ArchivedRendition, ArchivedSegment } from './archiveIndex.ts'

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
  /** Whole seconds. */
  readonly targetDuration: number
  /** At least one, oldest first. */
  readonly segments: readonly ArchivedSegment[]
  readonly kind: PlaylistKind
}

/** Segments that the rendition has no part in are gaps, so that all renditions list the same ones. */
export function renderArchivePlaylist({ rendition, targetDuration, segments, kind }: ArchivePlaylistOptions): string {
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
    const track = segment.tracks.get(rendition)
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (track?.init && track.init !== map) {
      map = track.init
      lines.push(`#EXT-X-MAP:URI="${map}"`)
    }
    const { startsAt } = track ?? segment
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(startsAt)).toISOString()}`)
    if (!track || track.bytes === 0) lines.push('#EXT-X-GAP')
    const duration = track ? track.length / track.timescale : segment.duration
    lines.push(`#EXTINF:${duration.toFixed(5)},`, segment.name)
  }
  if (kind !== 'window') lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
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
