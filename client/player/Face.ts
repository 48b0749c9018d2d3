/** In charge of what stands over the picture in words: messages, the name card, and the live region that reads them. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { make } from './dom.ts'
import type { Appearance } from './playerState.ts'

export interface FaceFacts {
  readonly appearance: Appearance
  readonly title: string
  /** The broadcaster's camera is off: what arrives is black. */
  readonly isCameraOff: boolean
}

export class Face {
  readonly root: DocumentFragment
  readonly #t: Translate<typeof player>
  readonly #card = make('div', { class: 'card', part: 'card' })
  readonly #title = make('strong')
  readonly #message = make('div', { class: 'message', part: 'message', 'aria-hidden': 'true' })
  readonly #status = make('div', { class: 'visually-hidden', role: 'status' })
  #said = ''

  constructor(t: Translate<typeof player>) {
    this.#t = t
    this.root = document.createDocumentFragment()
    this.#card.append(this.#title, make('span', {}, [t('cameraOff')]))
    this.root.append(this.#card, this.#message, this.#status)
  }

  update({ appearance: { state, message, hint }, title, isCameraOff }: FaceFacts): void {
    const hasCard = isCameraOff && state === 'playing'
    this.#card.hidden = !hasCard
    this.#title.textContent = title || this.#t('untitled')
    const lines = [message, hint].filter((word) => word !== null).map((word) => this.#t(word))
    const words = lines.length > 0 ? lines.join(' ') : hasCard ? this.#t('cameraOff') : ''
    const spoken = words || (state === 'playing' ? this.#t('live') : '')
    if (`${spoken}${hasCard}` === this.#said) return
    this.#said = `${spoken}${hasCard}`
    // The live region speaks only what differs from what it said before.
    this.#status.textContent = spoken
    this.#message.replaceChildren(
      ...lines.map((line, index) => make('p', { class: index === 0 ? 'words' : 'hint' }, [line])),
    )
  }
}
