/**
 * In charge of one decision: over which transports the picture is fetched. Pure: players, page and server report, time goes
 * in, actions come out. Numbered rules are named by the tests. "HTTP" is MSE or HLS: rules 12 to 14 and 19 say which.
 *
 *  1. WebRTC first.
 *  2. HTTP when this browser cannot have WebRTC at all or lacks the codec.
 *  3. HTTP beside WebRTC when that has no link (ICE, DTLS) within 2 s, or shows no frame within 4 s, of being able to; at
 *     once where the network is known to let no WebRTC through.
 *  4. HTTP when the connection failed; WebRTC is tried again, ever more slowly, until HTTP shows a frame.
 *  5. When no RTP came for 1 s although the broadcaster sends: HTTP behind the frozen frame, and an ICE restart.
 *  6. Whichever shows a frame first is seen. HTTP stops when that is WebRTC; a silent WebRTC is kept for 15 s behind HTTP.
 *  7. A broadcaster who does not send is nobody's failure: no fallback for it.
 *  8. When the server's end of WebRTC is gone, it is made anew at once.
 *  9. No HTTP where the server has no HTTP delivery.
 * 10. After the end, HTTP plays out what it has.
 * 11. When HLS has stood still for 10 s although the broadcaster sends: WebRTC beside it, at most every 30 s.
 * 12. Of HTTP, MSE first; HLS alone for those who prefer it smooth, whose browser cannot have MSE, or without a seat for it.
 * 13. HLS in the place of an MSE that failed, or shows no frame within 4 s of being able to; MSE not again for a minute.
 * 14. When MSE has stood still for 4 s although the broadcaster sends: HLS in its place, and WebRTC beside it.
 * 15. While HTTP shows, WebRTC is tried behind it: first after 2 s, then ever more slowly, each viewer at other times; not
 *     in a hidden page, not for those who prefer it smooth.
 * 16. WebRTC takes over from HTTP when it has brought frames for 1 s without a break; for 4 s if it was bad before.
 * 17. Each time that WebRTC did not last a minute after taking over, it has to wait: 15 s, twice as long the next time.
 * 18. When WebRTC has lost too much for 6 s (`webRtcQuality`), or RTP made no frame for 3 s: HTTP, and WebRTC not again for
 *     20 s. Who prefers real time bears more. In a hidden page nobody looks.
 * 19. While HLS shows, MSE is tried behind it when it may be had (again), for those who do not prefer it smooth.
 * 20. Without a seat for WebRTC no attempt is made; when the seat comes, one is made at once.
 * 21. On another network all that was found is forgotten: a new path for WebRTC, or an attempt behind HTTP, at once.
 * 22. When the machine has slept, WebRTC is doubted at once.
 * 23. Who comes to prefer it smooth gets HLS behind what WebRTC shows, and then instead of it; in the place of MSE at once.
 */
import { assertNever } from '../lib/assertNever.ts'
import {
  frameDeadline,
  type HttpLane,
  prepared,
  riseAt,
  stopped,
  viasOf,
  withoutDeadMse,
  withRisingMse,
} from './httpLane.ts'
import { absorb, givenUp, isRunning } from './policyReports.ts'
import {
  type Action,
  FIRST_FRAME_LIMIT_MS,
  LINK_LIMIT_MS,
  type PolicyState,
  type Report,
  type Rung,
  type WebRtcPhase,
} from './policyState.ts'
import { isProven, tookOver } from './returnPlan.ts'

export interface Step {
  readonly state: PolicyState
  readonly actions: readonly Action[]
  /** When to report `time` at the latest; null when only other reports can change anything. */
  readonly wakeAt: number | null
}

const SILENCE_LIMIT_MS = 1_000
/** Above the pauses that hls.js mends by itself: some segments' length, and its reloads of 0.5 to 4 s. */
const HLS_STANDSTILL_LIMIT_MS = 10_000
const RESCUE_PAUSE_MS = 30_000
/** An attempt behind a picture is in nobody's way: long enough to meet a network that heals meanwhile. */
const PROBE_LIMIT_MS = 8_000
/** The server closes a transport without a path after 20 s. */
const DOUBT_LIMIT_MS = 15_000

/** True when no transport can ever work here: the person has to be told. */
export function isHopeless(state: PolicyState): boolean {
  return state.webrtc.kind === 'unable' && (state.lane.phase === 'unable' || !state.http)
}

/**
 * True when WebRTC is the only way here and has not worked so far. It goes on trying, but the person is told, since
 * another network may be what is needed.
 */
export function isStranded(state: PolicyState, now: number): boolean {
  if (state.phase !== 'on' || mayUseHttp(state)) return false
  const { webrtc, sendingSince, failures } = state
  if (failures > 0) return true
  if (webrtc.kind !== 'starting' || sendingSince === null) return false
  return now >= Math.max(webrtc.since, sendingSince) + FIRST_FRAME_LIMIT_MS
}

