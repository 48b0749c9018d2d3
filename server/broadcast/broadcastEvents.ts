/** What a broadcast tells whoever serves its publisher, its viewers and its place among the others. */
import type { BroadcastView } from '../../shared/signaling.ts'

export interface BroadcastEvents extends Record<string, unknown[]> {
  /** Something that clients show changed; at most once a second for viewer counts alone. */
  changed: [BroadcastView]
  /** Viewers should consume again. */
  producers: []
  /** The publisher's transport ended by itself. */
  'transport-closed': [transportId: string]
  /** The worker died: every transport is gone. */
  'sfu-replaced': []
  closed: [reason: CloseReason]
}

export type CloseReason = 'shutting-down' | 'deleted' | 'dormant'
