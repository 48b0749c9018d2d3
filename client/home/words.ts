/** The home page's words, bound to its language. */
import { home } from '../i18n/en/home.ts'
import { translator } from '../i18n/translate.ts'

export const t = translator(home)
