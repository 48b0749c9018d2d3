/**
 * In charge of one decision: over which transports the picture is fetched. Pure: players and server report, time goes
 * in, actions come out. Numbered rules are named by the tests.
 *
 *  1. WebRTC first.
 *  2. HLS when this browser cannot have WebRTC at all or lacks the codec.
 *  3. HLS beside WebRTC when that shows no frame within 4 s of being able to.
 *  4. HLS when the connection failed; WebRTC is tried again, ever more slowly, until HLS shows a frame.
 *  5. When no RTP came for 1 s although the broadcaster sends: HLS behind the frozen frame, and an ICE restart.
 *  6. Whichever shows a frame first stays; the other is stopped.
 *  7. A broadcaster who does not send is nobody's failure: no fallback for it.
 *  8. When the server's end of WebRTC is gone, it is made anew at once.
 *  9. No HLS where the server has no HTTP delivery.
 * 10. After the end, HLS plays out what it has.
 * 11. When HLS has stood still for 10 s although the broadcaster sends: WebRTC beside it, at most every 30 s.
 */
import { assertNever } from '../lib/assertNever.ts'

export type Prefer = 'auto' | 'realtime' | 'smooth'

/** `browser` and `codec` will not change by trying again; `connection` may. */
export type WebRtcFailure = 'browser' | 'codec' | 'connection'

export type Report =
  | {
      readonly kind: 'broadcast'
      /** `off`: nothing to watch yet; `on`: live or interrupted; `over`: ended. */
      readonly phase: 'off' | 'on' | 'over'
      /** Whether RTP reaches the server from the broadcaster. */
      readonly sending: boolean
      /** Whether there is or will be HTTP delivery. */
      readonly http: boolean
    }
  /** The set of producers changed, and maybe the codec with it. */
  | { readonly kind: 'producers' }
  | { readonly kind: 'prefer'; readonly prefer: Prefer }
  | { readonly kind: 'webrtc:frame' }
  /** Since the last report of this kind: whether RTP arrived, and whether a frame was decoded of it. */
  | { readonly kind: 'webrtc:flow'; readonly rtp: boolean; readonly frames: boolean }
  | { readonly kind: 'webrtc:failed'; readonly why: WebRtcFailure }
  | { readonly kind: 'webrtc:gone' }
  | { readonly kind: 'hls:frame' }
  /** Whether anything new was seen or heard since the last report of this kind; a player that is paused needs nothing. */
  | { readonly kind: 'hls:flow'; readonly frames: boolean }
  /** This browser cannot play HLS. What may pass, the player retries by itself. */
  | { readonly kind: 'hls:failed' }
  | { readonly kind: 'hls:ended' }
  | { readonly kind: 'time' }

export type Action = 'start-webrtc' | 'restart-ice' | 'stop-webrtc' | 'start-hls' | 'stop-hls'

/** Times are milliseconds on the clock that `step` is called with. */
export type WebRtcPhase =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting'; readonly since: number }
  | { readonly kind: 'showing'; readonly rtpAt: number }
  | { readonly kind: 'doubted' }
  | { readonly kind: 'failed'; readonly retryAt: number }
  | { readonly kind: 'unable'; readonly why: 'browser' | 'codec' }

export type HlsPhase = 'off' | 'preparing' | 'showing' | 'unable'

export interface PolicyState {
  readonly prefer: Prefer
  readonly phase: 'off' | 'on' | 'over'
  /** Since when the broadcaster sends; null while not. */
  readonly sendingSince: number | null
  readonly http: boolean
  readonly webrtc: WebRtcPhase
  /** Counts the attempts at WebRTC: a new one replaces the one before. */
  readonly attempt: number
  readonly hls: HlsPhase
  /** When HLS last showed something new. */
  readonly hlsMovedAt: number
  /** When WebRTC was last started beside an HLS that stood still. */
  readonly rescuedAt: number
  /** Failures of WebRTC since it last showed a frame. */
  readonly failures: number
}

export interface Step {
  readonly state: PolicyState
  readonly actions: readonly Action[]
  /** When to report `time` at the latest; null when only other reports can change anything. */
  readonly wakeAt: number | null
}

/** The numbers: long enough for ICE over TCP or a relay, short enough that nobody reloads the page. */
export const FIRST_FRAME_LIMIT_MS = 4_000
const SILENCE_LIMIT_MS = 1_000
/** Above the pauses that hls.js mends by itself: some segments' length, and its reloads of 0.5 to 4 s. */
const HLS_STANDSTILL_LIMIT_MS = 10_000
const RESCUE_PAUSE_MS = 30_000
/** Pauses before WebRTC is tried again while nothing else shows a picture. */
const RETRY_PAUSES_MS = [1_000, 2_000, 4_000, 8_000] as const

const doubted = { kind: 'doubted' } as const

export function initialPolicy(prefer: Prefer): PolicyState {
  return {
    prefer,
    phase: 'off',
    sendingSince: null,
    http: true,
    webrtc: { kind: 'off' },
    attempt: 0,
    hls: 'off',
    hlsMovedAt: 0,
    rescuedAt: Number.NEGATIVE_INFINITY,
    failures: 0,
  }
}

/** True when neither transport can ever work here: the person has to be told. */
export function isHopeless(state: PolicyState): boolean {
  return state.webrtc.kind === 'unable' && (state.hls === 'unable' || !state.http)
}

