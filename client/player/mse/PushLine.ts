/** In charge of staying connected to the push: connects again after a loss, and moves to another address without a hole. */
import { type ErrorCode, errorTable } from '../../../shared/errors.ts'
import type { MseInit } from '../../../shared/mse.ts'
import type { CancelTimer, Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/Emitter.ts'
import { type PushedMedia, PushSocket } from './PushSocket.ts'

export type PushLineEvents = {
  init: [init: MseInit]
  media: [media: PushedMedia]
  /** The connection is lost, and another one is to follow. */
  interrupted: []
  /** The broadcast is over. Nothing follows. */
  ended: []
  /** The last attempt failed, or another would be of no use. Nothing follows. */
  failed: []
}

/** Pauses before connecting again, in milliseconds; after the last one the line is given up. */
const RECONNECT_PAUSES_MS = [100, 400, 1_000] as const

export class PushLine extends Emitter<PushLineEvents> {
  readonly #address: () => string
  readonly #clock: Clock
  #socket: PushSocket | null = null
  /** Takes the place of the socket when it has something. */
  #successor: PushSocket | null = null
  /** Connections lost since media came. */
  #failures = 0
  #cancelReconnect: CancelTimer | undefined

  /** `address`: where to connect, asked each time. Nothing is done before `connect`. */
  constructor(address: () => string, clock: Clock) {
    super()
    this.#address = address
    this.#clock = clock
  }

  /** Idempotent. */
  connect(): void {
    if (this.#socket === null) this.#adopt(this.#open())
  }

  /** Until `connect`; no event follows. Idempotent. */
  disconnect(): void {
    this.#cancelReconnect?.()
    this.#socket?.close()
    this.#successor?.close()
    this.#socket = null
    this.#successor = null
  }

  /** For good. */
  close(): void {
    this.removeAllListeners()
    this.disconnect()
  }

  /** The address is another now: by a second socket, which takes over once it has something. */
  move(): void {
    this.#successor?.close()
    this.#successor = null
    if (this.#socket === null) return
    const next = this.#open()
    this.#successor = next
    const forget = next.on('init', (init) => {
      forget()
      this.#successor = null
      this.#cancelReconnect?.()
      this.#socket?.close()
      this.emit('init', init)
      this.#adopt(next)
    })
    next.on('closed', () => {
      if (this.#successor === next) this.#successor = null
    })
  }

  #open(): PushSocket {
    return PushSocket.create(this.#address(), this.#clock)
  }

  #adopt(socket: PushSocket): void {
    this.#socket = socket
    socket.on('init', (init) => this.emit('init', init))
    socket.on('media', (media) => {
      this.#failures = 0
      this.emit('media', media)
    })
    socket.on('closed', (code) => this.#lost(code))
  }

  #lost(code: ErrorCode | null): void {
    this.#socket = null
    if (code === 'broadcast-ended') {
      this.emit('ended')
      return
    }
    const pause = RECONNECT_PAUSES_MS[this.#failures++]
    if (pause === undefined || isFinal(code)) {
      this.disconnect()
      this.emit('failed')
      return
    }
    this.#cancelReconnect = this.#clock.after(pause, () => this.connect())
    this.emit('interrupted')
  }
}

/** One that is too slow, or has no seat, is better served by an adaptive transport than by the same again. */
function isFinal(code: ErrorCode | null): boolean {
  return code !== null && (code === 'too-slow' || code === 'no-seat' || !errorTable[code].retryable)
}
