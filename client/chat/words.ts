/** The chat's words, in the language of the page. */
import { MAX_CHAT_NAME } from '../../shared/chat.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { chat } from '../i18n/en/chat.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'

const words = pageLanguage.words(
  wordbook<typeof chat>({
    en: async () => (await import('../i18n/en/chat.ts')).chat,
    ko: async () => (await import('../i18n/ko/chat.ts')).chat,
  }),
)

export const { t, load: loadWords } = words

/** Why something was not said. @param slow seconds between two messages; 0 is off */
export function refusalWords(error: unknown, slow: number): string {
  switch (error instanceof NearcastError ? error.code : 'internal') {
    case 'chat-too-fast':
      return slow > 0 ? t('tooFastSlow', { count: slow }) : t('tooFast')
    case 'chat-name':
      return t('badName')
    case 'chat-blocked':
      return t('blocked')
    case 'chat-closed':
      return t('off')
    default:
      return t('failed')
  }
}

/** Attributes of the field for a name. */
export const nameField = { maxLength: MAX_CHAT_NAME, autocomplete: 'nickname' } as const
