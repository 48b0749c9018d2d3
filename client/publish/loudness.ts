/** In charge of whether a person is heard well: from looks at the sound, one after the other, to a word for it. Pure. */

/** What the sound of some moments was, in dBFS: 0 is full scale, −Infinity silence. */
export interface SoundLook {
  /** Root mean square: how loud it is. */
  readonly rms: number
  /** Largest sample: how near to what can be told apart no more. */
  readonly peak: number
}

/** `silent`: nothing at all. `loud`: samples are cut off, which nobody can mend later. */
export type Loudness = 'silent' | 'quiet' | 'good' | 'loud'

export interface SoundView {
  /** The largest peak of the last moments, dBFS. */
  readonly peak: number
  /** Null while it has not listened long enough to tell. */
  readonly loudness: Loudness | null
}

/** Milliseconds: a person breathes and thinks, and is judged by the loudest of it. */
const WINDOW = 3_000
const PEAK_HOLD = 1_500

/** dBFS. A digital silence or an unplugged cable is below the first; speech at an arm's length above the second. */
const SILENT_BELOW = -58
const QUIET_BELOW = -38
/** Peaks here are cut off; one alone may be a knock on the table. */
const CLIPPED_FROM = -0.3
const CLIPPED_LOOKS = 2

export class LoudnessJudge {
  #looks: (SoundLook & { readonly at: number })[] = []
  #since: number | null = null

  /** `now` in milliseconds of any clock that does not step back. */
  add(now: number, look: SoundLook): SoundView {
    this.#since ??= now
    this.#looks = [...this.#looks.filter(({ at }) => at > now - WINDOW), { ...look, at: now }]
    const recent = this.#looks.filter(({ at }) => at > now - PEAK_HOLD)
    return { peak: Math.max(...recent.map(({ peak }) => peak)), loudness: this.#judge(now - this.#since) }
  }

  #judge(listened: number): Loudness | null {
    if (this.#looks.filter(({ peak }) => peak >= CLIPPED_FROM).length >= CLIPPED_LOOKS) return 'loud'
    const loudest = Math.max(...this.#looks.map(({ rms }) => rms))
    if (loudest >= QUIET_BELOW) return 'good'
    if (listened < WINDOW) return null
    return loudest < SILENT_BELOW ? 'silent' : 'quiet'
  }
}
