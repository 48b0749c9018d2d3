/** In charge of which seats on the server this browser has a use for. */
import type { SeatWishes } from '../../shared/signaling.ts'
import { hasMediaSource } from './httpSupport.ts'
import type { PolicyState, Prefer } from './policyState.ts'

/** Whoever prefers it smooth watches by HLS, and lets others have the seats. */
export function seatWishes(prefer: Prefer): SeatWishes {
  const isLive = prefer !== 'smooth'
  return { webrtc: isLive && typeof RTCPeerConnection === 'function', mse: isLive && hasMediaSource() }
}

/** The same of a player that has found out more: what will never work here keeps nobody else from it. */
export function wishesOf({ prefer, webrtc, lane }: PolicyState): SeatWishes {
  const isLive = prefer !== 'smooth'
  return { webrtc: isLive && webrtc.kind !== 'unable', mse: isLive && lane.mseFrom !== Number.POSITIVE_INFINITY }
}