/** Whose picture is to be seen; null: whatever is seen now stays. */
export function frontOf({ webrtc, lane }: PolicyState): Rung | null {
  if (lane.phase === 'showing') return lane.via
  return webrtc.kind === 'showing' || webrtc.kind === 'poor' || webrtc.kind === 'doubted' ? 'webrtc' : null
}

/** One report in, the new state and what to do about it out. */
export function step(before: PolicyState, report: Report, now: number): Step {
  const state = settle(absorb(before, report, now), report, now)
  return { state, actions: actionsBetween(before, state), wakeAt: nextDeadline(state, now) }
}

/**
 * What follows from the state and the time. Only a look that found nothing makes silence: time also passes while a busy
 * page or a hidden tab does not look.
 */
function settle(before: PolicyState, { kind: reported }: Report, now: number): PolicyState {
  if (before.phase !== 'on') {
    const playsOut = before.phase === 'over' && before.lane.phase === 'showing'
    const lane = playsOut ? { ...before.lane, risingSince: null } : stopped(before.lane)
    return { ...before, webrtc: halted(before.webrtc), lane }
  }
  const lane = before.http ? withoutDeadMse(before, reported === 'http:flow', now) : stopped(before.lane)
  const state = { ...before, lane }
  if (lane.phase !== 'showing') return withoutPicture(state, reported, now)
  const beside = besidePicture(state, reported, now)
  return beside.lane.phase === 'showing' ? { ...beside, lane: withRisingMse(beside, now) } : beside
}

/** HTTP shows a picture: WebRTC is kept, tried, or takes over behind it. */
function besidePicture(state: PolicyState, reported: Report['kind'], now: number): PolicyState {
  const { webrtc, back } = state
  switch (webrtc.kind) {
    case 'proving':
      if (reported === 'webrtc:flow' && isSilent(state, webrtc.rtpAt, now)) return doubt(state, now)
      if (isHttpStill(state, now)) return overtaken(state, webrtc.rtpAt, now)
      if (state.prefer === 'smooth' || now < back.from) return givenUp(state, now)
      return reported === 'webrtc:flow' && isProven(back, webrtc.since, now)
        ? overtaken(state, webrtc.rtpAt, now)
        : state
    case 'starting':
      return now >= probeDeadline(state) || state.prefer === 'smooth' ? givenUp(state, now) : state
    case 'doubted':
      return now >= webrtc.since + DOUBT_LIMIT_MS || state.prefer === 'smooth' ? givenUp(state, now) : state
    case 'showing':
    case 'poor':
      return { ...state, lane: stopped(state.lane) }
    case 'off':
    case 'failed':
      if (reported === 'http:flow' && needsRescue(state, now)) return { ...startWebRtc(state, now), rescuedAt: now }
      return now >= probeAt(state) ? startWebRtc(state, now) : state
    case 'unable':
      return state
    default:
      return assertNever(webrtc)
  }
}

/** Nothing is seen by HTTP: WebRTC is, or is to be; HTTP is prepared where it is needed. */
function withoutPicture(state: PolicyState, reported: Report['kind'], now: number): PolicyState {
  const { webrtc } = state
  const isRetry = webrtc.kind === 'failed' && now >= webrtc.retryAt
  const isWanted = webrtc.kind === 'off' && !(state.prefer === 'smooth' && mayUseHttp(state))
  const isLookedAt = reported === 'webrtc:flow' && (webrtc.kind === 'showing' || webrtc.kind === 'poor')
  const silent = isLookedAt && isSilent(state, webrtc.rtpAt, now)
  const isLost = webrtc.kind === 'proving'
  const maySeat = state.seats.webrtc || !mayUseHttp(state)
  const next =
    (isWanted || isRetry) && maySeat
      ? startWebRtc(state, now)
      : silent
        ? doubt(state, now)
        : isLost
          ? { ...state, webrtc: { kind: 'showing', rtpAt: webrtc.rtpAt, frameAt: now } as const }
          : state
  return { ...next, lane: mayUseHttp(next) ? settleLane(next, now) : next.lane }
}

/** Whether HTTP has to be prepared, may go on being prepared, or is not needed. */
function settleLane(state: PolicyState, now: number): HttpLane {
  const { webrtc, lane } = state
  switch (webrtc.kind) {
    case 'off':
    case 'unable':
    case 'doubted':
    case 'poor':
      return prepared(state, now)
    case 'failed':
      return state.sendingSince === null ? lane : prepared(state, now)
    case 'showing':
      return state.prefer === 'smooth' ? prepared(state, now) : stopped(lane)
    case 'proving':
      return stopped(lane)
    case 'starting':
      if (now >= firstFrameDeadline(state)) return prepared(state, now)
      return state.sendingSince === null ? stopped(lane) : lane
    default:
      return assertNever(webrtc)
  }
}

