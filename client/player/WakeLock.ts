/** In charge of a screen that stays on while a picture is watched. Browsers let go of it whenever the page is hidden. */

/** What is needed of `navigator.wakeLock`, which is there on secure pages only. */
export type WakeLocks = Pick<globalThis.WakeLock, 'request'>

/** Chromium's, not in TypeScript's DOM library. */
interface PoliticalDocument extends Document {
  readonly featurePolicy?: { allowsFeature(name: string): boolean }
}

/** Undefined in a frame that may not keep the screen on: asking would be a complaint in the console of the page around it. */
export function screenLocks(page: PoliticalDocument = document): WakeLocks | undefined {
  return page.featurePolicy?.allowsFeature('screen-wake-lock') === false ? undefined : navigator.wakeLock
}

export class WakeLock {
  readonly #locks: WakeLocks | undefined
  #isWanted = false
  #isAsking = false
  #lock: Pick<WakeLockSentinel, 'release' | 'released'> | null = null

  constructor(locks: WakeLocks | undefined) {
    this.#locks = locks
    document.addEventListener('visibilitychange', this.#settle)
  }

  set isWanted(isWanted: boolean) {
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    void this.#settle()
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#settle)
    this.isWanted = false
  }

  readonly #settle = async (): Promise<void> => {
    if (!this.#isWanted) {
      this.#lock?.release().catch(() => {})
      this.#lock = null
      return
    }
    const holds = this.#lock !== null && !this.#lock.released
    if (holds || this.#isAsking || document.hidden || !this.#locks) return
    this.#isAsking = true
    // Refused where the battery is low, or by the page that embeds us.
    this.#lock = await this.#locks.request('screen').catch(() => null)
    this.#isAsking = false
    if (!this.#isWanted) void this.#settle()
  }
}
