/**
 * In charge of a panel with a heading that opens over the player: beside the buttons where there is room in the picture, at
 * the lower edge of the window where the player is small. The browser keeps the focus in it and closes it by Escape.
 */
import { icon, make } from '../dom.ts'
import { adoptExtraStyles } from './extraStyles.ts'

export interface SheetOptions {
  readonly host: HTMLElement
  readonly name: string
  readonly title: string
  /** Name of the button that closes it. */
  readonly close: string
}

/** CSS pixels of a player in which a panel leaves something of the picture to be seen. */
const ROOMY = { width: 520, height: 380 }
/** Between the panel and the edges of the player, and the height of the bar below it. */
const MARGIN = 8
const BAR = 56

export class Sheet {
  /** What it holds. */
  readonly body = make('div', { class: 'sheet-body' })
  readonly #host: HTMLElement
  readonly #dialog: HTMLDialogElement

  constructor({ host, name, title, close }: SheetOptions) {
    this.#host = host
    const button = make('button', { type: 'button', class: 'sheet-close', 'aria-label': close, title: close }, [
      icon('close'),
    ])
    const head = make('header', {}, [make('h2', {}, [title]), button])
    this.#dialog = make('dialog', { class: 'sheet', part: name, 'aria-label': title }, [head, this.body])
    button.addEventListener('click', () => this.close())
    // A press beside it is one on the backdrop, which counts as the dialog itself.
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.close()
    })
    // Opened while nothing had the focus, it would leave it on a button that nobody sees.
    this.#dialog.addEventListener('close', () => {
      const focused = host.shadowRoot?.activeElement
      if (focused instanceof HTMLElement && this.#dialog.contains(focused)) focused.blur()
    })
    adoptExtraStyles(host)
    host.shadowRoot?.append(this.#dialog)
  }

  get isOpen(): boolean {
    return this.#dialog.open
  }

  /** Focuses `first`, or the button that closes it. */
  open(first?: HTMLElement | null): void {
    if (this.isOpen) return
    this.#place()
    this.#dialog.showModal()
    first?.focus()
  }

  /** The focus returns to where it was. */
  close(): void {
    this.#dialog.close()
  }

  remove(): void {
    this.close()
    this.#dialog.remove()
  }

  #place(): void {
    const box = this.#host.getBoundingClientRect()
    const isRoomy = box.width >= ROOMY.width && box.height >= ROOMY.height
    const { style, classList } = this.#dialog
    classList.toggle('beside', isRoomy)
    style.setProperty('--right', `${Math.max(0, innerWidth - box.right) + MARGIN}px`)
    style.setProperty('--bottom', `${Math.max(0, innerHeight - box.bottom) + BAR}px`)
    style.setProperty('--most', `${Math.min(box.height, innerHeight) - BAR - MARGIN}px`)
  }
}
