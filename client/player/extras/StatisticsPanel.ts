/** In charge of the panel of figures over the picture: read once a second while it is open, and copied for who helps. */
import { type CancelTimer, systemClock } from '../../lib/clock.ts'
import { icon, make } from '../dom.ts'
import type { Extra, ExtraContext } from '../Extras.ts'
import type { NearcastPlayer } from '../NearcastPlayer.ts'
import { copyText } from './copyText.ts'
import { adoptExtraStyles } from './extraStyles.ts'
import { type ExtraWords, extraWords } from './extraWords.ts'
import { ratesBetween, type Statistics } from './statistics.ts'
import { statisticsRows } from './statisticsRows.ts'

const INTERVAL_MS = 1_000
/** How long the button says that it has copied, in milliseconds. */
const COPIED_FOR_MS = 2_000

export class StatisticsPanel implements Extra {
  readonly #player: NearcastPlayer
  readonly #t: ExtraWords
  readonly #root: HTMLElement
  readonly #copy: HTMLButtonElement
  readonly #list = make('dl')
  #before: Statistics | null = null
  #cancel: CancelTimer | undefined
  #cancelCopied: CancelTimer | undefined

  static async create({ player, language }: ExtraContext): Promise<StatisticsPanel> {
    return new StatisticsPanel(player, await extraWords(language))
  }

  private constructor(player: NearcastPlayer, t: ExtraWords) {
    this.#player = player
    this.#t = t
    this.#copy = make('button', { type: 'button' }, [t('copy')])
    const close = make('button', { type: 'button', 'aria-label': t('close'), title: t('close') }, [icon('close')])
    const head = make('header', {}, [make('h2', {}, [t('statistics')]), this.#copy, close])
    const attributes = { class: 'statistics', part: 'statistics', role: 'region', 'aria-label': t('statistics') }
    this.#root = make('div', attributes, [head, this.#list])
    this.#copy.addEventListener('click', () => void this.#copyAll())
    close.addEventListener('click', () => this.#hide())
    this.#root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#hide()
    })
    adoptExtraStyles(player)
  }

  toggle(): void {
    if (this.#root.isConnected) this.#hide()
    else this.#show()
  }

  close(): void {
    this.#hide()
    this.#cancelCopied?.()
  }

  #show(): void {
    this.#player.shadowRoot?.append(this.#root)
    this.#before = null
    void this.#read()
    this.#cancel = systemClock.every(INTERVAL_MS, () => void this.#read())
  }

  #hide(): void {
    this.#cancel?.()
    this.#root.remove()
  }

  async #read(): Promise<void> {
    const now = await this.#player.statistics()
    if (!this.#root.isConnected || now === null) return
    const rows = statisticsRows(now, ratesBetween(this.#before, now), this.#t)
    this.#before = now
    // Only what differs: whoever reads it, by eye or by ear, is not thrown back to its beginning.
    rows.forEach(({ name, value }, index) => {
      const cell = this.#list.children[index * 2 + 1]
      if (!cell) this.#list.append(make('dt', {}, [name]), make('dd', {}, [value]))
      else if (cell.textContent !== value) cell.textContent = value
    })
  }

  async #copyAll(): Promise<void> {
    const now = await this.#player.statistics()
    const { transportHistory, state, quality, prefer } = this.#player
    const rates = now && ratesBetween(this.#before, now)
    const all = { time: new Date().toISOString(), state, quality, prefer, ...now, ...rates, transportHistory }
    const text = JSON.stringify({ ...all, browser: navigator.userAgent }, null, 2)
    const isCopied = await copyText(text, this.#root)
    this.#copy.textContent = this.#t(isCopied ? 'copied' : 'copyFailed')
    this.#cancelCopied?.()
    this.#cancelCopied = systemClock.after(COPIED_FOR_MS, () => {
      this.#copy.textContent = this.#t('copy')
    })
  }
}
