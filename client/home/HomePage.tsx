/** The home page: start a broadcast, and see who is live in public. */
import { Brand } from '../ui/Brand.tsx'
import { LiveList } from './LiveList.tsx'
import { StartForm } from './StartForm.tsx'
import { t } from './words.ts'

export function HomePage() {
  return (
    <div class="page">
      <header class="page-header">
        <Brand />
      </header>
      <main class="home">
        <h1 class="tagline">{t('tagline')}</h1>
        <StartForm />
        <LiveList />
      </main>
    </div>
  )
}
