/** The home page's words, in the language of the page. */
import type { home } from '../i18n/en/home.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'
import { loadErrorWords } from '../ui/errorWords.ts'

const words = pageLanguage.words(
  wordbook<typeof home>({
    en: async () => (await import('../i18n/en/home.ts')).home,
    ko: async () => (await import('../i18n/ko/home.ts')).home,
  }),
)

export const { t } = words

/** Everything that the page says, errors included. */
export async function loadWords(): Promise<void> {
  await Promise.all([words.load(), loadErrorWords()])
}
