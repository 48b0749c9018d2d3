/** In charge of telling people about errors in the language of the page. */
import type { ErrorCode, NearcastError } from '../../shared/errors.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'

const words = pageLanguage.words(
  wordbook<Record<ErrorCode, string>>({
    en: async () => (await import('../i18n/en/errors.ts')).errors,
    ko: async () => (await import('../i18n/ko/errors.ts')).errors,
  }),
)

export const loadErrorWords = words.load

/** The server's own words are English, and may say more than its code does. */
export function errorWords({ code, message }: Pick<NearcastError, 'code' | 'message'>): string {
  return words.t.language === 'en' ? message : words.t(code)
}
