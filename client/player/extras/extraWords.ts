/** In charge of the words of what opens beside the picture: loaded with it. */
import type { extras } from '../../i18n/en/extras.ts'
import type { Translate } from '../../i18n/translate.ts'
import { wordbook } from '../../i18n/wordbook.ts'

export type ExtraWords = Translate<typeof extras>

export const extraWords = wordbook<typeof extras>({
  en: async () => (await import('../../i18n/en/extras.ts')).extras,
  ko: async () => (await import('../../i18n/ko/extras.ts')).extras,
})
