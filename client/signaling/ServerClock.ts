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
const DRIFT = 1e-4
const REFRESH_MS = 60_000
/** A page that starts is busy, and so is what it asks: while it may be wrong by more than this, it asks again soon. */
const [GOOD_MS, HASTY_REFRESH_MS] = [8, 3_000] as const
/** Clocks are told in such grains at most, in browsers that guard against fingerprinting. */
const CLOCK_GRAIN_MS = 2
/** Of so many refreshes samples are kept: the best of a good minute is better than the newest of a bad one. */
const REFRESHES_KEPT = 5

/** By how much the offset of a sample may be wrong: half its trip (Cristian's algorithm), and what clocks drift since. */
function doubtOf({ sentAt, receivedAt }: ClockSample, now: number): number {
  return (receivedAt - sentAt) / 2 + (now - receivedAt) * DRIFT
}

/** The sample whose offset has the least room to be wrong; null without samples. */
function bestOf(samples: readonly ClockSample[], now: number): ClockSample | null {
  return samples.reduce<ClockSample | null>((a, b) => (a === null || doubtOf(b, now) < doubtOf(a, now) ? b : a), null)
}

/** What to add to the local clock at `now`; null without samples. */
export function estimateOffset(samples: readonly ClockSample[], now: number): number | null {
  const best = bestOf(samples, now)
  return best && best.serverNow - (best.sentAt + best.receivedAt) / 2
}

/** Until the first `refresh()` has succeeded it does not know the time. A failed refresh keeps what was known. */
export class ServerClock {
  readonly #ask: ServerClockOptions['ask']
  readonly #clock: Clock
  #offset: number | null = null
  #samples: readonly ClockSample[] = []
  #refreshing: Promise<void> | undefined
  #cancel: CancelTimer | undefined
  #cancelHasty: CancelTimer | undefined
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
      const now = this.#clock.now()
      const best = bestOf(this.#samples, now)
      this.#cancelHasty?.()
      if (this.#closed || !best || doubtOf(best, now) <= GOOD_MS) return
      this.#cancelHasty = this.#clock.after(HASTY_REFRESH_MS, () => void this.refresh())
    })
    return this.#refreshing
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancelHasty?.()
  }

  async #measure(): Promise<void> {
    const samples: ClockSample[] = []
    for (let ping = 0; ping < PINGS && !this.#closed; ping++) {
      const sentAt = this.#clock.now()
      const answer = await this.#ask().catch(() => null)
      if (answer === null) break
      samples.push({ sentAt, serverNow: answer.now, receivedAt: this.#clock.now() })
    }
    // The server may have been started anew since, with another clock, when this is not the time that it tells.
    const isAnother = samples.some((sample) => this.#contradicts(sample))
    this.#samples = [...(isAnother ? [] : this.#samples), ...samples].slice(-REFRESHES_KEPT * PINGS)
    this.#offset = estimateOffset(this.#samples, this.#clock.now()) ?? this.#offset
  }

  /** Whether a sample cannot be of the clock that was measured so far. */
  #contradicts({ sentAt, serverNow, receivedAt }: ClockSample): boolean {
    if (this.#offset === null || this.#samples.length === 0) return false
    const best = bestOf(this.#samples, receivedAt)
    const doubt = (best ? doubtOf(best, receivedAt) : 0) + CLOCK_GRAIN_MS
    return serverNow < sentAt + this.#offset - doubt || serverNow > receivedAt + this.#offset + doubt
  }
}
