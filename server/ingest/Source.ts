/** Who publishes now, whatever the way in: what a broadcast, its tap and its viewers see of it. */
import type { types } from 'mediasoup'
import type { MediaSource } from '../../shared/signaling.ts'
import type { TypedEmitter } from '../lib/TypedEmitter.ts'

/** One stream a source sends. */
export interface SourceProducer {
  readonly source: MediaSource
  readonly producer: types.Producer
}

export interface SourceEvents extends Record<string, unknown[]> {
  /** A producer was added. */
  producer: [SourceProducer]
  /** A producer is no more. */
  'producer-closed': [SourceProducer]
  /** RTP began to arrive, or ceased. */
  sending: [boolean]
  /** The source is gone for good. */
  closed: [reason: string]
}

export interface Source extends TypedEmitter<SourceEvents> {
  readonly kind: 'browser'
  readonly producers: readonly SourceProducer[]
  /** Whether RTP arrives at present. */
  readonly isSending: boolean
  readonly isClosed: boolean
  close(reason: string): void
}
