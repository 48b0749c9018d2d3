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

/**
 * Samples in, parts out. A part is done when a frame comes that does not fit, so the newest frame is always open: how long
 * it stays is known only by what follows, or by the end of the segment. Even frames fill at least 85 % of the target, as
 * 8216bis 4.4.3.8 asks of all parts but the last of a segment.
 */
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

  /** Takes the next sample and returns the part before it, if there is no room for it there. */
  add(sample: Sample): Part[] {
    const parts = this.#length() + sample.duration > this.#target ? this.flush() : []
    this.#samples.push(sample)
    return parts
  }

  /** Makes the newest sample end at a time, for a stream that stopped or a boundary that cuts it; false when no sample is open. */
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
