import { describe, expect, it } from 'vitest'
import { isHopeless, isStranded, step } from '../../../../client/player/fallbackPolicy.ts'
import {
  type Action,
  initialPolicy,
  type PolicyState,
  type Prefer,
  type Report,
} from '../../../../client/player/policyState.ts'

const live: Report = { kind: 'broadcast', phase: 'on', sending: true, http: true, ready: true }
const quiet: Report = { kind: 'broadcast', phase: 'on', sending: false, http: true, ready: true }
const over: Report = { kind: 'broadcast', phase: 'over', sending: false, http: true, ready: true }
const flow: Report = { kind: 'webrtc:flow', rtp: true, frames: true }
const silence: Report = { kind: 'webrtc:flow', rtp: false, frames: false }
const frame: Report = { kind: 'webrtc:frame' }
const hlsFrame: Report = { kind: 'http:frame', via: 'hls' }
const hlsFlow: Report = { kind: 'http:flow', via: 'hls', frames: true }
const hlsStill: Report = { kind: 'http:flow', via: 'hls', frames: false }
const failed = (why: 'browser' | 'codec' | 'connection'): Report => ({ kind: 'webrtc:failed', why })
const time: Report = { kind: 'time' }
/** Rules 1 to 11 are the same for both transports of HTTP: told of a browser that has HLS alone. */
const noMse = { mse: false }

/** One row of a story: at this millisecond this is reported, and these actions follow. */
type Row = readonly [at: number, report: Report, actions: readonly Action[]]

/** Tells a story to the policy and holds each answer; returns the state at its end. */
function tell(rows: readonly Row[], prefer: Prefer = 'auto', mse = false): PolicyState {
  let state = initialPolicy(prefer, { mse })
  for (const [at, report, expected] of rows) {
    const answer = step(state, report, at)
    if (answer.wakeAt !== null) expect(answer.wakeAt).toBeGreaterThan(at)
    expect(answer.actions, `at ${at} ms: ${JSON.stringify(report)}`).toEqual(expected)
    state = answer.state
  }
  return state
}

const playing: readonly Row[] = [
  [0, live, ['start-webrtc']],
  [300, frame, []],
  [550, flow, []],
]

