/** In charge of loading words: of each part of the client only those of the language that is spoken. */
import { type Language, languages } from '../../shared/languages.ts'
import { type Phrase, type Translate, type Translated, translator } from './translate.ts'

/** Where the words of each language are: a dynamic import each, so that the bundler gives each a file of its own. */
export type Shelf<Words extends Record<string, Phrase>> = Readonly<Record<Language, () => Promise<Translated<Words>>>>

/** Resolves with the `t` of a language; a second time at once. */
export type Wordbook<Words extends Record<string, Phrase>> = (language: Language) => Promise<Translate<Words>>

/** Words that cannot be loaded are asked for in our first language, then rejected; the next call tries again. */
export function wordbook<Words extends Record<string, Phrase>>(shelf: Shelf<Words>): Wordbook<Words> {
  const kept = new Map<Language, Promise<Translate<Words>>>()
  const load = async (language: Language): Promise<Translate<Words>> => translator(await shelf[language](), language)
  return (language) => {
    const known = kept.get(language)
    if (known) return known
    const loading = load(language).catch((error: unknown) => {
      kept.delete(language)
      if (language === languages[0]) throw error
      return load(languages[0])
    })
    kept.set(language, loading)
    return loading
  }
}
