/** Who is watching, and for how long there has been something to watch. */
import type { BroadcastView } from '../../shared/signaling.ts'
import { clockTime } from '../lib/clockTime.ts'
import { useSecond } from './useSecond.ts'
import { t } from './words.ts'

interface AudienceProps {
  readonly broadcast: BroadcastView | null
  readonly isLive: boolean
  /** The server's clock, milliseconds. */
  readonly now: () => number
}

export function Audience({ broadcast, isLive, now: readClock }: AudienceProps) {
  const now = useSecond(isLive, readClock)
  const viewers = broadcast?.viewers ?? { total: 0, webrtc: 0, mse: 0, hls: 0 }
  const seconds = broadcast?.startedAt == null ? 0 : Math.max(0, (now - broadcast.startedAt) / 1000)
  return (
    <section class="stack-tight" aria-label={t('audience')}>
      <p class="viewers numbers" id="viewers">
        {t('watching', { count: viewers.total })}
      </p>
      <dl class="transports small numbers">
        <dt>{t('realtime')}</dt>
        <dd id="viewers-webrtc">{viewers.webrtc}</dd>
        <dt>{t('smooth')}</dt>
        <dd id="viewers-hls">{viewers.hls + viewers.mse}</dd>
      </dl>
      {isLive && broadcast?.startedAt != null && (
        <p class="muted small numbers">{t('elapsed', { time: clockTime(seconds) })}</p>
      )}
    </section>
  )
}
