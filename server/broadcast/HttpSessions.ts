/** Who watches without our signaling: sessions in the URLs of media playlists, known by their requests alone. */
import type { CancelTimer, Clock } from '../lib/clock.ts'

export interface HttpSessionsOptions {
  /** Sessions remembered at once; more are not counted, since anyone can invent one. */
  readonly max: number
  readonly clock: Clock
  /** Their number changed. */
  readonly onChanged: () => void
}

/** Milliseconds without a request after which a player is gone: three target durations of 3 s (product.md). */
const LIFE = 9_000

/** Milliseconds between two looks for those: one timer for all, and none while there is nobody. */
const SWEEP_INTERVAL = 1_000

export class HttpSessions {
  readonly #options: HttpSessionsOptions
  /** When each will be gone if it asks for nothing more, in milliseconds since the Unix epoch. */
  readonly #goneAt = new Map<string, number>()
  #cancelSweep: CancelTimer | null = null

  constructor(options: HttpSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#goneAt.size
  }

  /** It asks for something, and may have to wait for the answer for `heldFor` milliseconds. */
  saw(session: string, heldFor = 0): void {
    const { max, clock, onChanged } = this.#options
    const isNew = !this.#goneAt.has(session)
    if (isNew && this.#goneAt.size >= max) return
    this.#goneAt.set(session, clock.now() + heldFor + LIFE)
    this.#cancelSweep ??= clock.after(SWEEP_INTERVAL, () => this.#sweep())
    if (isNew) onChanged()
  }

  close(): void {
    this.#cancelSweep?.()
    this.#cancelSweep = null
    this.#goneAt.clear()
  }

  #sweep(): void {
    const { clock, onChanged } = this.#options
    const before = this.#goneAt.size
    const now = clock.now()
    for (const [session, goneAt] of this.#goneAt) if (goneAt <= now) this.#goneAt.delete(session)
    this.#cancelSweep = this.#goneAt.size === 0 ? null : clock.after(SWEEP_INTERVAL, () => this.#sweep())
    if (this.#goneAt.size !== before) onChanged()
  }
}
