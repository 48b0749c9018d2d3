/**
 * In charge of the part of the fallback policy that is about HTTP delivery: MSE while that works, HLS when it does not.
 * Pure.
 */
import { type Failure, FIRST_FRAME_LIMIT_MS, type PolicyState } from './policyState.ts'

export type HttpVia = 'mse' | 'hls'

/** Times are milliseconds. */
export interface HttpLane {
  readonly phase: 'off' | 'preparing' | 'showing' | 'unable'
  readonly via: HttpVia
  /** Since when it is being prepared by that. */
  readonly since: number
  /** When it last showed something new. */
  readonly movedAt: number
  /** Since when MSE is being prepared behind what HLS shows; null while it is not. */
  readonly risingSince: number | null
  /** MSE may be tried from then on: never again where the browser cannot. */
  readonly mseFrom: number
  /** Failures of MSE since it last did well. */
  readonly mseFailures: number
}

/** Above the pauses that its player mends by itself: connecting again takes two seconds at most. */
const MSE_STANDSTILL_LIMIT_MS = 4_000
/** What failed is not tried again at once when HTTP delivery is needed again; ever more slowly. */
const MSE_PAUSE_MS = 60_000
const LONGEST_MSE_PAUSE_MS = 600_000
/** An MSE that lasted so long has done well. */
const LASTING_MS = 60_000
/** HLS shows its first seconds in peace before something better is tried behind it. */
const SETTLED_MS = 5_000

function isPlaying({ phase }: HttpLane): boolean {
  return phase === 'preparing' || phase === 'showing'
}

/** The transports that have a player. */
export function viasOf(lane: HttpLane): readonly HttpVia[] {
  if (!isPlaying(lane)) return []
  return lane.risingSince === null ? [lane.via] : [lane.via, 'mse']
}

/** Begins to be prepared, unless it is already. */
export function prepared(state: PolicyState, now: number): HttpLane {
  const { lane } = state
  if (isPlaying(lane) || lane.phase === 'unable') return lane
  return { ...lane, phase: 'preparing', via: mayHaveMse(state, now) ? 'mse' : 'hls', since: now }
}

export function stopped(lane: HttpLane): HttpLane {
  return lane.phase === 'unable' ? lane : { ...lane, phase: 'off', risingSince: null }
}

/** A frame is there: of what is being prepared, or of what rises behind the picture. */
export function withFrame(lane: HttpLane, via: HttpVia, now: number): HttpLane {
  if (lane.phase === 'preparing' && via === lane.via) return { ...lane, phase: 'showing', movedAt: now }
  if (lane.phase !== 'showing' || via !== 'mse' || lane.risingSince === null) return lane
  return { ...lane, via, since: lane.risingSince, movedAt: now, risingSince: null }
}

/** What a failure leaves: HLS in the place of MSE, nothing in the place of HLS. */
export function failed(lane: HttpLane, via: HttpVia, why: Failure, now: number): HttpLane {
  if (via === 'hls') return { ...lane, phase: 'unable', risingSince: null }
  const lasted = lane.via === 'mse' && lane.phase === 'showing' && now >= lane.since + LASTING_MS
  const mseFailures = lasted ? 1 : lane.mseFailures + 1
  const pause = Math.min(MSE_PAUSE_MS * 2 ** (mseFailures - 1), LONGEST_MSE_PAUSE_MS)
  const mseFrom = why === 'browser' || why === 'codec' ? Number.POSITIVE_INFINITY : now + pause
  const next = { ...lane, mseFailures, mseFrom, risingSince: null }
  return lane.via === 'mse' && isPlaying(lane) ? { ...next, phase: 'preparing', via: 'hls', since: now } : next
}

/** HLS in the place of an MSE that shows nothing. `looked`: a look has just found nothing new. */
export function withoutDeadMse(state: PolicyState, looked: boolean, now: number): HttpLane {
  const { lane } = state
  const isDead =
    (lane.via === 'mse' && lane.phase === 'showing' && looked && now >= standstillDeadline(state)) ||
    now >= frameDeadline(state)
  return isDead ? failed(lane, 'mse', 'connection', now) : lane
}

/** HLS in the place of MSE, for who does not want it. */
export function withoutMse(lane: HttpLane, now: number): HttpLane {
  const next = { ...lane, risingSince: null }
  return lane.via === 'mse' && isPlaying(lane) ? { ...next, phase: 'preparing', via: 'hls', since: now } : next
}

/** MSE behind what HLS shows, where it may be had: nearer to the live picture, which is what is preferred. */
export function withRisingMse(state: PolicyState, now: number): HttpLane {
  return now >= riseAt(state) ? { ...state.lane, risingSince: now } : state.lane
}

/** When MSE is to be prepared behind HLS; infinite while it is not. */
export function riseAt(state: PolicyState): number {
  const { lane, sendingSince, readySince, isHidden } = state
  const isOnHls = lane.phase === 'showing' && lane.via === 'hls' && lane.risingSince === null
  if (!isOnHls || sendingSince === null || readySince === null || isHidden) return Number.POSITIVE_INFINITY
  const { webrtc, prefer, seats } = state
  const isBusy = webrtc.kind === 'starting' || webrtc.kind === 'proving' || webrtc.kind === 'doubted'
  if (isBusy || prefer === 'smooth' || !seats.mse) return Number.POSITIVE_INFINITY
  return Math.max(lane.mseFrom, lane.since + SETTLED_MS)
}

/** When an MSE that is being prepared is given up; infinite while nobody is to blame. */
export function frameDeadline({ lane, sendingSince, readySince }: PolicyState): number {
  const since = lane.risingSince ?? (lane.via === 'mse' && lane.phase === 'preparing' ? lane.since : null)
  if (since === null || sendingSince === null || readySince === null) return Number.POSITIVE_INFINITY
  return Math.max(since, sendingSince, readySince) + FIRST_FRAME_LIMIT_MS
}

/** Where it is known not to get through, HLS has to be there before it is tried. */
function mayHaveMse({ prefer, seats, lane, findings }: PolicyState, now: number): boolean {
  return prefer !== 'smooth' && seats.mse && findings.mse !== 'blocked' && now >= lane.mseFrom
}

/** Who wants real time waits twice as long for it. */
function standstillDeadline({ lane, sendingSince, prefer }: PolicyState): number {
  const limit = MSE_STANDSTILL_LIMIT_MS * (prefer === 'realtime' ? 2 : 1)
  return sendingSince === null ? Number.POSITIVE_INFINITY : Math.max(lane.movedAt, sendingSince) + limit
}
