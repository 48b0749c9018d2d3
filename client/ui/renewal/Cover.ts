/** In charge of the last picture of a page that goes, and of the same picture on the page that comes: it lies on the player. */
import { make } from '../../player/dom.ts'

/** Where something lies in the document, in CSS pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const NAME = 'renewal-cover'

export class Cover {
  readonly #box: HTMLElement
  readonly #player: HTMLElement
  readonly #follow: ResizeObserver

  /** With what `earlyCover.js` has put there already, else with this picture. Nothing under it can be pressed less. */
  static create(player: HTMLElement, picture: HTMLElement): Cover {
    const early = document.querySelector<HTMLElement>(`.${NAME}`)
    const box = early ?? make('div', { class: NAME, 'aria-hidden': 'true' }, [picture])
    document.body.append(box)
    return new Cover(player, box)
  }

  private constructor(player: HTMLElement, box: HTMLElement) {
    this.#player = player
    this.#box = box
    this.#follow = new ResizeObserver(() => this.#place())
    this.#follow.observe(player)
    this.#follow.observe(document.body)
    this.#place()
  }

  close(): void {
    this.#follow.disconnect()
    this.#box.remove()
  }

  #place(): void {
    const { style } = this.#box
    const { left, top, width, height } = boxOf(this.#player)
    style.left = `${left}px`
    style.top = `${top}px`
    style.width = `${width}px`
    style.height = `${height}px`
  }
}

export function boxOf(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect()
  return { left: left + scrollX, top: top + scrollY, width, height }
}
