/** The home page: start a broadcast, and see who is live in public. */
import { PageHeader } from '../ui/PageHeader.tsx'
import { LiveList } from './LiveList.tsx'
import { StartForm } from './StartForm.tsx'
import { t } from './words.ts'

export function HomePage() {
  return (
    <div class="page">
      <PageHeader />
      <main class="home">
        <h1 class="tagline">{t('tagline')}</h1>
        <StartForm />
        <LiveList />
      </main>
    </div>
  )
}
