/** Groups a rendition's samples into parts of the broadcast's part target. */
import { type Sample, writePart } from './partWriter.ts'

export interface Part {
  /** One `moof` and one `mdat`. */
  readonly bytes: Buffer
  /** Seconds. */
  readonly duration: number
  /** Begins with an IDR (or is audio). */
  readonly independent: boolean
  readonly frames: number
}

/** Parts other than the last of a segment last at least this share of the target: Apple's HLS rules, 8216bis 4.4.3.8. */
const LEAST_SHARE = 0.85

/** Samples in, parts out. A part is done as soon as one more frame like its last would not fit. */
export class PartBuilder {
  readonly #timescale: number
  readonly #target: number
  #samples: Sample[] = []
  #sequence = 0

  /** @param target seconds */
  constructor(timescale: number, target: number) {
    this.#timescale = timescale
    this.#target = Math.floor(target * timescale)
  }

  /** Samples not yet in a part. */
  get open(): number {
    return this.#samples.length
  }

  /** Takes the next sample and returns the parts that it completed: none, one, or two around a very long frame. */
  add(sample: Sample): Part[] {
    const parts: Part[] = []
    if (this.#samples.length > 0 && this.#length() + sample.duration > this.#target) parts.push(...this.flush())
    this.#samples.push(sample)
    const length = this.#length()
    if (length >= this.#target * LEAST_SHARE && length + sample.duration > this.#target) parts.push(...this.flush())
    return parts
  }

  /** Makes the last open sample end at a time, for a stream that stopped; false when no sample is open. */
  extendTo(end: number): boolean {
    const last = this.#samples.pop()
    if (!last) return false
    this.#samples.push({ ...last, duration: Math.max(1, end - last.time) })
    return true
  }

  /** Completes the open part: the last of a segment. */
  flush(): Part[] {
    const [first] = this.#samples
    if (!first) return []
    const part: Part = {
      bytes: writePart(++this.#sequence, this.#samples),
      duration: this.#length() / this.#timescale,
      independent: first.sync,
      frames: this.#samples.length,
    }
    this.#samples = []
    return [part]
  }

  /** Forgets the open samples. */
  discard(): void {
    this.#samples = []
  }

  #length(): number {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    return first && last ? last.time + last.duration - first.time : 0
  }
}
