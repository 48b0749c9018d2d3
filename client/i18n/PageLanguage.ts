/** In charge of the language that a page of ours speaks: the browser's or the one chosen, which is remembered. */
import { chooseLanguage, isLanguage, type Language } from '../../shared/languages.ts'
import { Emitter } from '../lib/Emitter.ts'
import { recall, remember } from '../lib/storage.ts'
import type { Phrase, Translate } from './translate.ts'
import type { Wordbook } from './wordbook.ts'

const NAME = 'nearcast-language'

/** The words of one part of the page. */
export interface PageWords<Words extends Record<string, Phrase>> {
  /** In the language of the page; it speaks in keys before `load` has resolved. */
  readonly t: Translate<Words>
  /** Resolves when `t` can be used. From then on the words follow the language of the page. */
  load(): Promise<void>
}

/** Loads the words of one part in a language; what it resolves with puts them in use. */
type Loader = (language: Language) => Promise<() => void>

export class PageLanguage extends Emitter<{ change: [] }> {
  readonly #loaders = new Set<Loader>()
  #current: Language
  /** Differs from `current` while its words are being loaded. */
  #wanted: Language

  /** `wishes` are BCP 47 tags, most wanted first. */
  static create(wishes: readonly string[]): PageLanguage {
    const kept = recall('browser', NAME)
    return new PageLanguage(kept !== null && isLanguage(kept) ? kept : chooseLanguage(wishes))
  }

  private constructor(current: Language) {
    super()
    this.#current = current
    this.#wanted = current
  }

  get current(): Language {
    return this.#current
  }

  /** Tells the document what it speaks: the player in it follows that, and so do screen readers. */
  declare(): void {
    document.documentElement.lang = this.#current
  }

  /** Speaks another language from now on, as soon as all words in use are there; without them it stays as it is. */
  async choose(language: Language): Promise<void> {
    remember('browser', NAME, language)
    this.#wanted = language
    const puts = await Promise.all([...this.#loaders].map((load) => load(language)))
    if (this.#wanted !== language) return
    for (const put of puts) put()
    this.#current = language
    this.declare()
    this.emit('change')
  }

  /** Words that speak as the page does. */
  words<Words extends Record<string, Phrase>>(book: Wordbook<Words>): PageWords<Words> {
    let translate: Translate<Words> | null = null
    const loader: Loader = async (language) => {
      const loaded = await book(language)
      return () => {
        translate = loaded
      }
    }
    const t = ((key, ...values) => translate?.(key, ...values) ?? key) as Translate<Words>
    Object.defineProperty(t, 'language', { get: () => this.#current })
    const load = async (): Promise<void> => {
      this.#loaders.add(loader)
      let language: Language
      do {
        language = this.#current
        ;(await loader(language))()
      } while (language !== this.#current)
    }
    return { t, load }
  }
}

/** There is one page, and one language that it speaks. */
export const pageLanguage = PageLanguage.create(navigator.languages)
