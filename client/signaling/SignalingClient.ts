/** In charge of the one signaling connection of a page: typed requests and notices, coming back by itself, joining again. */
import { io, type Socket } from 'socket.io-client'
import { type ErrorBody, errorTable, isErrorCode, NearcastError } from '../../shared/errors.ts'
import { noticeNames } from '../../shared/protocol.ts'
import type { Answers, Handshake, Notices, Params, Reply, RequestName } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'

export interface SignalingOptions {
  /** Origin of the server, e.g. `https://host`. */
  readonly url: string
  /** Asked before each attempt to connect, so that a session learned meanwhile is shown. */
  readonly auth: () => Handshake
  /**
   * Runs after each connection, before `connected` is told. When it rejects with a retryable error the connection is
   * made anew after a pause; with any other error the client is `refused`.
   */
  readonly join?: (client: SignalingClient) => Promise<void>
  readonly clock?: Clock
}

/**
 * `closed`: by us, for good. `refused`: the server will not have us, for good. `waiting`: between two attempts or
 * during one. `joining`: the connection stands and `join` runs.
 */
export type SignalingState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'refused'; readonly error: NearcastError }
  | { readonly kind: 'closed' }

type NoticeEvents = { [Name in keyof Notices]: [payload: Notices[Name]] }

export type SignalingEvents = NoticeEvents & {
  /** Connected and joined, for the first time or again. */
  connected: []
  /** The connection is gone; the client is already on its way to make it anew unless it was refused. */
  disconnected: []
  /** The server said no and the same question will not help: wrong key, unknown or ended broadcast, old page. */
  refused: [error: NearcastError]
}

/** Time limit of a request, in milliseconds: longer than a worker takes to be replaced, shorter than patience. */
const REQUEST_LIMIT_MS = 8_000

/** Pauses between attempts, in milliseconds: doubled each time, ± half of it by chance so that a crowd spreads out. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 3_000

/** Whoever owns it calls `close()`; until then it never gives up unless it is refused. */
export class SignalingClient extends Emitter<SignalingEvents> {
  readonly #options: SignalingOptions
  readonly #clock: Clock
  readonly #socket: Socket
  #state: SignalingState = { kind: 'waiting' }
  /** Attempts in a row that the server turned away although they may succeed later. */
  #turnedAway = 0
  #lastWords: NearcastError | undefined
  #cancelRetry: CancelTimer | undefined

  /** Returns at once; `connected` or `refused` follows. */
  static create(options: SignalingOptions): SignalingClient {
    const socket = io(options.url, {
      // WebSocket first: one round trip less than an upgrade, no second connection. Polling where proxies forbid it.
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      forceNew: true,
      autoConnect: false,
      auth: (answer) => answer(options.auth()),
      reconnectionDelay: FIRST_PAUSE_MS,
      reconnectionDelayMax: LONGEST_PAUSE_MS,
      randomizationFactor: 0.5,
      timeout: 5_000,
    })
    const client = new SignalingClient(options, socket)
    client.#wire()
    socket.connect()
    return client
  }

  private constructor(options: SignalingOptions, socket: Socket) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#socket = socket
  }

  get state(): SignalingState {
    return this.#state
  }

  /**
   * Asks the server; resolves with its answer. Rejects with the server's error, or with `internal` when there is no
   * connection, it breaks, or no answer comes within `limitMs`. Nothing is kept back for a later connection.
   */
  async request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    limitMs: number = REQUEST_LIMIT_MS,
  ): Promise<Answers[Name]> {
    if (!this.#socket.connected) throw new NearcastError('internal', 'There is no connection to the server.')
    let reply: Reply<Answers[Name]>
    try {
      reply = await this.#socket.timeout(limitMs).emitWithAck(name, params)
    } catch {
      throw new NearcastError('internal', `The server did not answer ${name}.`)
    }
    if (!reply.ok) throw toError(reply.error)
    return reply.value
  }

  /** Idempotent. Requests under way are rejected; no event follows. */
  close(): void {
    if (this.#state.kind === 'closed') return
    this.#state = { kind: 'closed' }
    this.removeAllListeners()
    this.#cancelRetry?.()
    this.#socket.disconnect()
  }

  #wire(): void {
    this.#socket.on('connect', () => void this.#join())
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason))
    this.#socket.on('connect_error', (error: Error & { data?: unknown }) => {
      // While the socket is active, the server was not reached and socket.io tries again by itself.
      if (!this.#socket.active) this.#onTurnedAway(toError(error.data))
    })
    for (const name of noticeNames) this.#socket.on(name, (payload) => this.#onNotice(name, payload))
  }

  #onNotice<Name extends keyof Notices>(name: Name, payload: Notices[Name]): void {
    if (this.#isOver()) return
    if (name === 'closed') this.#lastWords = toError(payload)
    this.emit(name, ...([payload] as SignalingEvents[Name]))
  }

  async #join(): Promise<void> {
    if (this.#isOver()) return
    const connection = this.#socket.id
    this.#state = { kind: 'joining' }
    try {
      await this.#options.join?.(this)
    } catch (error) {
      if (this.#socket.id !== connection || this.#isOver()) return
      this.#lastWords = error instanceof NearcastError ? error : new NearcastError('internal')
      this.#socket.disconnect()
      return
    }
    if (this.#socket.id !== connection || this.#isOver()) return
    this.#turnedAway = 0
    this.#state = { kind: 'connected' }
    this.emit('connected')
  }

  #onDisconnect(reason: Socket.DisconnectReason): void {
    if (this.#isOver()) return
    const lastWords = this.#lastWords
    this.#lastWords = undefined
    this.#state = { kind: 'waiting' }
    this.emit('disconnected')
    // These two socket.io leaves to us; after all others it connects again by itself.
    if (reason === 'io server disconnect' || reason === 'io client disconnect') {
      this.#onTurnedAway(lastWords ?? new NearcastError('internal'))
    } else if (lastWords && !lastWords.retryable) {
      this.#refuse(lastWords)
    }
  }

  #onTurnedAway(error: NearcastError): void {
    if (this.#isOver()) return
    if (!error.retryable) {
      this.#refuse(error)
      return
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#turnedAway, LONGEST_PAUSE_MS) * (0.5 + Math.random())
    this.#turnedAway = Math.min(this.#turnedAway + 1, 10)
    this.#cancelRetry?.()
    this.#cancelRetry = this.#clock.after(pause, () => this.#socket.connect())
  }

  #refuse(error: NearcastError): void {
    this.#state = { kind: 'refused', error }
    this.#socket.disconnect()
    this.emit('refused', error)
  }

  /** A method and not a getter, so that the compiler does not take its answer for lasting across an await. */
  #isOver(): boolean {
    return this.#state.kind === 'closed' || this.#state.kind === 'refused'
  }
}

/** What came over the wire as an error; anything unknown is `internal`. */
function toError(body: unknown): NearcastError {
  const { code, message } = (typeof body === 'object' && body !== null ? body : {}) as Partial<ErrorBody>
  if (typeof code !== 'string' || !isErrorCode(code)) return new NearcastError('internal')
  return new NearcastError(code, typeof message === 'string' ? message : errorTable[code].text)
}
