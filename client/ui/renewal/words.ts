/** The words about an update, in the language of the page. */
import type { renewal } from '../../i18n/en/renewal.ts'
import { pageLanguage } from '../../i18n/PageLanguage.ts'
import { wordbook } from '../../i18n/wordbook.ts'

const words = pageLanguage.words(
  wordbook<typeof renewal>({
    en: async () => (await import('../../i18n/en/renewal.ts')).renewal,
    ko: async () => (await import('../../i18n/ko/renewal.ts')).renewal,
  }),
)

export const { t, load: loadWords } = words
