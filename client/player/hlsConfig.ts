/** In charge of how hls.js is set up for our playlists, and of what its fatal errors ask for. Pure. */
import type { HlsConfig } from 'hls.js'

/** Seconds that hls.js goes farther from the live edge at each stall; its own step of a second would be three parts. */
const STALL_STEP_S = 0.35

/** Bits a second, before anything is measured: on an ordinary line the first parts are the middle rung's, not the lowest's. */
export const DEFAULT_ESTIMATE = 1_500_000

/**
 * How near the live edge to play is left to the playlists: `PART-HOLD-BACK` where there are parts, else `HOLD-BACK`.
 * Distances from the live edge are in seconds.
 */
export const hlsConfig: Partial<HlsConfig> = {
  // Nothing is remuxed (the segments are fragmented MP4 already), so a worker would only cost a start-up and a copy.
  enableWorker: false,

  lowLatencyMode: true,
  liveSyncOnStallIncrease: STALL_STEP_S,
  // `catchUpRate` sees to it.
  maxLiveSyncPlaybackRate: 1,
  // A player that has caught up with what is published waits for more; with a finite duration it would "end" and pause.
  liveDurationInfinity: true,
  // Live, so little is worth keeping: bounds the memory of a tab that is open for days.
  backBufferLength: 10,
  maxBufferLength: 15,
  // A rung that stood still for a while is tried again.
  errorPenaltyExpireMs: 10_000,
  // There is nothing to insert: what would look for it in every playlist costs time.
  enableInterstitialPlayback: false,
  playlistLoadPolicy: {
    default: {
      // The server holds a request for three target durations, of 10 s at most, before it answers without news.
      maxTimeToFirstByteMs: 35_000,
      maxLoadTimeMs: 45_000,
      timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 4_000 },
    },
  },
}

/**
 * Seconds: whoever is farther behind jumps to where it should be. To be set on a player that is made: as an option, hls.js
 * takes it only together with a distance of our own in place of the playlists'.
 */
export const MAX_LATENCY_S = 12

/** Milliseconds without a stall after which the target latency is what it was before the stalls. */
export const CALM_MS = 20_000

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