/** Looks decide here as they do about silence. */
function needsRescue(state: PolicyState, now: number): boolean {
  return state.seats.webrtc && isHttpStill(state, now) && now >= state.rescuedAt + RESCUE_PAUSE_MS
}

function isHttpStill({ sendingSince, lane }: PolicyState, now: number): boolean {
  return sendingSince !== null && now >= Math.max(lane.movedAt, sendingSince) + HLS_STANDSTILL_LIMIT_MS
}

/** When WebRTC is to be tried behind a picture; infinite while it is not. */
function probeAt({ webrtc, lane, seats, prefer, isHidden, sendingSince, back }: PolicyState): number {
  const isFree = (webrtc.kind === 'off' || webrtc.kind === 'failed') && lane.phase === 'showing'
  if (!isFree || !seats.webrtc || prefer === 'smooth' || isHidden || sendingSince === null) {
    return Number.POSITIVE_INFINITY
  }
  return Math.max(back.probeAt, sendingSince)
}

/** The player that is to be started, stopped or mended, from what changed. */
function actionsBetween(before: PolicyState, after: PolicyState): Action[] {
  const actions: Action[] = []
  if (after.attempt !== before.attempt) actions.push('start-webrtc')
  if (after.renewals !== before.renewals) actions.push('restart-ice')
  if (isRunning(before.webrtc) && !isRunning(after.webrtc)) actions.push('stop-webrtc')
  const [former, next] = [viasOf(before.lane), viasOf(after.lane)]
  for (const via of former) if (!next.includes(via)) actions.push(`stop-${via}`)
  for (const via of next) if (!former.includes(via)) actions.push(`start-${via}`)
  return actions
}

/** What is over has been settled already: waking for it would be waking without end. */
function nextDeadline(state: PolicyState, now: number): number | null {
  if (state.phase !== 'on') return null
  const { webrtc, lane } = state
  const isSeen = lane.phase === 'showing'
  const deadlines = [frameDeadline(state), riseAt(state), probeAt(state)]
  if (webrtc.kind === 'starting') deadlines.push(isSeen ? probeDeadline(state) : firstFrameDeadline(state))
  if (webrtc.kind === 'failed' && !isSeen) deadlines.push(webrtc.retryAt)
  if (webrtc.kind === 'doubted' && isSeen) deadlines.push(webrtc.since + DOUBT_LIMIT_MS)
  const deadline = Math.min(...deadlines.filter((at) => at > now))
  return Number.isFinite(deadline) ? deadline : null
}

function startWebRtc(state: PolicyState, now: number): PolicyState {
  const webrtc = { kind: 'starting', since: now, isLinked: false } as const
  return { ...state, webrtc, attempt: state.attempt + 1, looks: [] }
}

function doubt(state: PolicyState, now: number): PolicyState {
  return { ...state, webrtc: { kind: 'doubted', since: now }, renewals: state.renewals + 1, looks: [] }
}

/** WebRTC has the picture that HTTP had. That it stood behind it, where it was told to wait, is held against nobody. */
function overtaken(state: PolicyState, rtpAt: number, now: number): PolicyState {
  const webrtc = { kind: 'showing', rtpAt, frameAt: now } as const
  const looks = state.looks.map((look) => ({ ...look, isStuck: false }))
  return { ...state, webrtc, looks, lane: stopped(state.lane), back: tookOver(state.back, now) }
}

function halted(webrtc: WebRtcPhase): WebRtcPhase {
  return webrtc.kind === 'unable' ? webrtc : { kind: 'off' }
}

function mayUseHttp({ http, lane }: PolicyState): boolean {
  return http && lane.phase !== 'unable'
}

/** When HTTP is to help a WebRTC that is starting. */
function firstFrameDeadline({ sendingSince, webrtc, findings }: PolicyState): number {
  if (sendingSince === null || webrtc.kind !== 'starting') return Number.POSITIVE_INFINITY
  const limit = webrtc.isLinked ? FIRST_FRAME_LIMIT_MS : findings.webrtc === 'blocked' ? 0 : LINK_LIMIT_MS
  return Math.max(webrtc.since, sendingSince) + limit
}

function probeDeadline({ sendingSince, webrtc }: PolicyState): number {
  if (webrtc.kind !== 'starting') return Number.POSITIVE_INFINITY
  return Math.max(webrtc.since, sendingSince ?? webrtc.since) + PROBE_LIMIT_MS
}

function isSilent({ sendingSince }: PolicyState, rtpAt: number, now: number): boolean {
  return sendingSince !== null && now >= Math.max(rtpAt, sendingSince) + SILENCE_LIMIT_MS
}
