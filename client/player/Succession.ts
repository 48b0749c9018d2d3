/**
 * In charge of one attempt in the place of another of the same kind, which plays on meanwhile: what hls.js has read once it
 * never reads again, so that a layer that appears later needs another one. The next gets ready unseen, waits a little ahead
 * of what is seen, and its turn comes when that has got there: nothing is missed, nothing seen twice, and nobody waits.
 */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Player } from './Player.ts'

export interface SuccessionOptions {
  /** Is seen, and moves. */
  readonly former: Player
  /** Just begun. */
  readonly next: Player
  readonly clock: Clock
  /** Now is the moment to show the next. */
  readonly onReady: () => void
  /** The next has no picture, and will hardly get one, or the person stopped what is seen: the former stays. */
  readonly onFailed: () => void
}

/** Milliseconds for the first frame of the next: what a slow line takes, and more would mean that nothing comes. */
const FRAME_LIMIT_MS = 15_000
/** So far ahead it waits, in milliseconds: it has to have come there, and to show that frame, before the former does. */
const LEAD_MS = 400
const LOOK_INTERVAL_MS = 40
/** Milliseconds from the moment until the next moves: the former goes on meanwhile, and would have been farther already. */
const START_MS = 80
/** Milliseconds for which the former may take to get there; what is left then is missed. */
const MEETING_LIMIT_MS = 3_000
/** A former that shows nothing new for so long has come to a halt. Milliseconds. */
const HALT_MS = 400

export class Succession {
  readonly former: Player
  readonly next: Player
  readonly #options: SuccessionOptions
  readonly #forget: (() => void)[] = []
  #cancel: CancelTimer
  #lastSeen: number | null = null
  #movedAt = 0
  #closed = false

  static create(options: SuccessionOptions): Succession {
    return new Succession(options)
  }

  private constructor(options: SuccessionOptions) {
    const { former, next, clock } = options
    this.former = former
    this.next = next
    this.#options = options
    this.#cancel = clock.after(FRAME_LIMIT_MS, () => this.#finish(options.onFailed))
    this.#forget.push(
      next.on('frame', () => this.#meet()),
      next.on('failed', () => this.#finish(options.onFailed)),
      next.on('ended', () => this.#finish(options.onFailed)),
    )
  }

  /** Neither of the two is closed by it, and nothing follows. */
  close(): void {
    this.#closed = true
    this.#cancel()
    for (const step of this.#forget) step()
  }

  #meet(): void {
    if (this.#closed) return
    this.#cancel()
    const { clock } = this.#options
    const seen = this.former.capturedAt()
    if (seen !== null) this.next.waitAt?.(seen + LEAD_MS)
    const since = clock.now()
    this.#movedAt = since
    this.#cancel = clock.every(LOOK_INTERVAL_MS, () => {
      if (this.former.video.paused) this.#finish(this.#options.onFailed)
      else if (clock.now() >= since + MEETING_LIMIT_MS || this.#hasCome()) this.#finish(this.#options.onReady)
    })
  }

  #hasCome(): boolean {
    const now = this.#options.clock.now()
    const [seen, waiting] = [this.former.capturedAt(), this.next.capturedAt()]
    if (seen !== this.#lastSeen) {
      this.#lastSeen = seen
      this.#movedAt = now
    }
    if (this.next.video.seeking) return false
    if (seen === null || waiting === null || now >= this.#movedAt + HALT_MS) return true
    return seen >= waiting - START_MS
  }

  #finish(then: () => void): void {
    if (this.#closed) return
    this.close()
    then()
  }
}
