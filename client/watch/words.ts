/** The watch page's words, in the language of the page. */
import type { watch } from '../i18n/en/watch.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'

const words = pageLanguage.words(
  wordbook<typeof watch>({
    en: async () => (await import('../i18n/en/watch.ts')).watch,
    ko: async () => (await import('../i18n/ko/watch.ts')).watch,
  }),
)

export const { t, load: loadWords } = words
