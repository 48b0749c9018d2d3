/**
 * In charge of one decision: over which transports the picture is fetched. Pure: players and server report, time goes
 * in, actions come out. Numbered rules are named by the tests. "HTTP" is MSE or HLS: rules 12 to 14 say which.
 *
 *  1. WebRTC first.
 *  2. HTTP when this browser cannot have WebRTC at all or lacks the codec.
 *  3. HTTP beside WebRTC when that shows no frame within 4 s of being able to.
 *  4. HTTP when the connection failed; WebRTC is tried again, ever more slowly, until HTTP shows a frame.
 *  5. When no RTP came for 1 s although the broadcaster sends: HTTP behind the frozen frame, and an ICE restart.
 *  6. Whichever shows a frame first stays; the other is stopped.
 *  7. A broadcaster who does not send is nobody's failure: no fallback for it.
 *  8. When the server's end of WebRTC is gone, it is made anew at once.
 *  9. No HTTP where the server has no HTTP delivery.
 * 10. After the end, HTTP plays out what it has.
 * 11. When HLS has stood still for 10 s although the broadcaster sends: WebRTC beside it, at most every 30 s.
 * 12. Of HTTP, MSE first; HLS alone for those who prefer it smooth, or whose browser cannot have MSE.
 * 13. HLS in the place of an MSE that failed, or shows no frame within 4 s of being able to; MSE not again for a minute.
 * 14. When MSE has stood still for 4 s although the broadcaster sends: HLS in its place, and WebRTC beside it.
 */
import { assertNever } from '../lib/assertNever.ts'
import { failed, frameDeadline, type HttpLane, isPlaying, prepared, stopped, withoutDeadMse } from './httpLane.ts'
import { type Action, FIRST_FRAME_LIMIT_MS, type PolicyState, type Report, type WebRtcPhase } from './policyState.ts'

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
/** Pauses before WebRTC is tried again while nothing else shows a picture. */
const RETRY_PAUSES_MS = [1_000, 2_000, 4_000, 8_000] as const

const doubted = { kind: 'doubted' } as const

/** True when no transport can ever work here: the person has to be told. */
export function isHopeless(state: PolicyState): boolean {
  return state.webrtc.kind === 'unable' && (state.lane.phase === 'unable' || !state.http)
}

/**
 * True when WebRTC is the only way here and has not worked so far. It goes on trying, but the person is told, since
 * another network may be what is needed.
 */
export function isStranded(state: PolicyState, now: number): boolean {
  if (state.phase !== 'on' || (state.http && state.lane.phase !== 'unable')) return false
  const { webrtc, failures } = state
  return failures > 0 || (webrtc.kind === 'starting' && now >= firstFrameDeadline(state, webrtc.since))
}

/** One report in, the new state and what to do about it out. */
export function step(before: PolicyState, report: Report, now: number): Step {
  const state = settle(absorb(before, report, now), report, now)
  return { state, actions: actionsBetween(before, state), wakeAt: nextDeadline(state, now) }
}

/** What a report alone changes. */
function absorb(state: PolicyState, report: Report, now: number): PolicyState {
  const { webrtc, lane } = state
  switch (report.kind) {
    case 'broadcast': {
      const sendingSince = report.sending ? (state.sendingSince ?? now) : null
      const resumes = webrtc.kind === 'showing' && state.sendingSince === null && report.sending
      const excused = webrtc.kind === 'doubted' && !report.sending
      return {
        ...state,
        phase: report.phase,
        http: report.http,
        readySince: report.ready ? (state.readySince ?? now) : null,
        sendingSince,
        // After a pause of the broadcaster the first frame takes as long as at the start.
        webrtc: resumes ? { kind: 'starting', since: now } : excused ? { kind: 'showing', rtpAt: now } : webrtc,
      }
    }
    case 'producers':
      return webrtc.kind === 'unable' && webrtc.why === 'codec' ? { ...state, webrtc: { kind: 'off' } } : state
    case 'prefer': {
      const returns = lane.phase === 'showing' && report.prefer !== 'smooth' && webrtc.kind !== 'unable'
      return returns ? startWebRtc({ ...state, prefer: report.prefer }, now) : { ...state, prefer: report.prefer }
    }
    case 'webrtc:frame':
      return isRunning(webrtc) ? { ...state, webrtc: { kind: 'showing', rtpAt: now }, failures: 0 } : state
    case 'webrtc:flow':
      if (!report.rtp || !isRunning(webrtc)) return state
      if (webrtc.kind !== 'showing' && !report.frames) return state
      return { ...state, webrtc: { kind: 'showing', rtpAt: now }, failures: 0 }
    case 'webrtc:failed':
      if (report.why !== 'connection') return { ...state, webrtc: { kind: 'unable', why: report.why } }
      return {
        ...state,
        webrtc: { kind: 'failed', retryAt: now + pauseAfter(state.failures) },
        failures: state.failures + 1,
      }
    case 'webrtc:gone':
      return isRunning(webrtc) || webrtc.kind === 'failed' ? { ...state, webrtc: { kind: 'off' } } : state
    case 'http:frame':
      if (lane.phase !== 'preparing' || report.via !== lane.via) return state
      return {
        ...state,
        lane: { ...lane, phase: 'showing', movedAt: now },
        webrtc: webrtc.kind === 'unable' ? webrtc : { kind: 'off' },
      }
    case 'http:flow':
      return report.frames && report.via === lane.via ? { ...state, lane: { ...lane, movedAt: now } } : state
    case 'http:failed':
      return { ...state, lane: failed(lane, report.via, report.why, now) }
    case 'http:ended':
      return report.via === lane.via ? { ...state, lane: stopped(lane) } : state
    case 'time':
      return state
    default:
      return assertNever(report)
  }
}

