/** One socket after its handshake: a rate, a join deadline, offences, and last words before it is disconnected. */
import type { DefaultEventsMap, Socket } from 'socket.io'
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import type { ClientEvents, Handshake, RequestName, ServerEvents } from '../../shared/signaling.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Logger } from '../ops/logger.ts'
import { type Door, handle } from './handle.ts'

/** What was settled at the handshake. */
export interface Admission {
  handshake: Handshake
  broadcast: Broadcast
}

export type ServerSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, Admission>

export interface SessionOptions {
  /** Whom it counts for: one IPv4 address, or the network of an IPv6 one. */
  address: string
  /** Milliseconds to join in. */
  joinDeadline: number
  /** Whether the socket may make one more request now. */
  takeToken(): boolean
  /** Told of each refused request. */
  refused(code: ErrorCode): void
  clock: Clock
  log: Logger
}

/** Offences after which a client is disconnected. */
const MAX_OFFENCES = 20

/** The part every role shares; the role hands in its requests once, by `serve`. */
export class Session {
  readonly socket: ServerSocket
  readonly address: string
  readonly log: Logger
  readonly clock: Clock
  readonly #takeToken: () => boolean
  readonly #refused: (code: ErrorCode) => void
  readonly #cancelDeadline: CancelTimer
  #offences = 0

  constructor(socket: ServerSocket, options: SessionOptions) {
    this.socket = socket
    this.address = options.address
    this.log = options.log
    this.#takeToken = options.takeToken
    this.#refused = options.refused
    this.clock = options.clock
    this.#cancelDeadline = options.clock.after(options.joinDeadline, () => this.end('join-timeout'))
    socket.once('disconnect', () => this.#cancelDeadline())
  }

  /** Routes every message to its handler. A client that sends no ack function gets no answer, and harms nothing. */
  serve<Names extends RequestName>(role: Pick<Door<Names>, 'schemas' | 'handlers'>): void {
    const door: Door<Names> = { ...role, takeToken: this.#takeToken, offence: () => this.#offence(), log: this.log }
    this.socket.onAny(async (name: unknown, ...args: unknown[]) => {
      const ack = args.at(-1)
      const reply = await handle(door, String(name), args[0])
      if (!reply.ok) this.#refused(reply.error.code)
      if (typeof ack === 'function') ack(reply)
    })
  }

  /** The server's wall clock, milliseconds since the Unix epoch. */
  now(): number {
    return this.clock.now()
  }

  /** The client joined in time. */
  joined(): void {
    this.#cancelDeadline()
  }

  /** Says why, then disconnects. */
  end(code: ErrorCode): void {
    this.socket.emit('closed', new NearcastError(code).body)
    this.socket.disconnect(true)
  }

  #offence(): void {
    this.#offences += 1
    if (this.#offences >= MAX_OFFENCES) this.end('rate-limited')
  }
}
