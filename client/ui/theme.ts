/** In charge of light or dark: what the system asks for, or what the person chose, which is remembered. */
import { recall, remember } from '../lib/storage.ts'

export type Theme = 'light' | 'dark'

/** `earlyTheme.js` reads the same name before anything is painted. */
const NAME = 'nearcast-theme'

const isSystemDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches

function keptTheme(): Theme | null {
  const kept = recall('browser', NAME)
  return kept === 'light' || kept === 'dark' ? kept : null
}

/** What is seen now. */
export function themeNow(): Theme {
  return keptTheme() ?? (isSystemDark() ? 'dark' : 'light')
}

/** Whoever chooses what the system asks for anyway follows the system again. */
export function chooseTheme(theme: Theme): void {
  const isSystem = theme === (isSystemDark() ? 'dark' : 'light')
  remember('browser', NAME, isSystem ? null : theme)
  if (isSystem) delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Calls back when the system asks for something else. */
export function onSystemTheme(callback: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', callback)
}
