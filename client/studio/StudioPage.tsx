/** The studio: what is sent, and the few buttons that a broadcaster needs. */
import { Brand } from '../ui/Brand.tsx'

export function StudioPage() {
  return (
    <div class="page" data-state="idle">
      <header class="page-header">
        <Brand />
      </header>
    </div>
  )
}
