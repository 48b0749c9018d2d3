/** Measures what the multivariant playlist promises: bit rates and frame rate, from the segments themselves. */
import { firstPictureBytes } from './iframePlaylist.ts'
import type { Segment } from './SegmentStore.ts'

/**
 * A browser's encoder goes on rising after the first playlist was fetched, and a later segment may exceed BANDWIDTH by less
 * than a quarter (Apple's HLS rules, 9.5): so the promise is the measured peak and a fifth.
 */
const PEAK_HEADROOM = 1.2
/** Shorter segments (before a discontinuity) say little about the rate: RFC 8216, 4.1 takes half a target duration. Seconds. */
const SHORTEST_MEASURED = 1.5
/** Capture jitter is no other frame rate: what is this near to a customary rate is called by its name. */
const CUSTOMARY_RATES = [5, 10, 12, 15, 20, 24, 25, 30, 50, 60]
const CUSTOMARY_SPREAD = 0.03

/** Running measures of one rendition over a broadcast's run. The peak never falls. */
export class Rates {
  #peak = 0
  #measured = false
  #bits = 0
  #seconds = 0
  #frameRate = 0
  #picturePeak = 0

  /** Bits a second, with headroom. */
  get bandwidth(): number {
    return Math.ceil(this.#peak * PEAK_HEADROOM)
  }

  /** Bits a second over all segments. */
  get averageBandwidth(): number {
    return this.#seconds > 0 ? Math.ceil(this.#bits / this.#seconds) : 0
  }

  /** Bits a second of the first pictures of segments, with headroom. Of no meaning for sound. */
  get pictureBandwidth(): number {
    return Math.ceil(this.#picturePeak * PEAK_HEADROOM)
  }

  /** Most frames a second that a whole segment had (8216bis, 4.4.6.2 asks for the maximum); 0 before the first. */
  get frameRate(): number {
    return this.#frameRate
  }

  /** Takes a finished segment; gaps say nothing. */
  measure(segment: Segment): void {
    if (segment.gap) return
    const bits = segment.parts.reduce((sum, part) => sum + part.bytes.length * 8, 0)
    const frames = segment.parts.reduce((sum, part) => sum + part.frames, 0)
    const whole = segment.duration >= SHORTEST_MEASURED
    this.#picturePeak = Math.max(this.#picturePeak, ((firstPictureBytes(segment) ?? 0) * 8) / segment.duration)
    this.#bits += bits
    this.#seconds += segment.duration
    if (this.#measured && !whole) return
    if (whole && !this.#measured) {
      // What was said of a first short segment was a guess.
      this.#peak = 0
      this.#frameRate = 0
    }
    this.#peak = Math.max(this.#peak, bits / segment.duration)
    this.#measured ||= whole
    const rate = frames / segment.duration
    const customary = CUSTOMARY_RATES.find((known) => Math.abs(rate - known) <= known * CUSTOMARY_SPREAD)
    this.#frameRate = Math.max(this.#frameRate, customary ?? Math.round(rate * 1000) / 1000)
  }
}
