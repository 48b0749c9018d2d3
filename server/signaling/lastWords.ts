/** What sessions are told when their broadcast closes under them. */
import type { ErrorCode } from '../../shared/errors.ts'
import type { CloseReason } from '../broadcast/broadcastEvents.ts'

/** A deleted broadcast has ended for good; after anything else the client should come back. */
export function lastWords(reason: CloseReason): ErrorCode {
  return reason === 'deleted' ? 'broadcast-ended' : 'shutting-down'
}
