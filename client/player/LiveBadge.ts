/** In charge of the word that says that the picture is live, and how long ago it was captured. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { make } from './dom.ts'

export class LiveBadge {
  readonly root = make('span', { class: 'live', part: 'live' })
  readonly #delay = make('span', { class: 'delay', part: 'latency' })
  readonly #seconds: Intl.NumberFormat

  constructor(t: Translate<typeof player>) {
    // One digit: two would change all the time, and nobody sees the difference.
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
    this.#seconds = new Intl.NumberFormat(t.language, {
      style: 'unit',
      unit: 'second',
      unitDisplay: 'narrow',
      ...digits,
    })
    this.#delay.title = t('behind')
    this.root.append(t('live'), this.#delay)
  }

  /** @param latency seconds; null while it is not known */
  update(isLive: boolean, latency: number | null): void {
    this.root.hidden = !isLive
    const text = latency === null ? '' : this.#seconds.format(Math.max(0, latency))
    if (this.#delay.textContent !== text) this.#delay.textContent = text
  }
}
