/** In charge of one number: what to add to this machine's clock to get the server's. */
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'

/** One ping, all in milliseconds: local clock before and after, server's clock in between. */
export interface ClockSample {
  readonly sentAt: number
  readonly serverNow: number
  readonly receivedAt: number
}

export interface ServerClockOptions {
  /** Asks the server what time it is (request `clock`). */
  readonly ask: () => Promise<{ now: number }>
  readonly clock?: Clock
}

/** Pings per refresh: enough that one of them meets no queue, few enough for the server's rate limit. */
const PINGS = 5
/** Quartz drifts by up to 100 ppm: 6 ms a minute. */
const REFRESH_MS = 60_000

/**
 * The offset of the sample with the shortest round trip, which has the least room to be wrong: at most half that trip
 * (Cristian's algorithm). Null without samples.
 */
export function estimateOffset(samples: readonly ClockSample[]): number | null {
  const best = samples.reduce<ClockSample | null>(
    (a, b) => (a === null || b.receivedAt - b.sentAt < a.receivedAt - a.sentAt ? b : a),
    null,
  )
  return best && best.serverNow - (best.sentAt + best.receivedAt) / 2
}

/** Until the first `refresh()` has succeeded it does not know the time. A failed refresh keeps what was known. */
export class ServerClock {
  readonly #ask: ServerClockOptions['ask']
  readonly #clock: Clock
  #offset: number | null = null
  #refreshing: Promise<void> | undefined
  #cancel: CancelTimer | undefined
  #closed = false

  static create(options: ServerClockOptions): ServerClock {
    const serverClock = new ServerClock(options)
    serverClock.#cancel = serverClock.#clock.every(REFRESH_MS, () => void serverClock.refresh())
    return serverClock
  }

  private constructor(options: ServerClockOptions) {
    this.#ask = options.ask
    this.#clock = options.clock ?? systemClock
  }

  /** The server's wall clock now, in milliseconds since the Unix epoch; null while it is not known. */
  now(): number | null {
    return this.#offset === null ? null : this.#clock.now() + this.#offset
  }

  /** Pings the server a few times, one after the other. Never rejects; calls while one is under way share it. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#measure().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  async #measure(): Promise<void> {
    const samples: ClockSample[] = []
    for (let ping = 0; ping < PINGS && !this.#closed; ping++) {
      const sentAt = this.#clock.now()
      const answer = await this.#ask().catch(() => null)
      if (answer === null) break
      samples.push({ sentAt, serverNow: answer.now, receivedAt: this.#clock.now() })
    }
    this.#offset = estimateOffset(samples) ?? this.#offset
  }
}
