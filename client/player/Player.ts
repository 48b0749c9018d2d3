/** What the playback asks of a player: one attempt to bring a picture by one transport into one video element. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import type { Figures } from './figures.ts'
import type { Failure, Flow } from './policyState.ts'
import type { Size } from './quality/quality.ts'

export type PlayerEvents = {
  /** The way to the server is open: media could come. */
  linked: []
  /** The first frame is in the element (or the first sound, when there is no picture). Once. */
  frame: []
  /** Four times a second from then on: what arrived, and whether it became picture or sound. */
  flow: [flow: Flow]
  /** The same attempt begins anew: the element is about to lose its picture until there is a frame again. */
  renew: []
  /** There is something now that only an attempt made anew could play; this one plays on without it. Said again and again. */
  outdated: []
  /** This attempt is over. `why` says whether another of the same kind may fare better. */
  failed: [why: Failure]
  /** The server's end of this attempt is gone: another one is to be made at once. */
  gone: []
  /** The broadcast has ended and been played to its end. */
  ended: []
}

/** Attempts run once: whoever owns one listens, closes it, and makes another if there is to be another. */
export interface Player {
  readonly transport: PlayerTransport
  readonly video: HTMLVideoElement
  /** Qualities that can be chosen from, lowest first; none where that is not known or cannot be. */
  readonly ladder: readonly Size[]
  on<Name extends keyof PlayerEvents>(name: Name, listener: (...args: PlayerEvents[Name]) => void): () => void
  /** Seconds the picture is behind its capture, or null when that is not known. */
  latency(): number | null
  /** Seconds behind capture that it could hold, whatever delay is wished for; null when that is not known. */
  least(): number | null
  /**
   * When the frame that the element shows now was captured, in milliseconds since the Unix epoch on the server's clock, or
   * null when that is not known. The same frame has the same time on all transports.
   */
  capturedAt(): number | null
  /** Plays so many seconds behind capture, as far as it can; null: as near as it can. Only where that can be chosen. */
  steer?(behind: number | null): void
  /** Stands at what was captured then, or where it is if that is later, until it is played; goes on where it has neither. */
  waitAt?(capturedAt: number): void
  /** Begins anew by itself, for what it said to be outdated. */
  renew?(): void
  figures(): Promise<Figures>
  /** Idempotent; no event follows. The element keeps its last frame. */
  close(): void
}

/** Milliseconds between two looks at what arrived: fine enough for a limit of 1 s. */
export const FLOW_INTERVAL_MS = 250

/** What a look at a player over HTTP tells, where nothing is lost on the way. */
export function httpFlow(rtp: boolean, frames: boolean): Flow {
  return { rtp, frames, stuck: false, lost: 0, expected: 0 }
}
