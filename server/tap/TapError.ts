/** What a tap refuses, by code, so that callers decide without reading texts. */

/**
 * - `not-tappable`: the codec can be neither copied (H.264, Opus) nor transcoded (VP8, where that is allowed).
 * - `kind-taken`: the group already taps another producer of that kind.
 * - `no-ports`: every RTP/RTCP pair of the pool is in use.
 * - `closed`: the group has been closed.
 */
export type TapErrorCode = 'not-tappable' | 'kind-taken' | 'no-ports' | 'closed'

/** An error of the tap stage; `code` says what happened, the message says where. */
export class TapError extends Error {
  override readonly name = 'TapError'
  readonly code: TapErrorCode

  constructor(code: TapErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
