/** In charge of the word that says that the picture is live, and how long ago it was captured. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { make } from './dom.ts'

export class LiveBadge {
  readonly root = make('span', { class: 'live', part: 'live' })
  readonly #delay = make('span', { class: 'delay', part: 'latency' })
  readonly #seconds: (seconds: number) => string

  constructor(t: Translate<typeof player>) {
    const format = (digits: number) =>
      new Intl.NumberFormat(t.language, {
        style: 'unit',
        unit: 'second',
        unitDisplay: 'narrow',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      })
    const [fine, coarse] = [format(2), format(1)]
    // Below a second hundredths say something; above, they only flicker.
    this.#seconds = (seconds) => (seconds < 1 ? fine : coarse).format(Math.max(0, seconds))
    this.#delay.title = t('behind')
    this.root.append(t('live'), this.#delay)
  }

  /** @param latency seconds; null while it is not known */
  update(isLive: boolean, latency: number | null): void {
    this.root.hidden = !isLive
    const text = latency === null ? '' : this.#seconds(latency)
    if (this.#delay.textContent !== text) this.#delay.textContent = text
  }
}
