/** The home page: start a broadcast, and see who is live in public. */
import { home } from '../i18n/en/home.ts'
import { translator } from '../i18n/translate.ts'
import { Brand } from '../ui/Brand.tsx'

const t = translator(home)

export function HomePage() {
  return (
    <div class="page">
      <header class="page-header">
        <Brand />
      </header>
      <main class="stack">
        <h1>{t('tagline')}</h1>
      </main>
    </div>
  )
}
