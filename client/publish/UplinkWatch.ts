/** In charge of noticing that the server hears nothing of what we send, some seconds before the browser's ICE does. */
import type { CancelTimer, Clock } from '../lib/clock.ts'

/** Milliseconds of silence at the server, on top of the 0.8 s after which it calls it silence. */
const PATIENCE = 2_000

/** Tells once a silence: what does not mend by that is for ICE to find out. */
export class UplinkWatch {
  readonly #clock: Clock
  readonly #onSilence: () => void
  #isHeard = false
  #cancel: CancelTimer | undefined

  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock
    this.#onSilence = onSilence
  }

  /** What the server says. Before it has heard anything there is no silence, only a beginning. */
  see(isHeard: boolean): void {
    if (isHeard === this.#isHeard) return
    this.#isHeard = isHeard
    this.#cancel?.()
    this.#cancel = isHeard ? undefined : this.#clock.after(PATIENCE, this.#onSilence)
  }

  close(): void {
    this.#cancel?.()
  }
}
