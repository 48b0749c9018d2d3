/**
 * In charge of noticing that live media goes on and the picture does not: hls.js then waits for something that does not
 * come (seen with 1.7: sound of a discontinuity that has no picture), and only beginning anew helps. Pure.
 */

/** What is seen of playing, a few times a second. */
export interface PlayingLook {
  /** The picture has moved since the last look, or is not meant to. */
  readonly isWell: boolean
  /** Media sequence number of the newest segment that is listed. */
  readonly newest: number
}

/** So many segments are listed meanwhile; a slow line or a source that is away for a while are none of it. */
const SEGMENTS = 4

/** For one hls.js. */
export class StandstillWatch {
  #newestWhenWell: number | null = null

  /** Whether it has stood still for too long. */
  look({ isWell, newest }: PlayingLook): boolean {
    if (isWell || this.#newestWhenWell === null) this.#newestWhenWell = newest
    return newest - this.#newestWhenWell >= SEGMENTS
  }
}
