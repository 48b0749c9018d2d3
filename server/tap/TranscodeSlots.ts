/** Bounds how many broadcasts are transcoded at once; who finds no slot waits for one in turn. */

/** A broadcast's claim on a slot, until it is released. */
export interface SlotClaim {
  /** Whether it may transcode now. */
  readonly held: boolean
  /** Idempotent. */
  release(): void
}

interface Claim {
  held: boolean
  readonly granted: () => void
}

export class TranscodeSlots {
  /** 0: nothing is ever transcoded. */
  readonly most: number
  readonly #held = new Set<Claim>()
  readonly #waiting = new Set<Claim>()
  #refused = 0

  constructor(most: number) {
    this.most = most
  }

  get running(): number {
    return this.#held.size
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Claims that found no slot free, ever. */
  get refused(): number {
    return this.#refused
  }

  /** `granted` is called when a slot becomes free for a claim that did not get one at once. */
  claim(granted: () => void): SlotClaim {
    const claim: Claim = { held: this.#held.size < this.most, granted }
    if (claim.held) this.#held.add(claim)
    else {
      this.#waiting.add(claim)
      this.#refused += 1
    }
    return {
      get held() {
        return claim.held
      },
      release: () => this.#release(claim),
    }
  }

  #release(claim: Claim): void {
    this.#waiting.delete(claim)
    claim.held = false
    if (!this.#held.delete(claim)) return
    const [next] = this.#waiting
    if (!next) return
    this.#waiting.delete(next)
    this.#held.add(next)
    next.held = true
    next.granted()
  }
}
