/** Going live and ending: ending asks once more, since it is for everyone and for good. */
import { useRef, useState } from 'preact/hooks'
import type { StudioSession, StudioView } from './StudioSession.ts'
import { t } from './words.ts'

interface LiveButtonsProps {
  readonly session: StudioSession
  readonly view: StudioView
}

export function LiveButtons({ session, view }: LiveButtonsProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [failed, setFailed] = useState(false)
  const { state, desk } = view
  const end = async () => {
    dialog.current?.close()
    setFailed(
      await session.end().then(
        () => false,
        () => true,
      ),
    )
  }
  if (state === 'ended') {
    return (
      <a class="button button-primary" href="/">
        {t('backHome')}
      </a>
    )
  }
  if (state === 'idle' || state === 'preview' || state === 'connecting') {
    return (
      <button
        id="go-live"
        class="button button-live button-large"
        type="button"
        disabled={state !== 'preview' || !desk.hasTracks}
        onClick={() => session.goLive()}
      >
        {t(state === 'connecting' ? 'stateConnecting' : 'goLive')}
      </button>
    )
  }
  return (
    <>
      <button id="end-broadcast" class="button button-large" type="button" onClick={() => dialog.current?.showModal()}>
        {t('end')}
      </button>
      {failed && (
        <p class="notice notice-error" role="alert">
          {t('endFailed')}
        </p>
      )}
      <dialog ref={dialog} class="card" aria-labelledby="end-question">
        <p id="end-question">{t('endQuestion')}</p>
        <div class="row">
          <button id="end-confirm" class="button button-live" type="button" onClick={() => void end()}>
            {t('endConfirm')}
          </button>
          <button class="button" type="button" onClick={() => dialog.current?.close()}>
            {t('endCancel')}
          </button>
        </div>
      </dialog>
    </>
  )
}
