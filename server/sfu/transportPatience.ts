/** In charge of how long a viewer's transport may be without a path. */
import type { types } from 'mediasoup'
import type { CancelTimer, Clock } from '../lib/clock.ts'

/**
 * Milliseconds a transport may be without a path, at its start or later, before its seat is given up: longer than ICE
 * takes to fail and to be restarted in a browser. mediasoup itself never closes one whose consent is lost.
 */
const PATIENCE = 20_000

export interface TransportFate {
  /** A connection stands, the first time or again. */
  connected(): void
  /** It will not come back; it is not closed yet. */
  lost(reason: string): void
}

/** Watches a transport until it closes. */
export function watchTransport(transport: types.WebRtcTransport, clock: Clock, fate: TransportFate): void {
  let cancel: CancelTimer = () => {}
  const allow = (why: string): void => {
    cancel()
    cancel = clock.after(PATIENCE, () => fate.lost(why))
  }
  transport.observer.once('close', () => cancel())
  transport.on('icestatechange', (state) => {
    if (state === 'disconnected') allow('consent lost')
    else if (transport.dtlsState === 'connected') cancel()
  })
  transport.on('dtlsstatechange', (state) => {
    if (state === 'connected') {
      cancel()
      fate.connected()
    }
    if (state === 'closed' || state === 'failed') fate.lost(`DTLS ${state}`)
  })
  allow('never connected')
}
