/** In charge of how many requests may wait for what is not there yet, for how long, and of those whose client went away. */
import type { ServerResponse } from 'node:http'
import { NearcastError } from '../../shared/errors.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { CounterSeries } from '../ops/metrics.ts'

/** A request that is held. It is taken out before any of its functions is called. */
export interface HeldRequest {
  readonly res: ServerResponse
  /** Whom it counts for. */
  readonly address: string
  /** Milliseconds since the Unix epoch. */
  readonly until: number
  /** Its time is over: it has to be answered. */
  expire(): void
  /** Its client is gone: no answer. */
  abandon(): void
}

export interface HeldRequestsOptions {
  /** In all, and of one address. */
  readonly max: number
  readonly maxPerAddress: number
  /** Counts those that there was no room for. */
  readonly refused: CounterSeries
  readonly clock: Clock
}

/** Milliseconds between two looks for what has waited long enough: coarse, since a timer a request would cost more. */
const SWEEP_INTERVAL = 250

export class HeldRequests {
  readonly #options: HeldRequestsOptions
  readonly #held = new Map<ServerResponse, HeldRequest>()
  readonly #perAddress = new Map<string, number>()
  /** One function for all responses: Node calls it with the response that closed. */
  readonly #onClose: (this: ServerResponse) => void
  #cancelSweep: CancelTimer | null = null

  constructor(options: HeldRequestsOptions) {
    this.#options = options
    const held = this
    this.#onClose = function closed() {
      held.#take(this)?.abandon()
    }
  }

  /** Requests held now. */
  get size(): number {
    return this.#held.size
  }

  /** Holds a request until it is released. Throws `too-many-waiting` when there is no room. */
  hold(request: HeldRequest): void {
    const { max, maxPerAddress, refused, clock } = this.#options
    const ofAddress = this.#perAddress.get(request.address) ?? 0
    if (this.#held.size >= max || ofAddress >= maxPerAddress) {
      refused.inc()
      throw new NearcastError('too-many-waiting')
    }
    this.#perAddress.set(request.address, ofAddress + 1)
    this.#held.set(request.res, request)
    request.res.on('close', this.#onClose)
    this.#cancelSweep ??= clock.after(SWEEP_INTERVAL, () => this.#sweep())
  }

  /** It is about to be answered. */
  release({ res }: HeldRequest): void {
    this.#take(res)
  }

  #sweep(): void {
    const { clock } = this.#options
    this.#cancelSweep = null
    const now = clock.now()
    for (const request of this.#held.values()) {
      // A response that waits behind another one of its connection (pipelining) is not told that the connection closed.
      const isGone = request.res.req.socket.destroyed
      if (!isGone && request.until > now) continue
      this.#take(request.res)
      if (isGone) request.abandon()
      else request.expire()
    }
    if (this.#held.size > 0) this.#cancelSweep ??= clock.after(SWEEP_INTERVAL, () => this.#sweep())
  }

  #take(res: ServerResponse): HeldRequest | undefined {
    const request = this.#held.get(res)
    if (!request) return undefined
    this.#held.delete(res)
    res.off('close', this.#onClose)
    const left = (this.#perAddress.get(request.address) ?? 1) - 1
    if (left > 0) this.#perAddress.set(request.address, left)
    else this.#perAddress.delete(request.address)
    return request
  }
}
