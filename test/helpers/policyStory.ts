/** In charge of telling the fallback policy a story, row by row, and of the reports that such stories are made of. */
import { expect } from 'vitest'
import { step } from '../../client/player/fallbackPolicy.ts'
import {
  type Action,
  type Failure,
  initialPolicy,
  type PolicyState,
  type Prefer,
  type Report,
} from '../../client/player/policyState.ts'

export const live = { kind: 'broadcast', phase: 'on', sending: true, http: true, ready: true } as const satisfies Report
export const quiet = {
  kind: 'broadcast',
  phase: 'on',
  sending: false,
  http: true,
  ready: true,
} as const satisfies Report
export const over = {
  kind: 'broadcast',
  phase: 'over',
  sending: false,
  http: true,
  ready: true,
} as const satisfies Report
export const flow = {
  kind: 'webrtc:flow',
  rtp: true,
  frames: true,
  stuck: false,
  lost: 0,
  expected: 30,
} as const satisfies Report
/** Packets without a frame. */
export const stuck = { ...flow, frames: false, stuck: true } as const satisfies Report
export const silence = { ...flow, rtp: false, frames: false, expected: 0 } as const satisfies Report
export const linked = { kind: 'webrtc:linked' } as const satisfies Report
export const frame = { kind: 'webrtc:frame' } as const satisfies Report
export const mseFrame = { kind: 'http:frame', via: 'mse' } as const satisfies Report
export const mseFlow = { kind: 'http:flow', via: 'mse', frames: true } as const satisfies Report
export const hlsFrame = { kind: 'http:frame', via: 'hls' } as const satisfies Report
export const hlsFlow = { kind: 'http:flow', via: 'hls', frames: true } as const satisfies Report
export const hlsStill = { kind: 'http:flow', via: 'hls', frames: false } as const satisfies Report
export const failed = (why: Failure): Report => ({ kind: 'webrtc:failed', why })
export const time = { kind: 'time' } as const satisfies Report
/** Rules 1 to 11 are the same for both transports of HTTP: told of a browser that has HLS alone. */
export const noMse = { mse: false }

/** One row of a story: at this millisecond this is reported, and these actions follow. */
export type Row = readonly [at: number, report: Report, actions: readonly Action[]]

/** Tells a story to the policy and holds each answer; returns the state at its end. */
export function tell(rows: readonly Row[], prefer: Prefer = 'auto', mse = false): PolicyState {
  let state = initialPolicy(prefer, { mse })
  for (const [at, report, expected] of rows) {
    const answer = step(state, report, at)
    if (answer.wakeAt !== null) expect(answer.wakeAt).toBeGreaterThan(at)
    expect(answer.actions, `at ${at} ms: ${JSON.stringify(report)}`).toEqual(expected)
    state = answer.state
  }
  return state
}

export const playing: readonly Row[] = [
  [0, live, ['start-webrtc']],
  [300, frame, []],
  [550, flow, []],
]
