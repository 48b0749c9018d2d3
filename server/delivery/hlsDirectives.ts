/** In charge of LL-HLS delivery directives (8216bis, 6.2.5): what a query asks for, and what is done about it. No I/O. */
import type { LivePlaylist } from './HlsDirectory.ts'

export interface HlsDirectives {
  /** `_HLS_msn`: hold the answer until the playlist has this segment; null for an answer at once. */
  readonly msn: number | null
  /** `_HLS_part`: until it has this part of it; null for the whole segment. */
  readonly part: number | null
  /** `_HLS_skip`: a delta update will do. */
  readonly skip: boolean
}

/** What a request without directives, or for a broadcast that has ended, is treated as. */
export const noDirectives: HlsDirectives = { msn: null, part: null, skip: false }

/** Decimal integers only, and few enough digits to be exact: 8216bis, 4.2 (which allows 64 bits that nobody will reach). */
const INTEGER = /^\d{1,15}$/

/**
 * Reads the directives; null for what is to be answered by 400: a number that is none, a directive said twice, a part
 * without its segment. What else stands in the query is somebody else's (8216bis, 6.2.5: unknown directives are ignored).
 */
export function parseDirectives(query: URLSearchParams): HlsDirectives | null {
  const msn = readInteger(query, '_HLS_msn')
  const part = readInteger(query, '_HLS_part')
  const skips = query.getAll('_HLS_skip')
  if (msn === 'malformed' || part === 'malformed' || skips.length > 1) return null
  if (part !== null && msn === null) return null
  // `v2` would skip date ranges as well; the playlists have none.
  return { msn, part, skip: skips[0] === 'YES' || skips[0] === 'v2' }
}

/** `answer` at once, `hold` until the playlist has it, `refuse` what is too far ahead to wait for. */
export type HlsDecision = 'answer' | 'hold' | 'refuse'

/** Segments that a request may be ahead of the last whole one: 8216bis, 6.2.5.2. */
const SEGMENTS_AHEAD = 2

export function decide({ msn, part }: HlsDirectives, playlist: LivePlaylist): HlsDecision {
  if (msn === null || playlist.ended) return 'answer'
  const { lastMediaSequence: newest, lastPart } = playlist
  const lastWhole = playlist.has(newest) ? newest : newest - 1
  if (msn > lastWhole + SEGMENTS_AHEAD) return 'refuse'
  if (part === null) return playlist.has(msn) ? 'answer' : 'hold'
  const reached = msn === newest ? lastPart : -1
  if (msn >= newest && part - reached > partsAhead(playlist.partTarget)) return 'refuse'
  return playlist.has(msn, part) ? 'answer' : 'hold'
}

/** The advance part limit: three seconds of parts, and at least three (8216bis, 6.2.5.2). */
function partsAhead(partTarget: number): number {
  return partTarget < 1 ? 3 / partTarget : 3
}

function readInteger(query: URLSearchParams, name: string): number | null | 'malformed' {
  const values = query.getAll(name)
  const [value] = values
  if (value === undefined) return null
  return values.length === 1 && INTEGER.test(value) ? Number(value) : 'malformed'
}
