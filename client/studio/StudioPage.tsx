/** The studio: what is sent, and the few buttons that a broadcaster needs. */
import { useEffect, useState } from 'preact/hooks'
import type { BroadcastView } from '../../shared/signaling.ts'
import { pageBuild } from '../lib/pageBuild.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Audience } from './Audience.tsx'
import { Countdown } from './Countdown.tsx'
import { DeviceControls } from './DeviceControls.tsx'
import { DoctorSlot } from './DoctorSlot.tsx'
import { HttpNote } from './HttpNote.tsx'
import { LiveButtons } from './LiveButtons.tsx'
import { Preview } from './Preview.tsx'
import { RecordingNote } from './RecordingNote.tsx'
import { Refusal } from './Refusal.tsx'
import { ShareLink } from './ShareLink.tsx'
import { StudioChat } from './StudioChat.tsx'
import type { StudioSession } from './StudioSession.ts'
import { problemWords, stateWords, t, troubleWords } from './words.ts'

export function StudioPage({ session }: { session: StudioSession }) {
  const view = useStudioView(session)
  const { state, refusal, problems, trouble, broadcast, desk } = view
  useEffect(() => {
    document.title = t('pageTitle', { title: view.title || t('untitled') })
  })
  if (refusal && state !== 'ended') return <Refusal reason={refusal.code} message={refusal.message} />
  const isOnAir = state === 'live' || state === 'reconnecting'
  const isTrying = state === 'connecting' || state === 'reconnecting'
  return (
    <div class="page" data-state={state}>
      <PageHeader>
        <span
          class={`badge ${state === 'live' ? 'badge-live' : ''}`}
          id="studio-state"
          role="status"
          aria-live="polite"
        >
          {stateWords(state)}
        </span>
      </PageHeader>
      <main class="studio">
        <section class="studio-main stack" aria-label={t('preview')}>
          <Preview desk={desk} isOver={state === 'ended'} />
          <LiveButtons session={session} view={view} />
          {view.endsAt !== null && <Countdown endsAt={view.endsAt} now={session.now} />}
          {problems.map((problem) => (
            <p class="notice notice-error" role="alert" key={`${problem.device}-${problem.kind}`}>
              {problemWords(problem)}{' '}
              {!isOnAir && (
                <button class="button" type="button" onClick={() => void session.openDevices()}>
                  {t('tryAgain')}
                </button>
              )}
            </p>
          ))}
          {isOnAir && isOutgrown(broadcast) && (
            <p class="notice" role="status" id="outgrown">
              {t('outgrown')}
            </p>
          )}
          {isTrying && trouble && (
            <p class="notice notice-warn" role="alert">
              {t('trouble', { reason: troubleWords(trouble) })}
            </p>
          )}
          {state !== 'ended' && <DeviceControls session={session} view={view} />}
        </section>
        <aside class="studio-side stack">
          <h1 class="studio-title">{view.title || t('untitled')}</h1>
          <ShareLink url={view.watchUrl} />
          {state !== 'ended' && <Audience broadcast={broadcast} isLive={isOnAir} now={session.now} />}
          {isOnAir && <HttpNote broadcast={broadcast} />}
          <StudioChat line={session.chat} />
          <RecordingNote session={session} view={view} />
          {isOnAir && <DoctorSlot session={session} />}
        </aside>
      </main>
    </div>
  )
}

/** The page is never loaded again by itself: camera, screen share and mute would not be what they were. */
function isOutgrown(broadcast: BroadcastView | null): boolean {
  const own = pageBuild()
  return broadcast !== null && own !== null && broadcast.build !== own
}

function useStudioView(session: StudioSession) {
  const [view, setView] = useState(session.view)
  useEffect(() => {
    setView(session.view)
    return session.on('change', () => setView(session.view))
  }, [session])
  return view
}
