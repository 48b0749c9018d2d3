/** In charge of adding reactions up, so that a thousand people who tap cost four messages a second. */
import type { ChatReactions, Reaction } from '../../shared/chat.ts'
import type { Clock } from '../lib/clock.ts'
import { Trailing } from '../lib/Trailing.ts'

/** Milliseconds between two sums. */
const INTERVAL = 250

export class Taps {
  readonly #due: Trailing
  #counts = new Map<Reaction, number>()

  /** `told` gets what was tapped since the last time, never nothing. */
  constructor(clock: Clock, told: (counts: ChatReactions['counts']) => void) {
    this.#due = new Trailing(INTERVAL, clock, () => {
      const counts = Object.fromEntries(this.#counts)
      this.#counts = new Map()
      told(counts)
    })
  }

  add(reaction: Reaction): void {
    this.#counts.set(reaction, (this.#counts.get(reaction) ?? 0) + 1)
    this.#due.call()
  }

  /** What is not told yet never is. */
  close(): void {
    this.#due.close()
  }
}
