/** In charge of which words a player element speaks: its own language, that of the page around it, or the browser's. */
import { chooseLanguage, type Language } from '../../shared/languages.ts'
import type { player } from '../i18n/en/player.ts'
import { wordbook } from '../i18n/wordbook.ts'

export const playerWords = wordbook<typeof player>({
  en: async () => (await import('../i18n/en/player.ts')).player,
  ko: async () => (await import('../i18n/ko/player.ts')).player,
})

/** By the closest attribute `lang`, through the shadow trees around it, if we speak that; else by the browser's wishes. */
export function languageOf(element: Element): Language {
  return chooseLanguage([closestLang(element), ...navigator.languages])
}

function closestLang(element: Element): string {
  const found = element.closest('[lang]')?.getAttribute('lang')
  if (found != null) return found
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? closestLang(root.host) : ''
}