describe('fallbackPolicy', () => {
  it('starts nothing before there is anything to watch', () => {
    tell([
      [0, { kind: 'broadcast', phase: 'off', sending: false, http: true, ready: true }, []],
      [60_000, time, []],
      [60_001, { kind: 'producers' }, []],
    ])
  })

  it('rule 1: starts with WebRTC alone and stays with it while frames come', () => {
    tell([...playing, [800, flow, []], [1_050, flow, []], [1_300, time, []]])
  })

  it.each([['browser'], ['codec']] as const)('rule 2: goes to HLS at once for want of a %s, and stays', (why) => {
    tell([
      [0, live, ['start-webrtc']],
      [100, failed(why), ['stop-webrtc', 'start-hls']],
      [900, hlsFrame, []],
      [60_000, time, []],
    ])
  })

  it('rule 2: tries WebRTC again when the producers, and so maybe the codec, have changed before HLS shows', () => {
    tell([
      [0, live, ['start-webrtc']],
      [100, failed('codec'), ['stop-webrtc', 'start-hls']],
      [500, { kind: 'producers' }, ['start-webrtc']],
      [900, frame, ['stop-hls']],
    ])
  })

  it('rule 3: prepares HLS when no frame came within 4 s, and not a moment before', () => {
    tell([
      [0, live, ['start-webrtc']],
      [3_999, time, []],
      [4_000, time, ['start-hls']],
      [5_000, hlsFrame, ['stop-webrtc']],
    ])
  })

  it('rule 3: counts the 4 s from when the broadcaster sends', () => {
    tell([
      [0, quiet, ['start-webrtc']],
      [9_000, time, []],
      [10_000, live, []],
      [13_999, time, []],
      [14_000, time, ['start-hls']],
    ])
  })

  it('rule 4: goes to HLS when the connection failed, and no longer tries WebRTC once HLS shows a frame', () => {
    tell([
      ...playing,
      [600, failed('connection'), ['stop-webrtc', 'start-hls']],
      [1_500, hlsFrame, []],
      [60_000, time, []],
      [60_001, { kind: 'webrtc:gone' }, []],
    ])
  })

  it('rule 4: while HLS shows nothing either, tries WebRTC again after 1, 2, 4, 8 and 8 s', () => {
    let at = 0
    let { state } = step(initialPolicy('auto', noMse), live, at)
    const pauses: number[] = []
    for (let attempt = 0; attempt < 5; attempt++) {
      const answer = step(state, failed('connection'), at)
      pauses.push((answer.wakeAt ?? 0) - at)
      at = answer.wakeAt ?? 0
      expect(step(answer.state, time, at - 1).actions).toEqual([])
      const again = step(answer.state, time, at)
      expect(again.actions).toEqual(['start-webrtc'])
      state = again.state
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000])
  })

  it('rule 5: prepares HLS and restarts ICE after 1 s without RTP, each once', () => {
    tell([
      ...playing,
      [1_549, silence, []],
      [1_550, silence, ['restart-ice', 'start-hls']],
      [1_800, silence, []],
      [9_000, time, []],
    ])
  })

  it('rule 5: takes no time for silence in which nobody looked, and no look that found something', () => {
    tell([...playing, [9_000, time, []], [9_100, live, []], [9_200, flow, []], [10_199, silence, []]])
    tell([...playing, [9_000, silence, ['restart-ice', 'start-hls']]])
  })

  it('rule 6: keeps WebRTC when its frames come back first', () => {
    tell([...playing, [1_550, silence, ['restart-ice', 'start-hls']], [1_900, flow, ['stop-hls']], [2_900, flow, []]])
  })

  it('rule 6: RTP without a frame does not count as the picture being back', () => {
    tell([
      ...playing,
      [1_550, silence, ['restart-ice', 'start-hls']],
      [1_800, { kind: 'webrtc:flow', rtp: true, frames: false }, []],
      [2_100, hlsFrame, ['stop-webrtc']],
    ])
  })

  it('rule 6: keeps HLS when it shows a frame first, and hears no late frame of WebRTC', () => {
    tell([
      ...playing,
      [1_550, silence, ['restart-ice', 'start-hls']],
      [2_300, hlsFrame, ['stop-webrtc']],
      [2_400, flow, []],
      [2_500, frame, []],
    ])
  })

  it('rule 7: waits with WebRTC while the broadcaster does not send', () => {
    tell([...playing, [1_200, quiet, []], [30_000, silence, []], [31_000, live, []], [31_500, flow, []]])
  })

  it('rule 7: does not turn to what HLS has left when WebRTC fails while the broadcaster does not send', () => {
    tell([
      ...playing,
      [1_200, quiet, []],
      [2_000, failed('connection'), ['stop-webrtc']],
      [3_000, time, ['start-webrtc']],
      [3_500, failed('connection'), ['stop-webrtc']],
      [3_600, live, ['start-hls']],
    ])
  })

  it('rule 7: takes a doubt back when it turns out that the broadcaster had stopped', () => {
    tell([...playing, [1_550, silence, ['restart-ice', 'start-hls']], [1_700, quiet, ['stop-hls']]])
  })

  it('rule 7: gives the first frame after a pause of the broadcaster 4 s again', () => {
    tell([...playing, [1_200, quiet, []], [20_000, live, []], [23_999, silence, []], [24_000, silence, ['start-hls']]])
  })

  it.each([['starting'], ['showing'], ['doubted'], ['failed']] as const)(
    'rule 8: makes WebRTC anew at once when its far end is gone while %s',
    (phase) => {
      const stories: Record<typeof phase, readonly Row[]> = {
        starting: [[0, live, ['start-webrtc']]],
        showing: playing,
        doubted: [...playing, [1_550, silence, ['restart-ice', 'start-hls']]],
        failed: [...playing, [1_000, failed('connection'), ['stop-webrtc', 'start-hls']]],
      }
      tell([...stories[phase], [1_600, { kind: 'webrtc:gone' }, ['start-webrtc']]])
    },
  )

  it('rule 9: never prepares HLS where there is no HTTP delivery', () => {
    const noHttp: Report = { ...live, http: false }
    tell([
      [0, noHttp, ['start-webrtc']],
      [5_000, time, []],
      [5_100, frame, []],
      [7_000, silence, ['restart-ice']],
      [7_500, failed('connection'), ['stop-webrtc']],
      [8_500, time, ['start-webrtc']],
    ])
  })

  it('is stranded where WebRTC is the only way and has shown nothing for 4 s, or failed', () => {
    const noHttp: Report = { ...live, http: false }
    const started = tell([[0, noHttp, ['start-webrtc']]])
    expect([3_999, 4_000].map((now) => isStranded(started, now))).toEqual([false, true])
    const broken = tell([...playing, [600, noHttp, []], [900, failed('connection'), ['stop-webrtc']]])
    expect(isStranded(broken, 900)).toBe(true)
    expect(isStranded(tell([...playing, [600, noHttp, []]]), 9_000)).toBe(false)
    expect(isStranded(tell([[0, live, ['start-webrtc']]]), 9_000)).toBe(false)
  })

  it('rule 9: leaves HLS for WebRTC when HTTP delivery ends while the broadcast goes on', () => {
    tell([
      ...playing,
      [600, failed('connection'), ['stop-webrtc', 'start-hls']],
      [1_500, hlsFrame, []],
      [9_000, { ...live, http: false }, ['start-webrtc', 'stop-hls']],
    ])
  })

  it('rule 10: stops WebRTC at the end, and lets HLS play out', () => {
    tell([...playing, [600, over, ['stop-webrtc']]])
    tell([
      [0, live, ['start-webrtc']],
      [1, failed('browser'), ['stop-webrtc', 'start-hls']],
      [900, hlsFrame, []],
      [5_000, over, []],
      [9_000, { kind: 'http:ended', via: 'hls' }, ['stop-hls']],
    ])
  })

  const onHls: readonly Row[] = [
    ...playing,
    [600, failed('connection'), ['stop-webrtc', 'start-hls']],
    [1_500, hlsFrame, []],
    [5_000, hlsFlow, []],
  ]

  it('rule 11: starts WebRTC beside an HLS that stands still for 10 s, and keeps it if it shows a frame', () => {
    tell([...onHls, [14_999, hlsStill, []], [15_000, hlsStill, ['start-webrtc']], [15_500, frame, ['stop-hls']]])
  })

  it('rule 11: gives WebRTC 4 s for it, and tries again 30 s after it began', () => {
    tell([
      ...onHls,
      [15_000, hlsStill, ['start-webrtc']],
      [19_000, time, ['stop-webrtc']],
      [44_999, hlsStill, []],
      [45_000, hlsStill, ['start-webrtc']],
      [45_100, failed('connection'), ['stop-webrtc']],
      [75_000, hlsStill, ['start-webrtc']],
      [75_100, failed('codec'), ['stop-webrtc']],
      [200_000, hlsStill, []],
    ])
  })

  it('rule 11: leaves an HLS that moves, or lacks nothing but a broadcaster, as it is', () => {
    tell([...onHls, [14_000, hlsFlow, []], [23_999, hlsStill, []], [60_000, time, []]])
    tell([...onHls, [6_000, quiet, []], [60_000, hlsStill, []], [70_000, live, []], [79_999, hlsStill, []]])
    tell([...onHls, [6_000, over, []], [60_000, hlsStill, []]])
  })

  it('begins with HLS alone for those who prefer it smooth, and goes over when they change their mind', () => {
    tell(
      [
        [0, live, ['start-hls']],
        [900, hlsFrame, []],
        [5_000, { kind: 'prefer', prefer: 'realtime' }, ['start-webrtc']],
        [5_400, frame, ['stop-hls']],
      ],
      'smooth',
    )
  })

  it('gives up a change of mind that shows no frame within 4 s', () => {
    tell(
      [
        [0, live, ['start-hls']],
        [900, hlsFrame, []],
        [5_000, { kind: 'prefer', prefer: 'auto' }, ['start-webrtc']],
        [9_000, time, ['stop-webrtc']],
      ],
      'smooth',
    )
  })

  it('is hopeless only when neither transport can ever work here', () => {
    const noWebRtc: readonly Row[] = [
      [0, live, ['start-webrtc']],
      [1, failed('browser'), ['stop-webrtc', 'start-hls']],
    ]
    expect(isHopeless(tell(noWebRtc))).toBe(false)
    expect(
      isHopeless(tell([...noWebRtc, [2, { kind: 'http:failed', via: 'hls', why: 'browser' }, ['stop-hls']]])),
    ).toBe(true)
    expect(isHopeless(tell([...noWebRtc, [2, { ...live, http: false }, ['stop-hls']]]))).toBe(true)
  })

  describe('where there are media source extensions', () => {
    const mseFrame: Report = { kind: 'http:frame', via: 'mse' }
    const mseFlow: Report = { kind: 'http:flow', via: 'mse', frames: true }
    const mseStill: Report = { kind: 'http:flow', via: 'mse', frames: false }
    const mseFailed = (why: 'browser' | 'codec' | 'connection'): Report => ({ kind: 'http:failed', via: 'mse', why })
    const tellOf = (rows: readonly Row[], prefer: Prefer = 'auto') => tell(rows, prefer, true)
    const onMse: readonly Row[] = [
      ...playing,
      [600, failed('connection'), ['stop-webrtc', 'start-mse']],
      [900, mseFrame, []],
      [5_000, mseFlow, []],
    ]

    it('rule 12: goes to MSE before HLS, for want of WebRTC, of its frames, or when it fell silent', () => {
      tellOf([
        [0, live, ['start-webrtc']],
        [100, failed('codec'), ['stop-webrtc', 'start-mse']],
        [400, mseFrame, []],
        [60_000, time, []],
      ])
      tellOf([
        [0, live, ['start-webrtc']],
        [4_000, time, ['start-mse']],
        [4_300, mseFrame, ['stop-webrtc']],
      ])
      tellOf([...playing, [1_550, silence, ['restart-ice', 'start-mse']], [1_900, flow, ['stop-mse']]])
    })

    it('rule 12: gives those who prefer it smooth HLS', () => {
      tellOf([[0, live, ['start-hls']]], 'smooth')
    })

    it.each([['browser'], ['codec']] as const)('rule 13: never tries MSE again for want of a %s', (why) => {
      tellOf([
        ...playing,
        [600, failed('connection'), ['stop-webrtc', 'start-mse']],
        [700, mseFailed(why), ['stop-mse', 'start-hls']],
        [1_600, time, ['start-webrtc']],
        [1_700, frame, ['stop-hls']],
        [500_000, failed('connection'), ['stop-webrtc', 'start-hls']],
      ])
    })

    it('rule 13: puts HLS in the place of an MSE that shows no frame within 4 s of being able to', () => {
      tellOf([
        [0, { ...live, ready: false }, ['start-webrtc']],
        [100, failed('browser'), ['stop-webrtc', 'start-mse']],
        [9_000, time, []],
        [10_000, live, []],
        [13_999, time, []],
        [14_000, time, ['stop-mse', 'start-hls']],
        [15_000, hlsFrame, []],
      ])
    })

    it('rule 13: tries an MSE that failed again when HTTP is needed a minute later, and not before', () => {
      const again: readonly Row[] = [
        ...onMse,
        [6_000, mseFailed('connection'), ['start-webrtc', 'stop-mse', 'start-hls']],
        [6_200, frame, ['stop-hls']],
      ]
      tellOf([...again, [65_999, failed('connection'), ['stop-webrtc', 'start-hls']]])
      tellOf([...again, [66_000, failed('connection'), ['stop-webrtc', 'start-mse']]])
    })

    it('rule 13: hears nothing more of an MSE that HLS has taken the place of', () => {
      tellOf([
        ...onMse,
        [6_000, mseFailed('connection'), ['start-webrtc', 'stop-mse', 'start-hls']],
        [6_100, mseFrame, []],
        [6_200, { kind: 'http:ended', via: 'mse' }, []],
        [7_000, hlsFrame, ['stop-webrtc']],
      ])
    })

    it('rule 14: gives up an MSE that has stood still for 4 s of looks, and only while the broadcaster sends', () => {
      tellOf([...onMse, [60_000, time, []], [60_100, mseFlow, []], [64_099, mseStill, []]])
      tellOf([...onMse, [9_000, mseStill, ['start-webrtc', 'stop-mse', 'start-hls']]])
      tellOf([...onMse, [6_000, quiet, []], [60_000, mseStill, []], [70_000, live, []], [73_999, mseStill, []]])
    })

    it('rule 10: lets MSE play out after the end', () => {
      tellOf([...onMse, [6_000, over, []], [7_000, { kind: 'http:ended', via: 'mse' }, ['stop-mse']]])
    })

    it('says when an MSE that is being prepared is to be looked at', () => {
      const state = tellOf([[0, live, ['start-webrtc']]])
      expect(step(state, failed('browser'), 100).wakeAt).toBe(4_100)
    })

    it('is hopeless only when HLS, too, can never work', () => {
      const rows: readonly Row[] = [
        [0, live, ['start-webrtc']],
        [1, failed('browser'), ['stop-webrtc', 'start-mse']],
        [2, mseFailed('codec'), ['stop-mse', 'start-hls']],
      ]
      expect(isHopeless(tellOf(rows))).toBe(false)
      expect(
        isHopeless(tellOf([...rows, [3, { kind: 'http:failed', via: 'hls', why: 'browser' }, ['stop-hls']]])),
      ).toBe(true)
    })
  })

  it('says when it wants to be woken, so that no deadline needs a poll', () => {
    expect(step(initialPolicy('auto', noMse), live, 100).wakeAt).toBe(4_100)
    expect(step(initialPolicy('auto', noMse), quiet, 100).wakeAt).toBeNull()
    expect(step(tell(playing), flow, 700).wakeAt).toBeNull()
    expect(step(tell(playing), failed('connection'), 700).wakeAt).toBe(1_700)
  })
})
