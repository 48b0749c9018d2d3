/** Asks for key frames where one is missed, and not more often than they can be answered. */
import { SAME_FRAME } from './boundary.ts'
import type { VideoLane } from './VideoLane.ts'

/** Milliseconds of the wall clock after a key frame was due, when no frames come that could tell the time. */
const SILENT_MS = 500
const ASK_AGAIN_MS = 300
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

  /** Asks when none came that could end the segment under way by `due` (ticks; `dueWall`: the same in milliseconds). */
  weigh(lanes: readonly VideoLane[], due: number, dueWall: number): void {
    this.#awaitedSince = null
    if (!lanes.some((lane) => lane.clock)) return
    const frontier = Math.max(...lanes.map((lane) => lane.reached))
    const present = lanes.filter((lane) => lane.present)
    const late = frontier - due > SAME_FRAME || this.#now() - dueWall >= SILENT_MS
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
