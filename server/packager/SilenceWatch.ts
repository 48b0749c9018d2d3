/** Notices that a stream fell silent, by counting looks at it: a stalled process looks seldom, and so blames nobody. */

import { TIMELINE_RATE, ticks } from './Timeline.ts'

/** How often to look, in milliseconds. */
export const LOOK_EVERY_MS = 100

/** A stream that others wait for is silent after about one part (0.35 s), or 2.5 of its own frames if they are rarer. */
const PATIENCE_LOOKS = 4
const PATIENCE_FRAMES = 2.5
/** When nobody is ahead the whole source may just be slow, like a still screen at one frame a second. */
const LONELY_PATIENCE_LOOKS = 20
/** One that moves but stays this far behind for so long is not waited for either. */
const TOO_FAR_BEHIND_MS = 1500
const TOO_FAR_BEHIND_LOOKS = 10
/** One that moves and still does not catch up in 5 s has a clock gone wrong: only a new attempt gets it a new one. */
const STRANDED_LOOKS = 50

/** Nothing is captured later than now: a stream beyond this, while others are not, has a clock gone wrong. Ticks. */
const FUTURE = ticks(1)

/** One of several streams on a timeline. `reached`: end of its newest frame, in ticks. */
interface WatchedStream {
  readonly reached: number
  readonly watch: SilenceWatch
}

/** Looks at streams that run beside each other. @param now in ticks, infinite while not known */
export function lookAtAll(streams: readonly WatchedStream[], now: number, partMs: number): void {
  const possible = streams.filter(({ reached }) => reached <= now + FUTURE)
  const frontier = Math.max(0, ...(possible.length > 0 ? possible : streams).map(({ reached }) => reached))
  for (const { reached, watch } of streams) watch.look((Math.abs(frontier - reached) * 1000) / TIMELINE_RATE, partMs)
}

export class SilenceWatch {
  #idleLooks = 0
  #behindLooks = 0
  #frameLooks = 0
  #closed = true
  #idle = false

  /** Nobody should wait for it. */
  get silent(): boolean {
    return this.#closed || this.#idle || this.#behindLooks >= TOO_FAR_BEHIND_LOOKS
  }

  /** No attempt is under way: it is silent, and nothing can come. */
  get closed(): boolean {
    return this.#closed
  }

  /** It moves, but so far behind the others and for so long that it will not catch up. */
  get stranded(): boolean {
    return this.#behindLooks >= STRANDED_LOOKS
  }

  /** A frame came. @param frameMs its duration in milliseconds */
  moved(frameMs: number): void {
    this.#closed = false
    this.#idle = false
    this.#idleLooks = 0
    this.#frameLooks = frameMs / LOOK_EVERY_MS
  }

  /** The attempt is over. */
  close(): void {
    this.#closed = true
  }

  /** Gives fresh patience: to a new attempt, or to all when the whole source had paused. */
  forgive(): void {
    this.#idle = false
    this.#idleLooks = 0
    this.#behindLooks = 0
  }

  /** Call every LOOK_EVERY_MS. @param behindMs how far the stream is from the one furthest ahead, in milliseconds */
  look(behindMs: number, partMs: number): void {
    this.#idleLooks++
    const patience = behindMs > partMs ? PATIENCE_LOOKS : LONELY_PATIENCE_LOOKS
    this.#idle ||= this.#idleLooks >= Math.max(patience, this.#frameLooks * PATIENCE_FRAMES)
    // What stands still gets no further behind by its clock's fault.
    const wanting = this.#idle ? this.#behindLooks : this.#behindLooks + 1
    this.#behindLooks = behindMs > TOO_FAR_BEHIND_MS ? wanting : 0
  }
}
