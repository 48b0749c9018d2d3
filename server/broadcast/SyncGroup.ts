/** In charge of the one delay at which the viewers of a broadcast show it who want to be in step with each other. */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'

interface Events extends Record<string, unknown[]> {
  /** The delay that all members are to have from now on, in milliseconds; null: each its own. */
  agreed: [delay: number | null]
}

/** Milliseconds that the slowest member has in hand: what its path may vary by without a stall. */
const MARGIN = 300
/** The most that anybody is asked to wait, in milliseconds; who cannot keep up with that is left behind. */
const MOST = 4_000
/** Delays are told in steps of so many milliseconds: a little more or less is no reason to move everybody. */
const STEP = 50
/** Above what was agreed by so many milliseconds, a need is met at once: the margin has the rest. */
const SLACK_ABOVE = 100
/** Below it by so many milliseconds, for so long, everybody moves nearer to live. */
const SLACK_BELOW = 250
const CALM = 10_000

/**
 * The delay that members with these least delays can all have, in milliseconds; null when none of them can keep up with
 * the most. Pure.
 */
export function commonDelay(least: Iterable<number>): number | null {
  const able = [...least].filter((delay) => delay <= MOST)
  if (able.length === 0) return null
  return Math.min(MOST, Math.ceil((Math.max(...able) + MARGIN) / STEP) * STEP)
}

/** Members are whatever the owner calls them by; it tells when one has left. */
export class SyncGroup<Member> extends TypedEmitter<Events> {
  readonly #clock: Clock
  readonly #members = new Map<Member, number>()
  #delay: number | null = null
  /** The greatest need since it began to be less than what was agreed. */
  #lesser = 0
  #cancelLowering: CancelTimer | null = null

  constructor(clock: Clock) {
    super()
    this.#clock = clock
  }

  /** What is agreed, in milliseconds behind capture; null while nobody is in step. */
  get delay(): number | null {
    return this.#delay
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  /** `least`: milliseconds behind capture that the member could hold. Joins it if it is new. */
  report(member: Member, least: number): void {
    this.#members.set(member, least)
    this.#settle()
  }

  leave(member: Member): void {
    if (this.#members.delete(member)) this.#settle()
  }

  close(): void {
    this.#cancelLowering?.()
    this.#cancelLowering = null
    this.removeAllListeners()
  }

  #settle(): void {
    const need = commonDelay(this.#members.values())
    const delay = this.#delay
    if (need === null || delay === null || need > delay + SLACK_ABOVE) {
      this.#agree(need)
    } else if (need >= delay - SLACK_BELOW) {
      this.#cancelLowering?.()
      this.#cancelLowering = null
    } else if (this.#cancelLowering) {
      this.#lesser = Math.max(this.#lesser, need)
    } else {
      this.#lesser = need
      this.#cancelLowering = this.#clock.after(CALM, () => this.#agree(this.#lesser))
    }
  }

  #agree(delay: number | null): void {
    this.#cancelLowering?.()
    this.#cancelLowering = null
    if (delay === this.#delay) return
    this.#delay = delay
    this.emit('agreed', delay)
  }
}
