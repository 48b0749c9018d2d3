/** Public broadcasts that are live now. */
import { useEffect, useState } from 'preact/hooks'
import type { BroadcastFacts } from '../../shared/broadcast.ts'
import { systemClock } from '../lib/clock.ts'
import { listLive } from './api.ts'
import { LivePicture } from './LivePicture.tsx'
import { t } from './words.ts'

/** Milliseconds between two looks at the list while the page is open. */
const INTERVAL = 15_000

/** The same for everyone who looks in the same interval, so that a cache in front serves them all. */
const turnNow = () => Math.floor(systemClock.now() / INTERVAL)

export function LiveList() {
  const [broadcasts, setBroadcasts] = useState<readonly BroadcastFacts[] | 'loading' | 'failed'>('loading')
  const [turn, setTurn] = useState(turnNow)
  useEffect(() => {
    const look = () => {
      setTurn(turnNow())
      void listLive().then(setBroadcasts, () => setBroadcasts((before) => (before === 'loading' ? 'failed' : before)))
    }
    look()
    return systemClock.every(INTERVAL, look)
  }, [])
  return (
    <section class="live stack" aria-labelledby="live-heading">
      <h2 id="live-heading">{t('liveHeading')}</h2>
      {broadcasts.length === 0 && <p class="live-none muted">{t('nobodyLive')}</p>}
      {broadcasts === 'loading' && <p class="live-none" />}
      {broadcasts === 'failed' && <p class="live-none muted">{t('listFailed')}</p>}
      {Array.isArray(broadcasts) && broadcasts.length > 0 && (
        <ul class="live-list">
          {broadcasts.map(({ id, title, viewers, renditions }: BroadcastFacts) => (
            <li key={id}>
              <a class="live-item card" href={`/watch/${id}`}>
                <LivePicture id={renditions.some(({ kind }) => kind === 'video') ? id : null} turn={turn} />
                <span class="live-words">
                  <span class="live-title">{title || t('untitled')}</span>
                  <span class="row">
                    <span class="badge badge-live">{t('live')}</span>
                    <span class="muted small numbers">{t('watching', { count: viewers.total })}</span>
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
