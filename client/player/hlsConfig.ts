/** In charge of how hls.js is set up for our playlists, and of what its fatal errors ask for. Pure. */
import type { HlsConfig } from 'hls.js'

/**
 * Segments last about 2 s and are published whole; playlists are looked at about as often. Distances from the live edge
 * are in seconds.
 */
export const hlsConfig: Partial<HlsConfig> = {
  // Nothing is remuxed (the segments are fragmented MP4 already), so a worker would only cost a start-up and a copy.
  enableWorker: false,
  // The playlists have no parts yet: whole segments are asked for.
  lowLatencyMode: false,
  // Two segments and a little: one being played, one on the way. hls.js's default of three target durations is 9 s.
  liveSyncDuration: 5,
  liveMaxLatencyDuration: 15,
  // Catches up unnoticed after a stall instead of staying behind.
  maxLiveSyncPlaybackRate: 1.05,
  // A player that has caught up with what is published waits for more; with a finite duration it would "end" and pause.
  liveDurationInfinity: true,
  // Live, so little is worth keeping: bounds the memory of a tab that is open for days.
  backBufferLength: 10,
  maxBufferLength: 15,
  // The first segment is the middle rung's on an ordinary line, not the lowest one's.
  abrEwmaDefaultEstimate: 1_500_000,
}

/** What became of hls.js, as far as its next step depends on it. */
export interface HlsTrouble {
  /** `codec`: this browser can play nothing of what the first playlist lists. */
  readonly kind: 'network' | 'media' | 'codec' | 'other'
  /** HTTP status, where the trouble is an answer. */
  readonly status: number | null
  /** Whether it was a playlist or segment under way, and not the first playlist. */
  readonly isUnderWay: boolean
}

export type HlsCure =
  /** The broadcast is over and nothing of it is left. */
  | { readonly kind: 'ended' }
  /** Trying again would change nothing. */
  | { readonly kind: 'give-up' }
  /** Make the decoder anew, keep the playlist. */
  | { readonly kind: 'recover' }
  /** Start from the first playlist after a pause. */
  | { readonly kind: 'reload'; readonly afterMs: number }

const RELOAD_PAUSES_MS = [500, 1_000, 2_000, 4_000] as const

/**
 * `failures`: fatal errors since a frame was last shown. It gives up for want of a codec only: a live broadcast may come
 * back.
 */
export function cureFor(trouble: HlsTrouble, failures: number): HlsCure {
  if (trouble.status === 410 && !trouble.isUnderWay) return { kind: 'ended' }
  if (trouble.kind === 'codec') return { kind: 'give-up' }
  if (trouble.kind === 'media' && failures === 0) return { kind: 'recover' }
  return { kind: 'reload', afterMs: RELOAD_PAUSES_MS[Math.min(failures, RELOAD_PAUSES_MS.length - 1)] ?? 0 }
}

export type HlsKind = 'picture' | 'sound'

/** What a multivariant playlist offers: variants with pictures, a group of sound (RFC 8216, 4.3.4.1 and 4.3.4.2). */
export function kindsListed(playlist: string): HlsKind[] {
  const kinds: HlsKind[] = []
  if (/^#EXT-X-STREAM-INF:.*\bRESOLUTION=/m.test(playlist)) kinds.push('picture')
  if (/^#EXT-X-MEDIA:.*\bTYPE=AUDIO\b/m.test(playlist)) kinds.push('sound')
  return kinds
}
