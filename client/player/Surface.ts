/**
 * In charge of everything with words on the picture: face and controls, in the language of the element. They come when
 * their words are loaded, which the picture does not wait for, and are made anew when the language changes.
 */
import type { Language } from '../../shared/languages.ts'
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { Controls, type ControlsFacts } from './Controls.ts'
import { Face, type FaceFacts } from './Face.ts'
import { languageOf, playerWords } from './playerWords.ts'

export interface SurfaceFacts {
  readonly face: FaceFacts
  readonly controls: ControlsFacts
}

export interface SurfaceOptions {
  /** Where pointer and keys are listened to, and whose language is spoken. */
  readonly host: HTMLElement
  /** What stands below: everything is put after it. */
  readonly stage: HTMLElement
  /** Listens to new controls, and labels the host; `update` is due then. */
  readonly onReady: (controls: Controls, t: Translate<typeof player>) => void
}

export class Surface {
  readonly #options: SurfaceOptions
  readonly #languageWatch = new MutationObserver(() => this.follow())
  #wanted: Language | null = null
  #face: Face | null = null
  #controls: Controls | null = null
  #closed = false

  static create(options: SurfaceOptions): Surface {
    const surface = new Surface(options)
    surface.#languageWatch.observe(document.documentElement, { attributeFilter: ['lang'] })
    surface.follow()
    return surface
  }

  private constructor(options: SurfaceOptions) {
    this.#options = options
  }

  /** Speaks the language that the host has now. */
  follow(): void {
    const language = languageOf(this.#options.host)
    if (this.#closed || language === this.#wanted) return
    this.#wanted = language
    playerWords(language).then(
      (t) => {
        if (!this.#closed && this.#wanted === language) this.#make(t)
      },
      // Without any words the picture goes on; the next change of language is another chance.
      () => {
        this.#wanted = null
      },
    )
  }

  /** Shows what is; nothing before there are words. */
  update({ face, controls }: SurfaceFacts): void {
    this.#face?.update(face)
    this.#controls?.update(controls)
  }

  close(): void {
    this.#closed = true
    this.#languageWatch.disconnect()
    this.#controls?.close()
  }

  #make(t: Translate<typeof player>): void {
    const { host, stage, onReady } = this.#options
    this.#controls?.close()
    this.#face = new Face(t)
    this.#controls = Controls.create(host, t)
    // The stage stays where it is: a video that is taken out of the document stops.
    while (stage.nextSibling) stage.nextSibling.remove()
    stage.after(this.#face.root, this.#controls.root)
    for (const part of stage.parentNode?.children ?? []) if (part !== stage) part.setAttribute('lang', t.language)
    onReady(this.#controls, t)
  }
}
