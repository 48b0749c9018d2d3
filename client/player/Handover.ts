/**
 * In charge of one change of the picture from one player to the next. Where the former still moves, both are brought to the
 * same capture instant first, so that nothing is missed or seen twice: WebRTC waits as long as the other one is behind, also
 * while that one catches up.
 */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Player } from './Player.ts'

export interface HandoverOptions {
  /** Whose picture is seen; null: nobody's. */
  readonly former: Player | null
  /** Whether that picture moves: a frozen one waits for nothing. */
  readonly isMoving: boolean
  readonly next: Player
  readonly clock: Clock
  /** Now is the moment; it may come before `create` has returned. `gap`: milliseconds of capture time that are missed. */
  readonly onReady: (gap: number | null) => void
}

const LOOK_INTERVAL_MS = 40
/** The two show the same instant when they differ by no more than a frame. */
const SAME_MS = 40
/** Nobody waits longer for it: what is left is missed. */
const LIMIT_MS = 2_500
/** Farther behind than this, nothing is brought. Seconds. */
const MOST_BEHIND_S = 3.5
/** Changes of the aim that are worth telling. Seconds. */
const NOTICED_S = 0.01
/** A former that shows nothing new for so long has come to a halt. */
const HALT_MS = 400

export class Handover {
  readonly former: Player | null
  readonly next: Player
  readonly #options: HandoverOptions
  readonly #startedAt: number
  #cancel: CancelTimer | undefined
  /** Seconds behind capture to which one of them was told to go. */
  #aim: number | null = null
  #lastSeen: number | null = null
  #movedAt: number

  static create(options: HandoverOptions): Handover {
    const handover = new Handover(options)
    handover.#begin()
    return handover
  }

  private constructor(options: HandoverOptions) {
    this.#options = options
    this.former = options.former
    this.next = options.next
    this.#startedAt = options.clock.now()
    this.#movedAt = this.#startedAt
  }

  /** Both are as before. */
  close(): void {
    this.#cancel?.()
    this.next.steer?.(null)
    this.former?.steer?.(null)
  }

  #begin(): void {
    const { former, next } = this
    const { isMoving, clock } = this.#options
    if (!former || !isMoving || !this.#steer()) {
      this.#finish()
      return
    }
    if (this.#isInStep(former, next)) this.#finish()
    else this.#cancel = clock.every(LOOK_INTERVAL_MS, () => this.#look(former, next))
  }

  /** Whether one of them can be brought to where the other one is. */
  #steer(): boolean {
    const { former, next } = this
    const [moved, fixed] = next.steer ? [next, former] : [former, next]
    const behind = fixed?.latency() ?? null
    if (!moved?.steer || behind === null || behind > MOST_BEHIND_S) return false
    if (this.#aim !== null && Math.abs(behind - this.#aim) < NOTICED_S) return true
    this.#aim = behind
    moved.steer(behind)
    return true
  }

  #look(former: Player, next: Player): void {
    const now = this.#options.clock.now()
    const seen = former.capturedAt()
    if (seen !== this.#lastSeen) {
      this.#lastSeen = seen
      this.#movedAt = now
    }
    const isHalted = now >= this.#movedAt + HALT_MS
    if (!isHalted) this.#steer()
    if (isHalted || now >= this.#startedAt + LIMIT_MS || this.#isInStep(former, next)) this.#finish()
  }

  /** Unknown is not in step: WebRTC needs some seconds of sender reports to know what it shows. */
  #isInStep(former: Player, next: Player): boolean {
    const gap = gapBetween(former, next)
    return gap !== null && Math.abs(gap) <= SAME_MS
  }

  #finish(): void {
    this.#cancel?.()
    const gap = this.former ? gapBetween(this.former, this.next) : null
    this.#options.onReady(gap)
    this.close()
  }
}

function gapBetween(former: Player, next: Player): number | null {
  const [before, after] = [former.capturedAt(), next.capturedAt()]
  return before === null || after === null ? null : Math.round(after - before)
}
