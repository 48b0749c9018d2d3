/** What the fallback policy is told, what it knows, and what it may ask for. */
import type { HttpLane, HttpVia } from './httpLane.ts'

export type Prefer = 'auto' | 'realtime' | 'smooth'

/** `browser` and `codec` will not change by trying again; `connection` may. */
export type Failure = 'browser' | 'codec' | 'connection'

export type Report =
  | {
      readonly kind: 'broadcast'
      /** `off`: nothing to watch yet; `on`: live or interrupted; `over`: ended. */
      readonly phase: 'off' | 'on' | 'over'
      /** Whether RTP reaches the server from the broadcaster. */
      readonly sending: boolean
      /** Whether there is or will be HTTP delivery. */
      readonly http: boolean
      /** Whether HTTP delivery has something to play. */
      readonly ready: boolean
    }
  /** The set of producers changed, and maybe the codec with it. */
  | { readonly kind: 'producers' }
  | { readonly kind: 'prefer'; readonly prefer: Prefer }
  | { readonly kind: 'webrtc:frame' }
  /** Since the last report of this kind: whether RTP arrived, and whether a frame was decoded of it. */
  | { readonly kind: 'webrtc:flow'; readonly rtp: boolean; readonly frames: boolean }
  | { readonly kind: 'webrtc:failed'; readonly why: Failure }
  | { readonly kind: 'webrtc:gone' }
  | { readonly kind: 'http:frame'; readonly via: HttpVia }
  /** Whether anything new was seen or heard since the last report of this kind; a player that is paused needs nothing. */
  | { readonly kind: 'http:flow'; readonly via: HttpVia; readonly frames: boolean }
  /** Of HLS: this browser cannot play it; what may pass, that player retries by itself. */
  | { readonly kind: 'http:failed'; readonly via: HttpVia; readonly why: Failure }
  | { readonly kind: 'http:ended'; readonly via: HttpVia }
  | { readonly kind: 'time' }

export type Action =
  | 'start-webrtc'
  | 'restart-ice'
  | 'stop-webrtc'
  | 'start-mse'
  | 'stop-mse'
  | 'start-hls'
  | 'stop-hls'

/** Times are milliseconds on the clock that `step` is called with. */
export type WebRtcPhase =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting'; readonly since: number }
  | { readonly kind: 'showing'; readonly rtpAt: number }
  | { readonly kind: 'doubted' }
  | { readonly kind: 'failed'; readonly retryAt: number }
  | { readonly kind: 'unable'; readonly why: 'browser' | 'codec' }

export interface PolicyState {
  readonly prefer: Prefer
  readonly phase: 'off' | 'on' | 'over'
  /** Since when the broadcaster sends; null while not. */
  readonly sendingSince: number | null
  readonly http: boolean
  /** Since when HTTP delivery has something to play; null while not. */
  readonly readySince: number | null
  readonly webrtc: WebRtcPhase
  /** Counts the attempts at WebRTC: a new one replaces the one before. */
  readonly attempt: number
  /** Delivery over HTTP, by whichever transport. */
  readonly lane: HttpLane
  /** When WebRTC was last started beside an HLS that stood still. */
  readonly rescuedAt: number
  /** Failures of WebRTC since it last showed a frame. */
  readonly failures: number
}

/** Long enough for ICE over TCP or a relay, short enough that nobody reloads the page. Milliseconds. */
export const FIRST_FRAME_LIMIT_MS = 4_000

/** `mse`: this browser has media source extensions. */
export function initialPolicy(prefer: Prefer, { mse }: { mse: boolean }): PolicyState {
  return {
    prefer,
    phase: 'off',
    sendingSince: null,
    http: true,
    readySince: null,
    webrtc: { kind: 'off' },
    attempt: 0,
    lane: {
      phase: 'off',
      via: 'hls',
      since: 0,
      movedAt: 0,
      mseFrom: mse ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    },
    rescuedAt: Number.NEGATIVE_INFINITY,
    failures: 0,
  }
}
