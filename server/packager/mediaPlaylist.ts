/** Renders media playlists: pure text from segments, the segment under way, and what other renditions have reached. */
import { countParts, type OpenSegment, type Segment } from './SegmentStore.ts'

/** How far another rendition has come: the newest part that players may ask for. */
export interface RenditionReport {
  /** Of its playlist, relative to this one. */
  readonly uri: string
  readonly mediaSequence: number
  /** Counted from 0. */
  readonly part: number
}

export interface MediaPlaylist {
  /** Whole seconds. */
  readonly targetDuration: number
  /** Seconds. */
  readonly partTarget: number
  /** Oldest first; at least one. */
  readonly segments: readonly Segment[]
  /** The segment under way. */
  readonly open: OpenSegment | null
  readonly reports: readonly RenditionReport[]
  /** There will be nothing more, and nothing to hurry for: parts are left out. */
  readonly ended: boolean
}

/** Protocol versions that tags ask for: `EXT-X-MAP`, `EXT-X-GAP`, `EXT-X-SKIP` (8216bis, section 8). */
const [MAP_VERSION, GAP_VERSION, SKIP_VERSION] = [6, 8, 9]

/** In target durations; 8216bis, 4.4.3.8 asks for at least as much, and 6.2.2 for parts no longer than that. */
const [SKIP_UNTIL, HOLD_BACK, PARTS_LISTED] = [6, 3, 3]
/** In part targets: 8216bis, 4.4.3.8. */
const PART_HOLD_BACK = 3

/** The whole playlist. @throws RangeError without a segment */
export function renderMediaPlaylist(playlist: MediaPlaylist): string {
  return render(playlist, 0)
}

/** A delta update, which leaves out what a player knows that has read the playlist lately; the whole when that is nothing. */
export function renderDeltaUpdate(playlist: MediaPlaylist): string {
  return render(playlist, playlist.ended ? 0 : skippable(playlist))
}

/** File name of a part of a segment. */
function partName(segmentName: string, part: number): string {
  return segmentName.replace(/\.m4s$/, `.${part}.m4s`)
}

/** How many segments end before the skip boundary, which is counted from the end of the last segment: 8216bis, 6.2.5.1. */
function skippable({ targetDuration, segments }: MediaPlaylist): number {
  let after = 0
  for (let index = segments.length - 1; index >= 0; index--) {
    if (after >= SKIP_UNTIL * targetDuration) return index + 1
    after += segments[index]?.duration ?? 0
  }
  return 0
}

function render(playlist: MediaPlaylist, skipped: number): string {
  const { targetDuration, segments, open, ended } = playlist
  const [first] = segments
  if (!first) throw new RangeError('a media playlist needs a segment')
  const hasGap = open?.gap || segments.some((segment) => segment.gap)
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? SKIP_VERSION : hasGap ? GAP_VERSION : MAP_VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    // At the end as well: a playlist only loses what 8216bis, 6.2.1 lists, and a player has read these by then.
    ...control(playlist),
    `#EXT-X-MEDIA-SEQUENCE:${first.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuitySequence - (first.discontinuity ? 1 : 0)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
  let map = segments[skipped - 1]?.init?.name ?? null
  const head = (segment: OpenSegment) => {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (segment.init && segment.init.name !== map) {
      map = segment.init.name
      lines.push(`#EXT-X-MAP:URI="${map}"`)
    }
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.startsAt)).toISOString()}`)
  }
  const partsFrom = ended ? segments.length : oldestWithParts(playlist)
  for (const [index, segment] of segments.entries()) {
    if (index < skipped) continue
    head(segment)
    if (index >= partsFrom) lines.push(...partLines(segment))
    if (segment.gap) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${segment.duration.toFixed(5)},`, segment.name)
  }
  if (ended) lines.push('#EXT-X-ENDLIST')
  else {
    if (open) {
      if (countParts(open) > 0) head(open)
      lines.push(...partLines(open))
      const hint = hintedPart(open)
      if (hint !== null) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hint}"`)
    }
    for (const { uri, mediaSequence, part } of playlist.reports) {
      lines.push(`#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${mediaSequence},LAST-PART=${part}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** File name of the part that comes next; null when none will be there. */
export function hintedPart(open: OpenSegment | null): string | null {
  return open && !open.gap ? partName(open.name, open.parts.length) : null
}

function control({ targetDuration, partTarget }: MediaPlaylist): string[] {
  const attributes = [
    'CAN-BLOCK-RELOAD=YES',
    `CAN-SKIP-UNTIL=${SKIP_UNTIL * targetDuration}`,
    `HOLD-BACK=${HOLD_BACK * targetDuration}`,
    `PART-HOLD-BACK=${toSeconds(PART_HOLD_BACK * partTarget)}`,
  ]
  return [`#EXT-X-SERVER-CONTROL:${attributes.join(',')}`, `#EXT-X-PART-INF:PART-TARGET=${toSeconds(partTarget)}`]
}

function partLines({ name, parts, gap, gapParts }: OpenSegment): string[] {
  const missing = gap ? gapParts : []
  return [
    ...parts.map(
      ({ duration, independent }, index) =>
        `#EXT-X-PART:DURATION=${toSeconds(duration)},URI="${partName(name, index)}"${independent ? ',INDEPENDENT=YES' : ''}`,
    ),
    ...missing.map(
      (duration, index) => `#EXT-X-PART:DURATION=${toSeconds(duration)},URI="${partName(name, index)}",GAP=YES`,
    ),
  ]
}

/** Index of the first segment whose parts are all within three target durations of the end. */
function oldestWithParts({ targetDuration, segments, open }: MediaPlaylist): number {
  let after = openDuration(open)
  for (let index = segments.length - 1; index >= 0; index--) {
    after += segments[index]?.duration ?? 0
    if (after > PARTS_LISTED * targetDuration) return index + 1
  }
  return 0
}

function openDuration(open: OpenSegment | null): number {
  const durations = open ? [...open.parts.map(({ duration }) => duration), ...open.gapParts] : []
  return durations.reduce((sum, duration) => sum + duration, 0)
}

/** A decimal number of seconds, to ten microseconds. */
function toSeconds(seconds: number): string {
  return String(Math.round(seconds * 1e5) / 1e5)
}