/**
 * True when WebRTC is the only way here and has not worked so far. It goes on trying, but the person is told, since
 * another network may be what is needed.
 */
export function isStranded(state: PolicyState, now: number): boolean {
  if (state.phase !== 'on' || (state.http && state.hls !== 'unable')) return false
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
  const { webrtc, hls } = state
  switch (report.kind) {
    case 'broadcast': {
      const sendingSince = report.sending ? (state.sendingSince ?? now) : null
      const resumes = webrtc.kind === 'showing' && state.sendingSince === null && report.sending
      const excused = webrtc.kind === 'doubted' && !report.sending
      return {
        ...state,
        phase: report.phase,
        http: report.http,
        sendingSince,
        // After a pause of the broadcaster the first frame takes as long as at the start.
        webrtc: resumes ? { kind: 'starting', since: now } : excused ? { kind: 'showing', rtpAt: now } : webrtc,
      }
    }
    case 'producers':
      return webrtc.kind === 'unable' && webrtc.why === 'codec' ? { ...state, webrtc: { kind: 'off' } } : state
    case 'prefer': {
      const returns = hls === 'showing' && report.prefer !== 'smooth' && webrtc.kind !== 'unable'
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
    case 'hls:frame':
      if (hls !== 'preparing') return state
      return { ...state, hls: 'showing', hlsMovedAt: now, webrtc: webrtc.kind === 'unable' ? webrtc : { kind: 'off' } }
    case 'hls:flow':
      return report.frames ? { ...state, hlsMovedAt: now } : state
    case 'hls:failed':
      return { ...state, hls: 'unable' }
    case 'hls:ended':
      return { ...state, hls: hls === 'unable' ? hls : 'off' }
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
  const stopped: WebRtcPhase = unable ? state.webrtc : { kind: 'off' }
  if (state.phase !== 'on') {
    const playsOut = state.phase === 'over' && state.hls === 'showing'
    return { ...state, webrtc: stopped, hls: playsOut || state.hls === 'unable' ? state.hls : 'off' }
  }
  const hls = !state.http && state.hls !== 'unable' ? 'off' : state.hls
  const mayUseHls = state.http && hls !== 'unable'
  if (hls === 'showing') {
    if (state.webrtc.kind === 'showing') return { ...state, hls: 'off' }
    if (reported === 'hls:flow' && needsRescue(state, now)) return { ...startWebRtc(state, now), rescuedAt: now }
    const returning = state.webrtc.kind === 'starting' && now < firstFrameDeadline(state, state.webrtc.since)
    return { ...state, hls, webrtc: returning ? state.webrtc : stopped }
  }
  const { webrtc } = state
  const wanted = webrtc.kind === 'off' && !(state.prefer === 'smooth' && mayUseHls)
  const again = webrtc.kind === 'failed' && now >= webrtc.retryAt
  const silent = reported === 'webrtc:flow' && webrtc.kind === 'showing' && now >= silenceDeadline(state, webrtc.rtpAt)
  const next = wanted || again ? startWebRtc(state, now) : silent ? { ...state, webrtc: doubted } : state
  return { ...next, hls: mayUseHls ? settleHls({ ...next, hls }, now) : hls }
}

/** Whether HLS has to be prepared, may go on being prepared, or is not needed. */
function settleHls(state: PolicyState, now: number): HlsPhase {
  const { webrtc, hls } = state
  switch (webrtc.kind) {
    case 'off':
    case 'unable':
    case 'doubted':
      return 'preparing'
    case 'failed':
      return state.sendingSince === null ? hls : 'preparing'
    case 'showing':
      return 'off'
    case 'starting':
      if (now >= firstFrameDeadline(state, webrtc.since)) return 'preparing'
      return state.sendingSince === null ? 'off' : hls
    default:
      return assertNever(webrtc)
  }
}

/** Looks decide here as they do about silence. */
function needsRescue({ webrtc, sendingSince, hlsMovedAt, rescuedAt }: PolicyState, now: number): boolean {
  if (webrtc.kind !== 'off' || sendingSince === null) return false
  return now >= Math.max(hlsMovedAt, sendingSince) + HLS_STANDSTILL_LIMIT_MS && now >= rescuedAt + RESCUE_PAUSE_MS
}

/** The player that is to be started, stopped or mended, from what changed. */
function actionsBetween(before: PolicyState, after: PolicyState): Action[] {
  const actions: Action[] = []
  if (after.attempt !== before.attempt) actions.push('start-webrtc')
  if (after.webrtc.kind === 'doubted' && before.webrtc.kind !== 'doubted') actions.push('restart-ice')
  if (isRunning(before.webrtc) && !isRunning(after.webrtc)) actions.push('stop-webrtc')
  if (!isPlaying(before.hls) && isPlaying(after.hls)) actions.push('start-hls')
  if (isPlaying(before.hls) && !isPlaying(after.hls)) actions.push('stop-hls')
  return actions
}

/** What is over has been settled already: waking for it would be waking without end. */
function nextDeadline(state: PolicyState, now: number): number | null {
  const { webrtc } = state
  const deadline =
    webrtc.kind === 'starting' && state.hls !== 'preparing'
      ? firstFrameDeadline(state, webrtc.since)
      : webrtc.kind === 'failed'
        ? webrtc.retryAt
        : Number.POSITIVE_INFINITY
  return Number.isFinite(deadline) && deadline > now ? deadline : null
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

function isPlaying(hls: HlsPhase): boolean {
  return hls === 'preparing' || hls === 'showing'
}
