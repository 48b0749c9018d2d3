/** Time that a test moves. */
import type { Clock } from '../../../server/lib/clock.ts'

/** 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000

/** Time passes when told to; timers fire on the way. */
export class ManualClock implements Clock {
  #now = START
  readonly #timers = new Set<{ at: number; every: number | null; run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: null, run })
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, run })
  }

  /** How many timers are left. */
  get timers(): number {
    return this.#timers.size
  }

  advanceTo(time: number): void {
    while (true) {
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > time) break
      this.#now = Math.max(this.#now, next.at)
      if (next.every === null) this.#timers.delete(next)
      else next.at += next.every
      next.run()
    }
    this.#now = Math.max(this.#now, time)
  }

  #add(timer: { at: number; every: number | null; run: () => void }): () => void {
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }
}
