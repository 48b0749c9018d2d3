/** In charge of what a report alone changes in the state of the fallback policy. Pure. */
import { assertNever } from '../lib/assertNever.ts'
import { failed, stopped, withFrame, withoutMse } from './httpLane.ts'
import { type Flow, noFindings, type PolicyState, type Report, type WebRtcPhase } from './policyState.ts'
import { fell, forgotten, hurried, missed, tookOver } from './returnPlan.ts'
import { isClean, isPoor, withLook } from './webRtcQuality.ts'

/** Pauses before WebRTC is tried again while nothing else shows a picture. */
const RETRY_PAUSES_MS = [1_000, 2_000, 4_000, 8_000] as const
/** The server says when there is a seat; asking is for the case that nobody does. */
const SEAT_PAUSE_MS = 30_000
/** RTP without a frame for so long is a picture that stands. */
const FREEZE_LIMIT_MS = 3_000
/** Browsers may say several times that the network is another one. */
const NETWORK_PAUSE_MS = 10_000

/** A transport of this attempt may exist. */
export function isRunning({ kind }: WebRtcPhase): boolean {
  return kind === 'starting' || kind === 'proving' || kind === 'showing' || kind === 'poor' || kind === 'doubted'
}

export function absorb(state: PolicyState, report: Report, now: number): PolicyState {
  const { webrtc, lane } = state
  switch (report.kind) {
    case 'broadcast':
      return withBroadcast(state, report, now)
    case 'seats': {
      const isNew = report.seats.webrtc && !state.seats.webrtc
      const mseFrom = report.seats.mse && !state.seats.mse && Number.isFinite(lane.mseFrom) ? now : lane.mseFrom
      const back = isNew ? hurried(state.back, now) : state.back
      return { ...state, seats: report.seats, back, lane: { ...lane, mseFrom } }
    }
    case 'producers':
      return webrtc.kind === 'unable' && webrtc.why === 'codec'
        ? { ...state, webrtc: { kind: 'off' }, back: hurried(state.back, now) }
        : state
    case 'prefer': {
      const isBack = report.prefer !== 'smooth' && state.prefer === 'smooth'
      const next = report.prefer === 'smooth' ? withoutMse(lane, now) : lane
      return { ...state, prefer: report.prefer, lane: next, back: isBack ? hurried(state.back, now) : state.back }
    }
    case 'page':
      return {
        ...state,
        isHidden: report.hidden,
        looks: [],
        webrtc: 'frameAt' in webrtc ? { ...webrtc, frameAt: now } : webrtc,
        back: report.hidden ? state.back : hurried(state.back, now),
      }
    case 'network':
      return now < state.networkAt + NETWORK_PAUSE_MS ? state : onNewNetwork(state, now)
    case 'wake':
      return awake(state, now)
    case 'webrtc:linked':
      return webrtc.kind === 'starting' ? { ...state, webrtc: { ...webrtc, isLinked: true } } : state
    case 'webrtc:frame':
      return isRunning(webrtc) ? withWebRtcFrame(state, now) : state
    case 'webrtc:flow':
      return isRunning(webrtc) ? withFlow(state, report, now) : state
    case 'webrtc:failed':
      if (report.why === 'browser' || report.why === 'codec') {
        return { ...state, webrtc: { kind: 'unable', why: report.why } }
      }
      return {
        ...withFinding(state, webrtc),
        webrtc: { kind: 'failed', retryAt: now + (report.why === 'seat' ? SEAT_PAUSE_MS : pauseAfter(state.failures)) },
        failures: state.failures + 1,
        back: lane.phase === 'showing' ? missed(state.back, now) : state.back,
      }
    case 'webrtc:gone':
      return isRunning(webrtc) || webrtc.kind === 'failed'
        ? { ...state, webrtc: { kind: 'off' }, back: hurried(state.back, now) }
        : state
    case 'http:frame':
      return withHttpFrame(state, withFrame(lane, report.via, now), now)
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

function withBroadcast(state: PolicyState, report: Report & { kind: 'broadcast' }, now: number): PolicyState {
  const { webrtc } = state
  const isShown = webrtc.kind === 'showing' || webrtc.kind === 'poor'
  const resumes = isShown && state.sendingSince === null && report.sending
  const excused = webrtc.kind === 'doubted' && state.lane.phase !== 'showing' && !report.sending
  return {
    ...state,
    phase: report.phase,
    http: report.http,
    readySince: report.ready ? (state.readySince ?? now) : null,
    sendingSince: report.sending ? (state.sendingSince ?? now) : null,
    looks: resumes ? [] : state.looks,
    // After a pause of the broadcaster the first frame takes as long as at the start.
    webrtc: resumes
      ? { kind: 'starting', since: now, isLinked: true }
      : excused
        ? { kind: 'showing', rtpAt: now, frameAt: now }
        : webrtc,
  }
}

/** Behind a picture, a frame is the beginning of the proof; else it is the picture. */
function withWebRtcFrame(state: PolicyState, now: number): PolicyState {
  const isBehind = state.lane.phase === 'showing'
  if (isBehind && state.webrtc.kind === 'proving') return state
  const hadHttp = state.webrtc.kind === 'starting' && state.back.hasFallen
  return {
    ...state,
    webrtc: isBehind ? { kind: 'proving', since: now, rtpAt: now } : { kind: 'showing', rtpAt: now, frameAt: now },
    back: hadHttp && !isBehind ? tookOver(state.back, now) : state.back,
    // What was lost while nothing came says nothing about what comes.
    looks: [],
    failures: 0,
    findings: state.findings.webrtc === 'works' ? state.findings : { ...state.findings, webrtc: 'works' },
  }
}

function withFlow(before: PolicyState, flow: Flow, now: number): PolicyState {
  if (!flow.rtp) return before
  const isSeen = !before.isHidden
  const look = { at: now, isStuck: flow.stuck && isSeen, lost: flow.lost, expected: flow.expected }
  const state = { ...before, looks: withLook(before.looks, look) }
  const { webrtc, looks, prefer } = state
  switch (webrtc.kind) {
    case 'showing':
    case 'poor': {
      const frameAt = flow.frames || !flow.stuck || before.isHidden ? now : webrtc.frameAt
      const isBad = isSeen && (isPoor(looks, prefer) || now >= frameAt + FREEZE_LIMIT_MS)
      const kind = webrtc.kind === 'poor' && !isClean(looks) ? 'poor' : isBad ? 'poor' : 'showing'
      return { ...state, failures: 0, webrtc: { kind, rtpAt: now, frameAt } }
    }
    case 'proving': {
      const isGood = (flow.frames || !flow.stuck) && !isPoor(looks, prefer)
      return { ...state, webrtc: { ...webrtc, since: isGood ? webrtc.since : now, rtpAt: now } }
    }
    default:
      return flow.frames ? withWebRtcFrame(state, now) : state
  }
}

/** HTTP may just have got the picture. */
function withHttpFrame(state: PolicyState, lane: PolicyState['lane'], now: number): PolicyState {
  if (lane === state.lane) return state
  const isBlocked = lane.mseFailures > 0 && state.findings.mse !== 'works'
  const mse = lane.via === 'mse' ? 'works' : isBlocked ? 'blocked' : state.findings.mse
  const findings = mse === state.findings.mse ? state.findings : { ...state.findings, mse }
  if (state.lane.phase === 'showing') return { ...state, lane, findings }
  const { webrtc } = state
  const isPoorNow = webrtc.kind === 'poor'
  const isUnwanted = webrtc.kind === 'showing' && state.prefer === 'smooth'
  return {
    ...state,
    lane,
    findings,
    // What brings packets of no use takes from what HTTP needs; what is silent costs nothing, and may come back.
    webrtc: isPoorNow || isUnwanted || webrtc.kind === 'failed' ? { kind: 'off' } : webrtc,
    back: fell(state.back, isPoorNow, now),
  }
}

/** A link that never came about is the network's fault as soon as anything else gets through it. */
function withFinding(state: PolicyState, webrtc: WebRtcPhase): PolicyState {
  const isBlocked = webrtc.kind === 'starting' && !webrtc.isLinked && state.lane.phase === 'showing'
  return isBlocked ? { ...state, findings: { ...state.findings, webrtc: 'blocked' } } : state
}

/** An attempt behind the picture is over. */
export function givenUp(state: PolicyState, now: number): PolicyState {
  return { ...withFinding(state, state.webrtc), webrtc: { kind: 'off' }, back: missed(state.back, now) }
}

function onNewNetwork(state: PolicyState, now: number): PolicyState {
  const { webrtc, lane } = state
  const isShown = webrtc.kind === 'showing' || webrtc.kind === 'poor' || webrtc.kind === 'doubted'
  const mseFrom = Number.isFinite(lane.mseFrom) ? now : lane.mseFrom
  return {
    ...state,
    networkAt: now,
    findings: noFindings,
    failures: 0,
    looks: [],
    renewals: isShown ? state.renewals + 1 : state.renewals,
    webrtc: webrtc.kind === 'failed' ? { kind: 'off' } : webrtc,
    lane: { ...lane, mseFrom, mseFailures: 0 },
    back: forgotten(state.back, now),
  }
}

/** Whatever had a deadline gets it anew; a picture that came by WebRTC has most likely lost its path. */
function awake(state: PolicyState, now: number): PolicyState {
  const { webrtc } = state
  const isLost = (webrtc.kind === 'showing' || webrtc.kind === 'poor') && state.sendingSince !== null
  const next: WebRtcPhase = isLost
    ? { kind: 'doubted', since: now }
    : webrtc.kind === 'starting'
      ? { ...webrtc, since: now }
      : webrtc.kind === 'failed'
        ? { kind: 'off' }
        : webrtc
  const renewals = isLost ? state.renewals + 1 : state.renewals
  return { ...state, looks: [], webrtc: next, renewals, back: hurried(state.back, now) }
}

function pauseAfter(failures: number): number {
  return RETRY_PAUSES_MS[Math.min(failures, RETRY_PAUSES_MS.length - 1)] ?? 0
}
