/** Many calls become one, a while after the first of them: for news that change all the time. */
import type { CancelTimer, Clock } from './clock.ts'

export class Trailing {
  readonly #ms: number
  readonly #clock: Clock
  readonly #act: () => void
  #cancel: CancelTimer | null = null
  #closed = false

  /** @param ms milliseconds after the first call */
  constructor(ms: number, clock: Clock, act: () => void) {
    this.#ms = ms
    this.#clock = clock
    this.#act = act
  }

  call(): void {
    if (this.#closed) return
    this.#cancel ??= this.#clock.after(this.#ms, () => {
      this.#cancel = null
      this.#act()
    })
  }

  /** What is due will not be done. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
  }
}
