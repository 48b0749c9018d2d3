/** In charge of the switches in the header of every page: language, and light or dark. */
import type { Language } from '../../shared/languages.ts'
import type { frame } from '../i18n/en/frame.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'
import { icon, make } from '../player/dom.ts'
import { chooseTheme, onSystemTheme, type Theme, themeNow } from './theme.ts'

const { t, load } = pageLanguage.words(
  wordbook<typeof frame>({
    en: async () => (await import('../i18n/en/frame.ts')).frame,
    ko: async () => (await import('../i18n/ko/frame.ts')).frame,
  }),
)

/** What each language is called by those who speak it. */
const names = { en: 'English', ko: '한국어' } as const satisfies Record<Language, string>
const otherLanguage = { en: 'ko', ko: 'en' } as const satisfies Record<Language, Language>
const otherTheme = { light: 'dark', dark: 'light' } as const satisfies Record<Theme, Theme>

/** A button that says, in the other language, what that is called: it needs no words of the page's own. */
function languageSwitch(): HTMLElement {
  const button = make('button', { type: 'button', id: 'language', class: 'button button-quiet' })
  const show = (): void => {
    const other = otherLanguage[pageLanguage.current]
    button.lang = other
    button.textContent = names[other]
  }
  button.addEventListener('click', () => void pageLanguage.choose(otherLanguage[pageLanguage.current]))
  pageLanguage.on('change', show)
  show()
  return button
}

function themeSwitch(): HTMLElement {
  const button = make('button', { type: 'button', id: 'theme', class: 'button button-quiet button-icon' })
  const show = (): void => {
    const other = otherTheme[themeNow()]
    const words = t(other === 'dark' ? 'darkColours' : 'lightColours')
    button.setAttribute('aria-label', words)
    button.title = words
    button.replaceChildren(icon(other === 'dark' ? 'moon' : 'sun'))
  }
  button.addEventListener('click', () => {
    chooseTheme(otherTheme[themeNow()])
    show()
  })
  onSystemTheme(show)
  pageLanguage.on('change', show)
  load().then(show, () => {})
  return button
}

/** Puts the switches into an element, once for as long as the page lives. */
export function addSwitches(into: HTMLElement): void {
  into.replaceChildren(languageSwitch(), themeSwitch())
}
