/** Going live and ending. Ending is one press: whoever wants to be off the air must not be asked whether they are sure. */
import { useState } from 'preact/hooks'
import type { StudioSession, StudioView } from './StudioSession.ts'
import { t } from './words.ts'

interface LiveButtonsProps {
  readonly session: StudioSession
  readonly view: StudioView
}

export function LiveButtons({ session, view }: LiveButtonsProps) {
  const [failed, setFailed] = useState(false)
  const { state, desk } = view
  const end = async () => {
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
      <button id="end-broadcast" class="button button-large" type="button" onClick={() => void end()}>
        {t('end')}
      </button>
      {failed && (
        <p class="notice notice-error" role="alert">
          {t('endFailed')}
        </p>
      )}
    </>
  )
}
