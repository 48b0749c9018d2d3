/** The clock that the simulcast layers of one camera share: their key frames are the same pictures, so they lock exactly. */
import { WallClock } from './WallClock.ts'

/** Ticks of 90 kHz a millisecond. */
const TICKS_PER_MS = 90
/** Sender reports agree within 3 ms; before them a layer may seem tens of milliseconds late. */
const LOCK_TOLERANCE = 100 * TICKS_PER_MS
/** What two clocks that both have sender reports may differ by: less than the 16 ms between frames. */
const SETTLED_TOLERANCE = 10 * TICKS_PER_MS
/** Equal but for rounding. */
const SAME_SHIFT = TICKS_PER_MS
/** Without sender reports a layer is locked after so long, on what is known. Milliseconds. */
const LOCK_AFTER_MS = 1000
const MAX_KEY_FRAMES = 32
/** Layers of one camera move together: if no locked one did for so long, none is left to learn the axis from. Milliseconds. */
const FORSAKEN_AFTER_MS = 2000

/** The shared axis is the media time of the first layer that locks, in ticks of 90 kHz. */
export class VideoClock {
  #wall = new WallClock()
  #keyFrames: number[] = []
  #axis: symbol | null = null

  /** Which axis is in force; null before the first layer locks. Who was locked to another one has to lock anew. */
  get axis(): symbol | null {
    return this.#axis
  }

  get settled(): boolean {
    return this.#wall.settled
  }

  /** See WallClock. */
  get ready(): boolean {
    return this.#wall.ready
  }

  /**
   * What to add to a layer's media time (ticks of 90 kHz) to come onto the shared axis; null when no key frame of it is
   * known to be one of ours yet. The first layer defines the axis, and so does one that finds it forsaken.
   */
  lock(layer: WallClock, keyFrames: readonly number[]): number | null {
    if (keyFrames.length === 0 || layer.estimate === null) return null
    if (this.#axis === null || layer.latest - this.#wall.latest > FORSAKEN_AFTER_MS) {
      this.#axis = Symbol('axis')
      this.#wall = new WallClock()
      this.#keyFrames = []
      return 0
    }
    if (this.#wall.estimate === null || !(layer.settled || layer.observed >= LOCK_AFTER_MS)) return null
    const guess = (layer.estimate - this.#wall.estimate) * TICKS_PER_MS
    return this.#commonShift(keyFrames, guess, layer.settled && this.#wall.settled)
  }

  /**
   * The difference at which key frames of ours and of theirs are the same pictures. A sender that begins makes several key
   * frames in a row, tens of milliseconds apart, of which not all layers have all: while the guess is no better than that,
   * one pair proves nothing, and two pairs do.
   */
  #commonShift(theirs: readonly number[], guess: number, isExact: boolean): number | null {
    const error = (shift: number) => Math.abs(shift - guess)
    const shifts = this.#keyFrames
      .flatMap((ours) => theirs.map((time) => ours - time))
      .filter((shift) => error(shift) <= LOCK_TOLERANCE)
    const pairs = (shift: number) => shifts.filter((each) => Math.abs(each - shift) <= SAME_SHIFT).length
    const [best] = shifts.toSorted((a, b) => pairs(b) - pairs(a) || error(a) - error(b))
    if (best === undefined) return null
    return pairs(best) > 1 || (isExact && error(best) <= SETTLED_TOLERANCE) ? best : null
  }

  /** Takes a producer reference of a locked layer; `time` on the shared axis. */
  observe(time: number, wall: number): void {
    this.#wall.observe(time / TICKS_PER_MS, wall)
  }

  /** Remembers a key frame of a locked layer. */
  keyFrame(time: number): void {
    if (this.#keyFrames.includes(time)) return
    this.#keyFrames.push(time)
    if (this.#keyFrames.length > MAX_KEY_FRAMES) this.#keyFrames.shift()
  }

  /** The instant of a time on the shared axis as far as is known, in milliseconds; null before the first reference. */
  peek(time: number): number | null {
    return this.#wall.peek(time / TICKS_PER_MS)
  }

  /** The instant of a time on the shared axis, in milliseconds. */
  wallAt(time: number): number {
    return this.#wall.wallAt(time / TICKS_PER_MS)
  }
}
