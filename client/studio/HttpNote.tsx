/** In charge of telling the broadcaster what the codec of this browser means for people who cannot have WebRTC. */
import type { BroadcastView } from '../../shared/signaling.ts'
import { t } from './words.ts'

export function HttpNote({ broadcast }: { broadcast: BroadcastView | null }) {
  if (broadcast === null) return null
  if (broadcast.http === 'no-http-delivery') return <p class="notice notice-warn">{t('noHttp')}</p>
  if (broadcast.http === 'transcoders-busy') return <p class="notice notice-warn">{t('transcodersBusy')}</p>
  return broadcast.converted ? <p class="notice">{t('converted')}</p> : null
}
