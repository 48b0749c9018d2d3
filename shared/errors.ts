/** The one table of what can go wrong between a client and the server: code → HTTP status, retryable, text. */

interface ErrorEntry {
  /** HTTP status of answers that carry this code (RFC 9110). */
  readonly status: number
  /** Whether the same request may succeed later without any change to it. */
  readonly retryable: boolean
  /** What a person is told when nothing more exact is known. */
  readonly text: string
}

/** Every error code there is. The README's table and the clients' words are held equal to it by a test. */
export const errorTable = {
  'bad-request': { status: 400, retryable: false, text: 'The request is not well formed.' },
  'bad-message': { status: 400, retryable: false, text: 'The message does not have the form the protocol asks for.' },
  'protocol-mismatch': {
    status: 400,
    retryable: false,
    text: 'This page speaks another version of the protocol than the server. Reload it.',
  },
  'key-missing': { status: 401, retryable: false, text: 'A publish key is needed for this.' },
  'token-missing': { status: 401, retryable: false, text: 'A token is needed for this.' },
  'wrong-key': { status: 403, retryable: false, text: 'The publish key does not belong to this broadcast.' },
  'wrong-token': { status: 403, retryable: false, text: 'The token is not valid.' },
  'wrong-origin': { status: 403, retryable: false, text: 'Pages from this origin may not do this.' },
  'chat-blocked': { status: 403, retryable: false, text: 'The broadcaster does not let you write in this chat.' },
  'not-found': { status: 404, retryable: false, text: 'There is nothing at this address.' },
  'broadcast-not-found': { status: 404, retryable: false, text: 'There is no such broadcast.' },
  'not-live': { status: 404, retryable: true, text: 'The broadcast has not started yet.' },
  'no-http-delivery': {
    status: 404,
    retryable: false,
    text: 'This broadcast is sent in a codec that can be watched over WebRTC only.',
  },
  'media-not-found': { status: 404, retryable: false, text: 'There is no such playlist or segment.' },
  'no-recording': {
    status: 404,
    retryable: false,
    text: 'This broadcast was not recorded, or its recording was deleted.',
  },
  'unknown-id': { status: 404, retryable: false, text: 'That id does not belong to this session.' },
  'method-not-allowed': { status: 405, retryable: false, text: 'This address does not take that method.' },
  'no-common-codec': { status: 406, retryable: false, text: 'The browser cannot decode what is being sent.' },
  'join-timeout': { status: 408, retryable: true, text: 'The session was not joined in time.' },
  'too-slow': { status: 408, retryable: true, text: 'The connection takes less than the broadcast needs.' },
  'already-publishing': { status: 409, retryable: false, text: 'The broadcast is being sent from elsewhere.' },
  'wrong-state': { status: 409, retryable: false, text: 'This cannot be done in the present state.' },
  'chat-closed': { status: 409, retryable: false, text: 'The chat is closed.' },
  'chat-name': { status: 409, retryable: false, text: 'That name cannot be used here. Choose another one.' },
  'broadcast-ended': { status: 410, retryable: false, text: 'The broadcast has ended.' },
  'media-gone': { status: 410, retryable: false, text: 'That segment has left the live window.' },
  'payload-too-large': { status: 413, retryable: false, text: 'The request is larger than is accepted.' },
  'unsupported-media-type': { status: 415, retryable: false, text: 'The request body must be JSON.' },
  'rate-limited': { status: 429, retryable: true, text: 'Too many requests. Wait a moment.' },
  'chat-too-fast': { status: 429, retryable: true, text: 'That is faster than this chat goes. Wait a moment.' },
  'too-many-connections': { status: 429, retryable: true, text: 'Too many connections from this address.' },
  internal: { status: 500, retryable: true, text: 'Something went wrong on the server.' },
  'too-many-waiting': { status: 503, retryable: true, text: 'Too many requests wait for the next part already.' },
  'no-seat': { status: 503, retryable: true, text: 'All real-time seats are taken.' },
  'server-full': { status: 503, retryable: true, text: 'The server takes no more broadcasts at present.' },
  'transcoders-busy': {
    status: 503,
    retryable: true,
    text: 'This broadcast has to be converted for HTTP delivery, and the server converts as many as it can at present.',
  },
  'sfu-unavailable': { status: 503, retryable: true, text: 'The media server is restarting.' },
  'shutting-down': { status: 503, retryable: true, text: 'The server is shutting down.' },
} as const satisfies Record<string, ErrorEntry>

/** A code of the table. */
export type ErrorCode = keyof typeof errorTable

/** Whether a string from outside is a code of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

/** How an error travels: in HTTP bodies as `{error: …}`, in acks as `{ok: false, error: …}`. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly message: string
}

/** An error that may be told to a client. Anything else becomes `internal` at the door, without its text. */
export class NearcastError extends Error {
  override readonly name = 'NearcastError'
  readonly code: ErrorCode

  /** `message` replaces the table's text where something more exact can be said; never put a secret in it. */
  constructor(code: ErrorCode, message: string = errorTable[code].text) {
    super(message)
    this.code = code
  }

  get status(): number {
    return errorTable[this.code].status
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable
  }

  get body(): ErrorBody {
    return { code: this.code, message: this.message }
  }
}
