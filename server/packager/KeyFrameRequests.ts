/** Asks for key frames where one is missed, and not more often than they can be answered. */
import { SAME_FRAME } from './boundary.ts'
import { ticks } from './Timeline.ts'
import type { VideoLane } from './VideoLane.ts'

/** No key frame came by then, though one could end the segment: ask. Ticks; by the wall clock when no frames come. */
const ASK_AFTER = ticks(2)
const [ASK_AFTER_WALL_MS, ASK_AGAIN_MS] = [2500, 300]
/** A source begins with a key frame; one that was not there a second later is lost. */
const LOST_AFTER_MS = 1000

export class KeyFrameRequests {
  readonly #now: () => number
  readonly #send: () => void
  #askedAt = Number.NEGATIVE_INFINITY
  /** Since when there are pictures and nothing to begin a run with. */
  #awaitedSince: number | null = null

  /** @param now wall clock in milliseconds */
  constructor(now: () => number, send: () => void) {
    this.#now = now
    this.#send = send
  }

  /** Asks when pictures come of which none can begin a run. */
  await(lanes: readonly VideoLane[]): void {
    if (lanes.every((lane) => lane.watch.closed)) {
      this.#awaitedSince = null
      return
    }
    this.#awaitedSince ??= this.#now()
    if (this.#now() - this.#awaitedSince >= LOST_AFTER_MS) this.ask()
  }

  /** Asks when a key frame could end the segment that began at `start` (ticks; `startsAt` in milliseconds). */
  weigh(lanes: readonly VideoLane[], start: number, startsAt: number): void {
    this.#awaitedSince = null
    if (!lanes.some((lane) => lane.clock)) return
    const frontier = Math.max(...lanes.map((lane) => lane.reached))
    const present = lanes.filter((lane) => lane.present)
    const late = frontier - start > ASK_AFTER + SAME_FRAME || this.#now() - startsAt >= ASK_AFTER_WALL_MS
    const blocked = present.some((lane) => lane.blockedAt !== null)
    if (late || blocked || present.every((lane) => lane.watch.silent)) this.ask()
  }

  ask(): void {
    const now = this.#now()
    if (now - this.#askedAt < ASK_AGAIN_MS) return
    this.#askedAt = now
    this.#send()
  }
}
