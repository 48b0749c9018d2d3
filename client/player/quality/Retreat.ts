/**
 * In charge of stepping back at once where a line has become too thin for what comes: the SFU finds the layer that gets
 * through by itself, but takes seconds for it, in which no frame is whole. Pure: looks in, decision out.
 */

/** Milliseconds of looks that say whether much is lost. */
const WINDOW_MS = 1_000
/** Fewer packets tell nothing. */
const LEAST_PACKETS = 20
/** Share of packets lost: congestion that drops what does not fit; a bad radio link loses less, and no layer mends that. */
const MUCH_LOST = 0.3
/** Share up to which the line carries what comes. */
const LITTLE_LOST = 0.03
/** Milliseconds of a good line after which the SFU may choose again: longer each time that it chose too much. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [10_000, 120_000]
/** A line that was good for so long has become another one. Milliseconds. */
const FORGOTTEN_MS = 300_000

export interface Look {
  readonly at: number
  readonly lost: number
  readonly expected: number
}

export class Retreat {
  #looks: readonly Look[] = []
  #pause = FIRST_PAUSE_MS
  /** Since when the line has been good; null while it is not. */
  #goodSince: number | null = null
  #isBack = false

  /** Whether only the lowest layer should come. */
  get isBack(): boolean {
    return this.#isBack
  }

  /** Takes what was lost of what was expected since the last look. @param at milliseconds on any clock */
  note(look: Look): void {
    this.#looks = [...this.#looks.filter(({ at }) => at > look.at - WINDOW_MS), look]
    const expected = sum(this.#looks, 'expected')
    if (expected < LEAST_PACKETS) return
    const share = sum(this.#looks, 'lost') / expected
    this.#goodSince = share <= LITTLE_LOST ? (this.#goodSince ?? look.at) : null
    const goodFor = this.#goodSince === null ? 0 : look.at - this.#goodSince
    if (!this.#isBack && share >= MUCH_LOST) {
      this.#isBack = true
    } else if (this.#isBack && goodFor >= this.#pause) {
      this.#isBack = false
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS)
    } else if (!this.#isBack && goodFor >= FORGOTTEN_MS) {
      this.#pause = FIRST_PAUSE_MS
    }
  }
}

function sum(looks: readonly Look[], what: 'lost' | 'expected'): number {
  return looks.reduce((total, look) => total + look[what], 0)
}
