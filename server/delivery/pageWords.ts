/** The few words that the server itself writes into pages: for link previews, and for those who run no script. */
import type { Language } from '../../shared/languages.ts'

export const pageWords = {
  en: {
    liveNow: 'Live now. Watch in your browser.',
    watchIt: 'Watch this broadcast in your browser.',
    home: 'Go live from a browser tab and share a link.',
    watch: 'Watch a live broadcast.',
    noScript: 'Nearcast needs JavaScript.',
  },
  ko: {
    liveNow: '지금 방송 중이에요. 브라우저에서 바로 보세요.',
    watchIt: '이 방송을 브라우저에서 보세요.',
    home: '브라우저 탭에서 방송하고 링크를 공유하세요.',
    watch: '라이브 방송을 보세요.',
    noScript: 'Nearcast를 쓰려면 JavaScript가 필요해요.',
  },
} as const satisfies Record<Language, Record<string, string>>

/** A page as it was built, which is English, in a language. */
export function inLanguage(html: string, language: Language): string {
  let text = html.replace('<html lang="en">', `<html lang="${language}">`)
  for (const name of ['home', 'watch', 'noScript'] as const) {
    text = text.replaceAll(pageWords.en[name], pageWords[language][name])
  }
  return text
}
