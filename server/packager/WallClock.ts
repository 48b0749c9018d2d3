/** Learns from producer references when a stream's media time was captured: a windowed minimum, slewed once in use. */

/**
 * FFmpeg's references are the capture instant once a sender report came; before, they are its "now": late by tens of
 * milliseconds, never early. So the smallest recent difference is the truest. Milliseconds of media time.
 */
const WINDOW_MS = 10_000
/** So many references in a row this near the minimum (references are rounded to milliseconds) mean sender reports. */
const SETTLED_SAMPLES = 8
const SETTLED_SPREAD_MS = 2.5
/** Corrections smaller than the noise of sender reports are not made: frames keep their even spacing. */
const DEADBAND_MS = 2
/** Architecture, "Time": at most 1 ms a second. */
const MAX_SLEW = 0.001
/** References that never agree are taken as they are after so long. */
const READY_AFTER_MS = 2000
/** The slope of the mapping changes only at such steps of media time, so it is the same function for all who ask. */
const STEP_MS = 1000
/**
 * A source that lost samples, as a browser's sound does that gets too little of its machine, counts on as if nothing had
 * happened: what sender reports then say is farther off than drift and their noise could take it. Below what is noticed
 * between picture and sound (ITU-R BT.1359: 125 ms late).
 */
const LEAP_MS = 100
/** Steps kept for frames that come late. */
const MAX_STEPS = 32

interface Sample {
  readonly media: number
  /** Wall clock minus media time. */
  readonly offset: number
}

interface Step {
  readonly media: number
  readonly offset: number
  readonly slope: number
}

/**
 * Maps media time to the wall clock, both in milliseconds. Once `wallAt` was asked the mapping does not step, unless
 * `leaps` allows it where the source itself did; the same media time always gives the same answer (as long as it is
 * within the last 32 s).
 */
export class WallClock {
  readonly #leaps: boolean
  /** Ascending offsets: the head is the window's minimum. */
  readonly #window: Sample[] = []
  readonly #recent: number[] = []
  readonly #steps: Step[] = []
  #first: number | null = null
  #latest = 0

  constructor({ leaps = false }: { leaps?: boolean } = {}) {
    this.#leaps = leaps
  }

  /** The reference times agree: the estimate is as good as sender reports make it. */
  get settled(): boolean {
    const least = this.#window[0]
    return least !== undefined && this.#agreesOn(least.offset)
  }

  /** Good enough to put frames on a timeline by: settled, watched for long enough, or already in use. */
  get ready(): boolean {
    return this.#steps.length > 0 || this.settled || (this.estimate !== null && this.observed >= READY_AFTER_MS)
  }

  /** Wall clock minus media time by the references alone, not slewed; null before the first. */
  get estimate(): number | null {
    return this.#window[0]?.offset ?? null
  }

  /** Wall clock of the newest reference in milliseconds; 0 before the first. */
  get latest(): number {
    return this.#latest
  }

  /** For how long references have come, in milliseconds of their own wall clock: a burst of old frames is a short time. */
  get observed(): number {
    return this.#first === null ? 0 : this.#latest - this.#first
  }

  /** Takes one producer reference. */
  observe(media: number, wall: number): void {
    this.#first ??= wall
    this.#latest = wall
    const offset = wall - media
    for (let last = this.#window.at(-1); last && last.offset >= offset; last = this.#window.at(-1)) this.#window.pop()
    this.#window.push({ media, offset })
    for (let head = this.#window[0]; head && head.media < media - WINDOW_MS; head = this.#window[0])
      this.#window.shift()
    this.#recent.push(offset)
    if (this.#recent.length > SETTLED_SAMPLES) this.#recent.shift()
    if (this.#leaps) this.#noticeLeap(media)
  }

  /** The instant of a media time as far as is known, without putting the clock in use; null before the first reference. */
  peek(media: number): number | null {
    if (this.#steps.length > 0) return this.wallAt(media)
    return this.estimate === null ? null : media + this.estimate
  }

  /** The instant of a media time. @throws RangeError before the first reference */
  wallAt(media: number): number {
    const step = this.#stepAt(media)
    return media + step.offset + step.slope * (media - step.media)
  }

  /** The newest references differ from each other by no more than sender reports do, and are this one or later. */
  #agreesOn(least: number): boolean {
    return (
      this.#recent.length === SETTLED_SAMPLES &&
      this.#recent.every((offset) => offset >= least && offset - least <= SETTLED_SPREAD_MS)
    )
  }

  #noticeLeap(media: number): void {
    const offset = Math.min(...this.#recent)
    const expected = this.peek(media)
    if (expected === null || !this.#agreesOn(offset) || Math.abs(media + offset - expected) <= LEAP_MS) return
    this.#window.splice(0, this.#window.length, { media, offset })
    if (this.#steps.length > 0) this.#steps.push({ media, offset, slope: 0 })
    if (this.#steps.length > MAX_STEPS) this.#steps.shift()
  }

  #stepAt(media: number): Step {
    let last = this.#steps.at(-1) ?? this.#begin(media)
    while (media >= last.media + STEP_MS) {
      const offset = last.offset + last.slope * STEP_MS
      const error = (this.estimate ?? offset) - offset
      const slope = Math.abs(error) < DEADBAND_MS ? 0 : Math.max(-MAX_SLEW, Math.min(MAX_SLEW, error / STEP_MS))
      last = { media: last.media + STEP_MS, offset, slope }
      this.#steps.push(last)
      if (this.#steps.length > MAX_STEPS) this.#steps.shift()
    }
    return this.#steps.findLast((step) => step.media <= media) ?? this.#steps[0] ?? last
  }

  #begin(media: number): Step {
    if (this.estimate === null) throw new RangeError('a clock without a reference was asked')
    const step = { media, offset: this.estimate, slope: 0 }
    this.#steps.push(step)
    return step
  }
}
