/** In charge of the one question every door asks before it shows a broadcast: signaling, HLS, DASH, MSE, WHEP, recordings. */
import type { Visibility } from '../../shared/broadcast.ts'

/** What a viewer brought along. */
export interface ViewCredentials {
  /** The bearer token of the request or handshake, or null. */
  readonly token: string | null
}

/** What of a broadcast decides who may watch it. */
export interface Watchable {
  readonly id: string
  readonly visibility: Visibility
}

/** Whether someone with these credentials may watch. Always, so far: the link, which cannot be guessed, is the permission. */
export function mayWatch(_broadcast: Watchable, _credentials: ViewCredentials): boolean {
  return true
}
