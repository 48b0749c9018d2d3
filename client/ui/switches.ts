/** In charge of the switches in the header of every page: the language. */
import type { Language } from '../../shared/languages.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'

/** What each language is called by those who speak it. */
const names = { en: 'English', ko: '한국어' } as const satisfies Record<Language, string>
const others = { en: 'ko', ko: 'en' } as const satisfies Record<Language, Language>

/** A button that says, in the other language, what it is called. It needs no words of the page's own. */
function languageSwitch(): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.id = 'language'
  button.className = 'button button-quiet'
  const show = (): void => {
    const other = others[pageLanguage.current]
    button.lang = other
    button.textContent = names[other]
  }
  button.addEventListener('click', () => void pageLanguage.choose(others[pageLanguage.current]))
  pageLanguage.on('change', show)
  show()
  return button
}

/** Puts the switches into an element, once for as long as the page lives. */
export function addSwitches(into: HTMLElement): void {
  into.replaceChildren(languageSwitch())
}