/**
 * What follows from the state and the time. Only a look that found nothing makes silence: time also passes while a busy
 * page or a hidden tab does not look.
 */
function settle(state: PolicyState, { kind: reported }: Report, now: number): PolicyState {
  const unable = state.webrtc.kind === 'unable'
  const halted: WebRtcPhase = unable ? state.webrtc : { kind: 'off' }
  if (state.phase !== 'on') {
    const playsOut = state.phase === 'over' && state.lane.phase === 'showing'
    return { ...state, webrtc: halted, lane: playsOut ? state.lane : stopped(state.lane) }
  }
  const lane = state.http ? withoutDeadMse(state, reported === 'http:flow', now) : stopped(state.lane)
  if (lane.phase === 'showing') {
    if (state.webrtc.kind === 'showing') return { ...state, lane: stopped(lane) }
    if (reported === 'http:flow' && needsRescue(state, now)) return { ...startWebRtc(state, now), rescuedAt: now }
    const returning = state.webrtc.kind === 'starting' && now < firstFrameDeadline(state, state.webrtc.since)
    return { ...state, lane, webrtc: returning ? state.webrtc : halted }
  }
  const { webrtc } = state
  const mayUseHttp = state.http && lane.phase !== 'unable'
  const wanted = webrtc.kind === 'off' && !(state.prefer === 'smooth' && mayUseHttp)
  const again = webrtc.kind === 'failed' && now >= webrtc.retryAt
  const silent = reported === 'webrtc:flow' && webrtc.kind === 'showing' && now >= silenceDeadline(state, webrtc.rtpAt)
  const next = wanted || again ? startWebRtc(state, now) : silent ? { ...state, webrtc: doubted } : state
  return { ...next, lane: mayUseHttp ? settleLane({ ...next, lane }, now) : lane }
}

/** Whether HTTP has to be prepared, may go on being prepared, or is not needed. */
function settleLane(state: PolicyState, now: number): HttpLane {
  const { webrtc, lane, prefer } = state
  switch (webrtc.kind) {
    case 'off':
    case 'unable':
    case 'doubted':
      return prepared(lane, prefer, now)
    case 'failed':
      return state.sendingSince === null ? lane : prepared(lane, prefer, now)
    case 'showing':
      return stopped(lane)
    case 'starting':
      if (now >= firstFrameDeadline(state, webrtc.since)) return prepared(lane, prefer, now)
      return state.sendingSince === null ? stopped(lane) : lane
    default:
      return assertNever(webrtc)
  }
}

/** Looks decide here as they do about silence. */
function needsRescue({ webrtc, sendingSince, lane, rescuedAt }: PolicyState, now: number): boolean {
  if (webrtc.kind !== 'off' || sendingSince === null) return false
  return now >= Math.max(lane.movedAt, sendingSince) + HLS_STANDSTILL_LIMIT_MS && now >= rescuedAt + RESCUE_PAUSE_MS
}

/** The player that is to be started, stopped or mended, from what changed. */
function actionsBetween(before: PolicyState, after: PolicyState): Action[] {
  const actions: Action[] = []
  if (after.attempt !== before.attempt) actions.push('start-webrtc')
  if (after.webrtc.kind === 'doubted' && before.webrtc.kind !== 'doubted') actions.push('restart-ice')
  if (isRunning(before.webrtc) && !isRunning(after.webrtc)) actions.push('stop-webrtc')
  const [former, next] = [before.lane, after.lane].map((lane) => (isPlaying(lane) ? lane.via : null))
  if (former && former !== next) actions.push(`stop-${former}`)
  if (next && next !== former) actions.push(`start-${next}`)
  return actions
}

/** What is over has been settled already: waking for it would be waking without end. */
function nextDeadline(state: PolicyState, now: number): number | null {
  const { webrtc } = state
  const ofWebRtc =
    webrtc.kind === 'starting' && state.lane.phase !== 'preparing'
      ? firstFrameDeadline(state, webrtc.since)
      : webrtc.kind === 'failed'
        ? webrtc.retryAt
        : Number.POSITIVE_INFINITY
  const deadline = Math.min(...[ofWebRtc, frameDeadline(state)].filter((at) => at > now))
  return Number.isFinite(deadline) ? deadline : null
}

function startWebRtc(state: PolicyState, now: number): PolicyState {
  return { ...state, webrtc: { kind: 'starting', since: now }, attempt: state.attempt + 1 }
}

function firstFrameDeadline({ sendingSince }: PolicyState, since: number): number {
  return sendingSince === null ? Number.POSITIVE_INFINITY : Math.max(since, sendingSince) + FIRST_FRAME_LIMIT_MS
}

function silenceDeadline({ sendingSince }: PolicyState, rtpAt: number): number {
  return sendingSince === null ? Number.POSITIVE_INFINITY : Math.max(rtpAt, sendingSince) + SILENCE_LIMIT_MS
}

function pauseAfter(failures: number): number {
  return RETRY_PAUSES_MS[Math.min(failures, RETRY_PAUSES_MS.length - 1)] ?? 0
}

function isRunning(webrtc: WebRtcPhase): boolean {
  return webrtc.kind === 'starting' || webrtc.kind === 'showing' || webrtc.kind === 'doubted'
}
