/** In charge of one question about a socket: does it take what it is sent, or does it pile up here? */

/** What is asked of a WebSocket. */
export interface OutflowSocket {
  /** Bytes that wait in this process. */
  readonly bufferedAmount: number
  send(data: Buffer | string, done?: (error?: Error | null) => void): void
}

/** Milliseconds that a message may wait here: what is older is no longer live. */
export const STALE_AFTER_MS = 1_000
/** Bytes that may wait here whatever their age: two seconds of the best picture there is, twice. */
export const MOST_WAITING = 4 * 1024 * 1024

/** One message at a time is watched on its way to the kernel, so that nothing is kept for each. */
export class Outflow {
  readonly #socket: OutflowSocket
  readonly #now: () => number
  /** When the watched message was handed over; null while none is under way. */
  #watchedSince: number | null = null

  /** @param now milliseconds */
  constructor(socket: OutflowSocket, now: () => number) {
    this.#socket = socket
    this.#now = now
  }

  /** Everything has left. */
  get isEmpty(): boolean {
    return this.#watchedSince === null && this.#socket.bufferedAmount === 0
  }

  /** Something has waited for too long, or too much waits. */
  get isBackedUp(): boolean {
    const waited = this.#watchedSince === null ? 0 : this.#now() - this.#watchedSince
    return waited > STALE_AFTER_MS || this.#socket.bufferedAmount > MOST_WAITING
  }

  send(message: Buffer | string): void {
    if (this.#watchedSince !== null) {
      this.#socket.send(message)
      return
    }
    this.#watchedSince = this.#now()
    this.#socket.send(message, () => {
      this.#watchedSince = null
    })
  }
}
