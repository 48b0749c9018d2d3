/**
 * In charge of the part of the fallback policy that is about HTTP delivery: MSE while that works, HLS when it does not.
 * Pure.
 */
import { type Failure, FIRST_FRAME_LIMIT_MS, type PolicyState, type Prefer } from './policyState.ts'

export type HttpVia = 'mse' | 'hls'

/** Times are milliseconds. */
export interface HttpLane {
  readonly phase: 'off' | 'preparing' | 'showing' | 'unable'
  readonly via: HttpVia
  /** Since when it is being prepared by that. */
  readonly since: number
  /** When it last showed something new. */
  readonly movedAt: number
  /** MSE may be tried from then on: never again where the browser cannot. */
  readonly mseFrom: number
}

/** Above the pauses that its player mends by itself: connecting again takes two seconds at most. */
const MSE_STANDSTILL_LIMIT_MS = 4_000
/** What failed is not tried again at once when HTTP delivery is needed again. */
const MSE_PAUSE_MS = 60_000

export function isPlaying({ phase }: HttpLane): boolean {
  return phase === 'preparing' || phase === 'showing'
}

/** Begins to be prepared, unless it is already. */
export function prepared(lane: HttpLane, prefer: Prefer, now: number): HttpLane {
  if (isPlaying(lane) || lane.phase === 'unable') return lane
  const via = prefer !== 'smooth' && now >= lane.mseFrom ? 'mse' : 'hls'
  return { ...lane, phase: 'preparing', via, since: now }
}

export function stopped(lane: HttpLane): HttpLane {
  return lane.phase === 'unable' ? lane : { ...lane, phase: 'off' }
}

/** What a failure leaves: HLS in the place of MSE, nothing in the place of HLS. */
export function failed(lane: HttpLane, via: HttpVia, why: Failure, now: number): HttpLane {
  if (via === 'hls') return { ...lane, phase: 'unable' }
  const mseFrom = why === 'connection' ? now + MSE_PAUSE_MS : Number.POSITIVE_INFINITY
  return lane.via === 'mse' && isPlaying(lane) ? { ...byHls(lane, now), mseFrom } : { ...lane, mseFrom }
}

/** HLS in the place of an MSE that shows nothing. `looked`: a look has just found nothing new. */
export function withoutDeadMse(state: PolicyState, looked: boolean, now: number): HttpLane {
  const { lane } = state
  const isDead =
    lane.via === 'mse' &&
    ((lane.phase === 'preparing' && now >= frameDeadline(state)) ||
      (lane.phase === 'showing' && looked && now >= standstillDeadline(state)))
  return isDead ? failed(lane, 'mse', 'connection', now) : lane
}

/** When an MSE that is being prepared is given up; infinite while nobody is to blame. */
export function frameDeadline({ lane, sendingSince, readySince }: PolicyState): number {
  if (lane.via !== 'mse' || lane.phase !== 'preparing' || sendingSince === null || readySince === null) {
    return Number.POSITIVE_INFINITY
  }
  return Math.max(lane.since, sendingSince, readySince) + FIRST_FRAME_LIMIT_MS
}

function standstillDeadline({ lane, sendingSince }: PolicyState): number {
  return sendingSince === null
    ? Number.POSITIVE_INFINITY
    : Math.max(lane.movedAt, sendingSince) + MSE_STANDSTILL_LIMIT_MS
}

function byHls(lane: HttpLane, now: number): HttpLane {
  return { ...lane, phase: 'preparing', via: 'hls', since: now }
}
