/** What a tap runs, and runs again: one consumer, the FFmpeg behind it and its sinks, whatever it makes of the media. */
import type { types } from 'mediasoup'
import type { EndReason } from './restartPolicy.ts'
import type { RunCause } from './TapSink.ts'

/** Why a run is over; `closed` means that its owner wanted it. */
export interface AttemptEnd {
  readonly reason: EndReason | 'closed'
  /** For logs. */
  readonly detail: string
}

/** One run. */
export interface Attempt {
  /** Resolves when the run is over: its sinks are closed, its process may still be going. */
  readonly ended: Promise<AttemptEnd>
  /** Resolves at the first bytes; never, when the run ends without any. */
  readonly firstBytes: Promise<void>
  /** Process id of the FFmpeg, while it runs. */
  readonly pid: number | undefined
  /** Asks for a key frame in what the sinks get. */
  requestKeyFrame(): void
  /** Ends the run; nothing is written from now on. Resolves when FFmpeg has really exited. Idempotent. */
  close(reason?: string): Promise<void>
}

/** What a tap starts again and again. It holds what all its runs share. */
export interface TapStream {
  readonly kind: types.MediaKind
  /** Simulcast layer; 0 for a single stream, for audio, and for what is made of all layers. */
  readonly layer: number
  /** Whether it arrives at present. */
  readonly sent: boolean
  /** Starts a run. @throws when it cannot be started, or `signal` is aborted meanwhile; nothing is left of it then. */
  open(cause: RunCause, signal: AbortSignal): Promise<Attempt>
  /** The last `open` threw. */
  openFailed(): void
  /** Gives back what the runs shared; none is under way any more. */
  close(): void
}
