/** In charge of what the page says by attributes: each is read where it stands, and written there when it is set by script. */
import { type PlayerSource, parseSource } from './playerSource.ts'
import type { Prefer } from './policyState.ts'
import { parseQuality, type Quality } from './quality/quality.ts'

export class AttributedElement extends HTMLElement {
  static readonly observedAttributes = ['src', 'prefer', 'sync', 'quality', 'muted', 'autoplay', 'lang']
  #labelled = ''

  /** `auto`: as near to live as the network allows. `realtime`: WebRTC wherever it works. `smooth`: HLS. */
  get prefer(): Prefer {
    const value = this.getAttribute('prefer')
    return value === 'realtime' || value === 'smooth' ? value : 'auto'
  }

  set prefer(prefer: Prefer) {
    this.setAttribute('prefer', prefer)
  }

  /** `auto`, `saver`, or the most lines that the picture is to have; by whatever transport it comes. */
  get quality(): Quality {
    return parseQuality(this.getAttribute('quality'))
  }

  set quality(quality: Quality) {
    this.setAttribute('quality', `${quality}`)
  }

  /** Whether it shows the same instant as the other viewers who want that, at the delay of the slowest of them. */
  get sync(): boolean {
    return this.hasAttribute('sync')
  }

  set sync(sync: boolean) {
    this.toggleAttribute('sync', sync)
  }

  /** What `src` names; null when it is no broadcast. */
  protected get source(): PlayerSource | null {
    return parseSource(this.getAttribute('src') ?? '', document.baseURI)
  }

  /** What screen readers call the element, unless the page gave it a label of its own. */
  protected label(words: string): void {
    this.setAttribute('role', 'region')
    const given = this.getAttribute('aria-label')
    if (given === null || given === this.#labelled) this.setAttribute('aria-label', words)
    this.#labelled = words
  }
}
