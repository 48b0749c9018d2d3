/** In charge of the credentials that let a browser use our TURN server for some minutes. */
import { createHmac } from 'node:crypto'

/** What the credentials are made of. */
export interface TurnCredentialsInput {
  /** The secret shared with coturn (`static-auth-secret`). */
  secret: string
  /** `turn:` and `turns:` URLs that clients are told of. */
  urls: readonly string[]
  /** Life in seconds, a whole number. */
  ttl: number
  /** Wall clock in milliseconds since the Unix epoch. */
  now: number
  /** Whom the server's quota counts: the id of the viewer or broadcaster. Anything but `:` and control characters. */
  user: string
}

/** An entry of `RTCConfiguration.iceServers`. */
export interface TurnCredentials {
  urls: string[]
  /** `<expiry>:<user>`, expiry in seconds since the Unix epoch. */
  username: string
  /** Base64 of HMAC-SHA1 over the username. */
  credential: string
}

/**
 * Credentials by draft-uberti-behave-turn-rest-00, section 2.2, as coturn's `use-auth-secret` checks them. coturn
 * refuses new allocations once they have expired, while an allocation that stands goes on being refreshed with them:
 * a client needs new ones before an ICE restart or a reconnect, not to keep a call.
 *
 * Throws a RangeError when the user would change what the server reads as the expiry.
 */
export function turnCredentials({ secret, urls, ttl, now, user }: TurnCredentialsInput): TurnCredentials {
  const printable = [...user].every((character) => character > ' ' && character !== ':' && character !== '\u007f')
  if (user === '' || !printable) throw new RangeError('a TURN user is at least one character, without colons or spaces')
  const username = `${Math.ceil(now / 1000) + ttl}:${user}`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  return { urls: [...urls], username, credential }
}
