/** Tells by what a child says on standard error when it is ready. */
import type { CancelTimer, Clock } from '../lib/clock.ts'

/** A release that words its ready line differently is taken as ready once it has said nothing more for this long (ms). */
const QUIET_MS = 2_000
/**
 * One that says nothing at all is taken as ready after this long (ms). FFmpeg takes 0.2 s to its first words, and 2.5 s
 * on a machine with too little time for all it runs.
 */
const SILENT_MS = 10_000

export class ReadyWatch {
  readonly #line: RegExp
  readonly #clock: Clock
  readonly #ready = Promise.withResolvers<undefined>()
  #isOver = false
  #cancel: CancelTimer

  constructor(line: RegExp, clock: Clock) {
    this.#line = line
    this.#clock = clock
    this.#cancel = clock.after(SILENT_MS, () => this.#resolve())
  }

  /** Resolves when it is ready, or may be taken for that. */
  get ready(): Promise<undefined> {
    return this.#ready.promise
  }

  hear(line: string): void {
    if (this.#isOver) return
    this.#cancel()
    if (this.#line.test(line)) this.#resolve()
    else this.#cancel = this.#clock.after(QUIET_MS, () => this.#resolve())
  }

  /** `ready` never resolves then. Idempotent. */
  close(): void {
    this.#isOver = true
    this.#cancel()
  }

  #resolve(): void {
    this.close()
    this.#ready.resolve(undefined)
  }
}
