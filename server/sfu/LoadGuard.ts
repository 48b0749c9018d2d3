/** In charge of whether a worker is too busy for further viewers. No I/O: what was measured goes in. */

/** Both in milliseconds: CPU time since the process began, wall clock. */
export interface LoadSample {
  readonly cpu: number
  readonly at: number
}

/** Looks that are averaged: a single key frame for everybody is no load. */
const SAMPLES = 3

/** Once busy, it takes viewers again below this part of the limit: some room that is not filled within a second. */
const EASED = 0.85

export class LoadGuard {
  readonly #limit: number
  #samples: readonly LoadSample[] = []
  #hasRoom = true

  /** @param limit share of a core, 1 = all of it */
  constructor(limit: number) {
    this.#limit = limit
  }

  get hasRoom(): boolean {
    return this.#hasRoom
  }

  /** Share of a core lately; null before there are enough samples. */
  get load(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || this.#samples.length < SAMPLES || last.at <= first.at) return null
    return (last.cpu - first.cpu) / (last.at - first.at)
  }

  saw(sample: LoadSample): void {
    this.#samples = [...this.#samples, sample].slice(-SAMPLES)
    const { load } = this
    if (load !== null) this.#hasRoom = load < (this.#hasRoom ? this.#limit : this.#limit * EASED)
  }
}
