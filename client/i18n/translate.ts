/** In charge of turning a word's key into text: placeholders, plurals, and types that know both. */
import type { Language } from '../../shared/languages.ts'

/** A sentence with `{placeholders}`, or one sentence a plural category chosen by `{count}`. */
export type Phrase = string | { readonly one: string; readonly other: string }

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type NamesOf<P extends Phrase> = P extends string
  ? Names<P>
  : P extends { other: infer O extends string }
    ? 'count' | Names<O>
    : never
type Values<P extends Phrase> = [NamesOf<P>] extends [never] ? [] : [values: Record<NamesOf<P>, string | number>]

/** The same words in another language: every key, none besides, each in as many plural forms as that language has. */
export type Translated<Words extends Record<string, Phrase>> = { readonly [Key in keyof Words]: Phrase }

/** Looks a phrase up and fills it in; the compiler refuses unknown keys and missing values. */
export interface Translate<Words extends Record<string, Phrase>> {
  <Key extends keyof Words & string>(key: Key, ...values: Values<Words[Key]>): string
  /** What it speaks: for `Intl` and the attribute `lang`. */
  readonly language: Language
}

/** Makes a `t` from words; the language decides about plurals and number forms. */
export function translator<Words extends Record<string, Phrase>>(
  words: Translated<Words>,
  language: Language,
): Translate<Words> {
  const plurals = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language)
  const translate = <Key extends keyof Words & string>(key: Key, ...[values]: Values<Words[Key]>): string => {
    const phrase: Phrase = words[key] ?? key
    const filled: Record<string, string | number> = values ?? {}
    const text =
      typeof phrase === 'string' ? phrase : plurals.select(Number(filled.count)) === 'one' ? phrase.one : phrase.other
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = filled[name]
      if (value === undefined) return whole
      return typeof value === 'number' ? numbers.format(value) : value
    })
  }
  return Object.assign(translate, { language })
}
