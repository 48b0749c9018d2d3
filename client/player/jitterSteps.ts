/** In charge of how long WebRTC's receivers are told to wait, so that it plays where it is wanted. Pure. */

export interface JitterSituation {
  /** Seconds behind capture. */
  readonly wanted: number
  /** Seconds behind capture it plays now; null while that is not known. */
  readonly latency: number | null
  /** Milliseconds that they are told to wait now; null: nothing. */
  readonly target: number | null
}

/** The most that `jitterBufferTarget` takes (webrtc-extensions, 9.1). Milliseconds. */
const MOST_MS = 4_000
/** What it takes beside the waiting, before anything is measured: the way and decoding. Milliseconds. */
const USUAL_REST_MS = 80
/** Differences that are not worth a change: a frame. Milliseconds. */
const TOLERANCE_MS = 30
/** Steps of a correction, since the buffer follows slowly: what is still on its way would be corrected twice. */
const GAIN = 0.35

/** Of a picture that is watched: a tenth of the time between two looks. Milliseconds. */
const MOST_STEP_MS = 25
const PACED_GAIN = 0.1

/** Milliseconds to tell them. */
export function nextTarget({ wanted, latency, target }: JitterSituation): number {
  const wish = wanted * 1000
  if (target === null) return clamp(wish - USUAL_REST_MS)
  if (latency === null) return target
  const off = wish - latency * 1000
  return Math.abs(off) <= TOLERANCE_MS ? target : clamp(target + off * GAIN)
}

/**
 * The same for a picture that is watched: Chromium follows at once, and would stand still for a second if it were told one
 * more second. A tenth slower or faster is what its sound does to keep up anyway, with the pitch kept. To be asked four
 * times a second: each answer makes up for a share of the error, since what is measured is some looks old.
 */
export function pacedTarget({ wanted, latency, target }: JitterSituation): number | null {
  if (latency === null) return target
  const off = (wanted - latency) * 1000
  const from = target ?? latency * 1000 - USUAL_REST_MS
  return clamp(from + Math.min(MOST_STEP_MS, Math.max(-MOST_STEP_MS, off * PACED_GAIN)))
}

function clamp(ms: number): number {
  return Math.round(Math.min(MOST_MS, Math.max(0, ms)))
}
