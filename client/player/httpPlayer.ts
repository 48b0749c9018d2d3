/** In charge of which player brings the picture over HTTP by a transport, in this browser. */
import type { Clock } from '../lib/clock.ts'
import { HlsPlayer, playsHlsNatively } from './HlsPlayer.ts'
import type { HttpVia } from './httpLane.ts'
import { hasMediaSource } from './httpSupport.ts'
import { MsePlayer } from './MsePlayer.ts'
import { NativeHlsPlayer } from './NativeHlsPlayer.ts'
import type { Player } from './Player.ts'
import { RungChoice } from './quality/RungChoice.ts'
import type { Wish } from './quality/Wish.ts'
import type { Stage } from './Stage.ts'
import type { WatchSession } from './WatchSession.ts'

export interface HttpPlayerOptions {
  readonly session: WatchSession
  readonly stage: Stage
  readonly wish: Wish
  readonly clock: Clock
  /** When what was seen last was captured, or null. */
  readonly from: number | null
  /** Whose place it takes, if it is to take one's. */
  readonly succeeds?: Player
}

/** Fetches hls.js while there is nothing to play yet, where it is sure to be needed. */
export function preloadHls(): void {
  if (hasMediaSource()) import('hls.js').catch(() => {})
}

/** Null when this browser has nothing that could play it, or the server has no address for it. */
export function createHttpPlayer(
  via: HttpVia,
  { session, stage, wish, clock, from, succeeds }: HttpPlayerOptions,
): Player | null {
  const common = () => ({ video: stage.prepare(), wish, serverClock: session.clock, from, clock })
  if (via === 'mse') {
    const url = session.mseUrl
    if (url === null || !hasMediaSource()) return null
    const choice = new RungChoice({ session, wish })
    return MsePlayer.create({ url: () => session.mseUrl ?? url, choice, ...common() })
  }
  const url = session.hlsUrl
  if (url === null) return null
  const former = succeeds instanceof HlsPlayer ? succeeds : null
  if (hasMediaSource()) return HlsPlayer.create({ url, succeeds: former, ...common() })
  return playsHlsNatively() ? NativeHlsPlayer.create({ url, ...common() }) : null
}
