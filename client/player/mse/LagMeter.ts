/** In charge of how far behind capture pushed media has to be played, so that it is there when it is due. Pure. */

/** Seconds between what has just arrived and what is on the screen: some frames to decode. */
const LEAST_MARGIN = 0.06
/** Added whenever the picture stood although media was there, up to the most. Seconds. */
const STALL_MARGIN = 0.06
const MOST_MARGIN = 0.5
/** What was bad is forgotten so fast: seconds a second. */
const FORGET_LAG = 0.04
const FORGET_MARGIN = 0.005
/** Clocks drift, and paths get longer for good. Seconds a second. */
const FORGET_BEST = 0.005
/** A wait longer than this was an interruption, which no buffer bridges. Seconds. */
const INTERRUPTION = 3
/** Expected of a path that is not known yet: seconds. */
const FIRST_JITTER = 0.1
/** The most that waits make it wait. Seconds. */
const MOST_JITTER = 1.5

/**
 * Lag is local clock minus media time, in seconds: its zero means nothing, since the clocks differ, but the same media time
 * can be played at the same lag for as long as both clocks run.
 */
export class LagMeter {
  #best: number | null = null
  #worst = 0
  #margin = LEAST_MARGIN
  #end: number | null = null
  #at = 0

  /** The lag to play at; null before anything came. */
  get goal(): number | null {
    return this.#best === null ? null : this.#worst + this.#margin
  }

  /** Playable media ends at `end` now (seconds, both). */
  observe(now: number, end: number): void {
    const lag = now - end
    const passed = Math.max(0, now - this.#at)
    const before = this.#end === null ? lag : now - this.#end
    if (this.#end !== null && end <= this.#end) return
    this.#end = end
    this.#at = now
    if (this.#best === null) {
      this.#best = lag
      this.#worst = lag + FIRST_JITTER
      return
    }
    this.#best = Math.min(lag, this.#best + FORGET_BEST * passed)
    this.#margin = Math.max(LEAST_MARGIN, this.#margin - FORGET_MARGIN * passed)
    const forgotten = Math.max(lag, this.#worst - FORGET_LAG * passed)
    const waited = before - this.#best > INTERRUPTION ? lag : before
    this.#worst = Math.min(Math.max(forgotten, waited), this.#best + MOST_JITTER)
  }

  /** The picture stood although media was there. */
  stalled(): void {
    this.#margin = Math.min(MOST_MARGIN, this.#margin + STALL_MARGIN)
  }

  /** What comes next is not what follows. */
  reset(): void {
    this.#end = null
  }
}
