/** What the fallback policy is told, what it knows, and what it may ask for. */
import type { SeatView } from '../../shared/signaling.ts'
import type { HttpLane, HttpVia } from './httpLane.ts'
import { initialReturn, type Return } from './returnPlan.ts'
import type { Look } from './webRtcQuality.ts'

export type Prefer = 'auto' | 'realtime' | 'smooth'

/** The ways of the picture, best first. */
export type Rung = 'webrtc' | HttpVia

/** `browser` and `codec` will not change by trying again; `connection` may, and `seat` when the server says so. */
export type Failure = 'browser' | 'codec' | 'connection' | 'seat'

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
  | { readonly kind: 'seats'; readonly seats: SeatView }
  /** The set of producers changed, and maybe the codec with it. */
  | { readonly kind: 'producers' }
  | { readonly kind: 'prefer'; readonly prefer: Prefer }
  /** Whether the page can be seen. */
  | { readonly kind: 'page'; readonly hidden: boolean }
  /** The machine is on another network, or back on one. */
  | { readonly kind: 'network' }
  /** The page's time stood still for seconds: the machine slept. */
  | { readonly kind: 'wake' }
  /** ICE and DTLS are through: packets could come. */
  | { readonly kind: 'webrtc:linked' }
  | { readonly kind: 'webrtc:frame' }
  /** What happened since the last report of this kind. */
  | ({ readonly kind: 'webrtc:flow' } & Flow)
  | { readonly kind: 'webrtc:failed'; readonly why: Failure }
  | { readonly kind: 'webrtc:gone' }
  | { readonly kind: 'http:frame'; readonly via: HttpVia }
  /** Whether anything new was seen or heard since the last report of this kind; a player that is paused needs nothing. */
  | { readonly kind: 'http:flow'; readonly via: HttpVia; readonly frames: boolean }
  /** Of HLS: this browser cannot play it; what may pass, that player retries by itself. */
  | { readonly kind: 'http:failed'; readonly via: HttpVia; readonly why: Failure }
  | { readonly kind: 'http:ended'; readonly via: HttpVia }
  | { readonly kind: 'time' }

export interface Flow {
  /** Whether RTP arrived, and whether it became a frame (or sound, where there is no picture). */
  readonly rtp: boolean
  readonly frames: boolean
  /** Packets of the picture arrived, and no frame could be decoded. */
  readonly stuck: boolean
  /** Packets that did not come, of how many. */
  readonly lost: number
  readonly expected: number
}

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
  | { readonly kind: 'starting'; readonly since: number; readonly isLinked: boolean }
  /** Has frames behind the picture that HTTP brings, all the time since then. */
  | { readonly kind: 'proving'; readonly since: number; readonly rtpAt: number }
  | { readonly kind: 'showing'; readonly rtpAt: number; readonly frameAt: number }
  /** Is seen, but so bad that HTTP would be better. */
  | { readonly kind: 'poor'; readonly rtpAt: number; readonly frameAt: number }
  /** Fell silent. */
  | { readonly kind: 'doubted'; readonly since: number }
  | { readonly kind: 'failed'; readonly retryAt: number }
  | { readonly kind: 'unable'; readonly why: 'browser' | 'codec' }

/** What a network was found to let through; null: nothing is known. */
export interface Findings {
  readonly webrtc: 'works' | 'blocked' | null
  readonly mse: 'works' | 'blocked' | null
}

export const noFindings: Findings = { webrtc: null, mse: null }

export interface PolicyState {
  readonly prefer: Prefer
  readonly phase: 'off' | 'on' | 'over'
  /** Since when the broadcaster sends; null while not. */
  readonly sendingSince: number | null
  readonly http: boolean
  /** Since when HTTP delivery has something to play; null while not. */
  readonly readySince: number | null
  readonly seats: SeatView
  readonly isHidden: boolean
  readonly webrtc: WebRtcPhase
  /** Counts the attempts at WebRTC: a new one replaces the one before. */
  readonly attempt: number
  /** Counts the new paths that were asked for. */
  readonly renewals: number
  /** What the last seconds of WebRTC were like. */
  readonly looks: readonly Look[]
  /** Delivery over HTTP, by whichever transport. */
  readonly lane: HttpLane
  /** When WebRTC was last started beside an HLS that stood still. */
  readonly rescuedAt: number
  /** Failures of WebRTC since it last showed a frame. */
  readonly failures: number
  /** How WebRTC comes back from HTTP. */
  readonly back: Return
  readonly findings: Findings
  /** When the network was last said to be another one. */
  readonly networkAt: number
}

/** Long enough for ICE over TCP or a relay, short enough that nobody reloads the page. Milliseconds. */
export const FIRST_FRAME_LIMIT_MS = 4_000
/** For ICE and DTLS alone, which take some round trips where they work at all. Milliseconds. */
export const LINK_LIMIT_MS = 2_000

export interface PolicyOptions {
  /** This browser has media source extensions. */
  readonly mse: boolean
  /** What this network let through lately. */
  readonly findings?: Findings
  /** From 0 to 1, another one for each viewer: so that not all come back at once. */
  readonly spread?: number
}

export function initialPolicy(
  prefer: Prefer,
  { mse, findings = noFindings, spread = 0.5 }: PolicyOptions,
): PolicyState {
  return {
    prefer,
    phase: 'off',
    sendingSince: null,
    http: true,
    readySince: null,
    seats: { webrtc: true, mse: true },
    isHidden: false,
    webrtc: { kind: 'off' },
    attempt: 0,
    renewals: 0,
    looks: [],
    lane: {
      phase: 'off',
      via: 'hls',
      since: 0,
      movedAt: 0,
      risingSince: null,
      mseFrom: mse ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
      mseFailures: 0,
    },
    rescuedAt: Number.NEGATIVE_INFINITY,
    failures: 0,
    back: initialReturn(spread),
    findings,
    networkAt: Number.NEGATIVE_INFINITY,
  }
}
