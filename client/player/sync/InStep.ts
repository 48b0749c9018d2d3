/** In charge of being in step with the other viewers: tells the server what this one can hold, and steers to what all do. */
import { type CancelTimer, type Clock, systemClock } from '../../lib/clock.ts'
import type { Player } from '../Player.ts'
import type { Wish } from '../quality/Wish.ts'
import type { WatchSession } from '../WatchSession.ts'

/** What is asked of a player. */
type Held = Pick<Player, 'least'>

export interface InStepOptions {
  readonly session: Pick<WatchSession, 'request' | 'on'>
  /** Whose picture is seen. */
  readonly playback: { readonly player: Held | null }
  /** What players are steered by, those that get ready too. */
  readonly wish: Pick<Wish, 'delay'>
  readonly clock?: Clock
}

/** Milliseconds between two looks at what the transport can hold. */
const LOOK_MS = 1_000
/** The worst of so many looks is told: it must hold in bad moments, too. */
const LOOKS = 10
/** Looks after which it is told again, changed or not: the server may be another. */
const TELL_EVERY = 10
/** Milliseconds by which it must have changed to be told at once. */
const NEWS = 50
/** Milliseconds. What is farther behind shows the past, and is none of the group's business. */
const MOST = 120_000

export class InStep {
  readonly #options: InStepOptions
  readonly #forget: () => void
  readonly #cancel: CancelTimer
  #player: Held | null = null
  #recent: number[] = []
  #told: number | null = null
  #looksSince = 0
  #closed = false

  static create(options: InStepOptions): InStep {
    return new InStep(options)
  }

  private constructor(options: InStepOptions) {
    this.#options = options
    this.#forget = options.session.on('sync', (delay) => this.#follow(delay))
    this.#cancel = (options.clock ?? systemClock).every(LOOK_MS, () => this.#look())
    this.#look()
  }

  /** Leaves the others; what plays goes back to as near to live as it can. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#forget()
    this.#cancel()
    this.#options.wish.delay = null
    if (this.#told !== null) this.#request(null)
  }

  #look(): void {
    const { player } = this.#options.playback
    if (player !== this.#player) {
      // Another transport: what the former could hold says nothing about it.
      this.#player = player
      this.#recent = []
    }
    const least = player?.least() ?? null
    this.#looksSince += 1
    if (least === null) return
    this.#recent = [...this.#recent, least * 1000].slice(-LOOKS)
    const worst = Math.min(MOST, Math.max(0, ...this.#recent))
    const isNews = this.#told === null || Math.abs(worst - this.#told) >= NEWS
    if (isNews || this.#looksSince >= TELL_EVERY) this.#tell(worst)
  }

  #tell(least: number): void {
    this.#told = least
    this.#looksSince = 0
    this.#request(Math.round(least))
  }

  #request(least: number | null): void {
    this.#options.session.request('watch:sync', { least }).then(
      ({ delay }) => this.#follow(delay),
      // Without a connection the target stays what it was; it is told anew when there is one.
      () => {},
    )
  }

  #follow(delay: number | null): void {
    if (!this.#closed) this.#options.wish.delay = delay === null ? null : delay / 1000
  }
}
