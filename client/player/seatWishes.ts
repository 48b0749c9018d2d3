/** In charge of which seats on the server this browser has a use for. */
import type { SeatWishes } from '../../shared/signaling.ts'
import { MsePlayer } from './MsePlayer.ts'
import type { Prefer } from './policyState.ts'

/** Whoever prefers it smooth watches by HLS, and lets others have the seats. */
export function seatWishes(prefer: Prefer): SeatWishes {
  const isLive = prefer !== 'smooth'
  return { webrtc: isLive && typeof RTCPeerConnection === 'function', mse: isLive && MsePlayer.isSupported }
}
