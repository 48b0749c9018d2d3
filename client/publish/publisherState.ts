/** In charge of the words for how far a publisher has come, and for what keeps it from being live. */
import type { NearcastError } from '../../shared/errors.ts'

/**
 * `live`: the server says that it receives. `connecting`: it was not live yet. `reconnecting`: it was. `refused`: the
 * server will not have us, for good (wrong key, taken over by another tab, no codec). `ended`: the broadcast is over.
 */
export type PublisherState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'refused'; readonly error: NearcastError }

/**
 * Why it is not live although it goes on trying. `unreachable`: there is no connection to the server. `no-path`: there
 * is one, but media does not get through. `failed`: the server said no for now, or did not answer.
 */
export type Trouble =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'failed'; readonly error: NearcastError }
