/** What of the protocol every page needs from its first byte on, without the schemas, which are the server's. */
import type { Notices } from './signaling.ts'

/** Raised when an old page could no longer talk to a new server. */
export const PROTOCOL_VERSION = 1

export const noticeNames = [
  'broadcast',
  'producers',
  'seats',
  'sync',
  'consumer:closed',
  'transport:closed',
  'sfu:replaced',
  'chat',
  'chat:blocked',
  'closed',
] as const satisfies readonly (keyof Notices)[]
