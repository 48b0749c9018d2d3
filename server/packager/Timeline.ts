/** The one timeline of a run: ticks of 90 kHz since an origin on the server's wall clock; every track is put on it. */

/** Ticks a second; also the timescale of all video renditions. H.264's customary clock, a whole number for 24–60 fps. */
export const TIMELINE_RATE = 90_000

const TICKS_PER_MS = TIMELINE_RATE / 1000

/** Frames of the first segment start here, so that audio priming and negative composition offsets have room. */
const LEAD_TICKS = TIMELINE_RATE

/**
 * Time on the timeline is time on the wall clock: `wall(t) = origin + t`, for as long as the run lasts. What drifts or is
 * slewed is the mapping of a stream onto it, so program date time, media time and DASH availability can't part.
 */
export class Timeline {
  readonly #origin: number

  /** @param firstFrame instant of the first frame, milliseconds since the Unix epoch */
  constructor(firstFrame: number) {
    this.#origin = firstFrame - LEAD_TICKS / TICKS_PER_MS
  }

  /** Wall clock in milliseconds → ticks. */
  ticksAt(wall: number): number {
    return Math.round((wall - this.#origin) * TICKS_PER_MS)
  }

  /** Ticks → wall clock in milliseconds. */
  wallAt(ticks: number): number {
    return this.#origin + ticks / TICKS_PER_MS
  }
}

/** Seconds → ticks. */
export function ticks(seconds: number): number {
  return Math.round(seconds * TIMELINE_RATE)
}

/** Converts a time between timescales, rounding to the nearest. */
export function rescale(time: number, from: number, to: number): number {
  return from === to ? time : Math.round((time * to) / from)
}

/** Media time that goes back by more than reordering can, or leaps further than any still picture lasts: seconds. */
const LARGEST_STEP_BACK = 1
const LARGEST_LEAP = 10

/** Whether a stream whose last frame ended at one time can go on with a frame from `start` to `end`; all in its timescale. */
export function follows(last: number | null, start: number, end: number, timescale: number): boolean {
  const back = last === null ? 0 : last - start
  const leap = end - (last ?? start)
  return back <= LARGEST_STEP_BACK * timescale && leap <= LARGEST_LEAP * timescale
}
