/** The link for viewers, and the button that copies it. */
import { useRef, useState } from 'preact/hooks'
import { systemClock } from '../lib/clock.ts'
import { t } from './words.ts'

/** Milliseconds that the button says what became of the copying. */
const TOLD_FOR = 2500

export function ShareLink({ url }: { url: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [told, setTold] = useState<'copied' | 'copyFailed' | null>(null)
  const copy = async () => {
    // Without a secure context there is no clipboard: the text is selected, and people copy it themselves.
    const copied = await (navigator.clipboard?.writeText(url) ?? Promise.reject()).then(
      () => true,
      () => false,
    )
    if (!copied) field.current?.select()
    setTold(copied ? 'copied' : 'copyFailed')
    systemClock.after(TOLD_FOR, () => setTold(null))
  }
  return (
    <div class="field">
      <label for="watch-link">{t('link')}</label>
      <div class="share">
        <input ref={field} id="watch-link" class="input" type="text" readOnly value={url} />
        <button id="copy-link" class="button" type="button" aria-live="polite" onClick={() => void copy()}>
          {t(told ?? 'copy')}
        </button>
      </div>
    </div>
  )
}
