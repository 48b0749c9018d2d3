import { describe, expect, it } from 'vitest'
import { frontOf, isHopeless, isStranded, step } from '../../../../client/player/fallbackPolicy.ts'
import { initialPolicy, type Report } from '../../../../client/player/policyState.ts'
import {
  failed,
  flow,
  frame,
  hlsFlow,
  hlsFrame,
  hlsStill,
  linked,
  live,
  noMse,
  over,
  playing,
  quiet,
  type Row,
  silence,
  stuck,
  tell,
  time,
} from '../../../helpers/policyStory.ts'

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
      [500, linked, []],
      [3_999, time, []],
      [4_000, time, ['start-hls']],
      [5_000, frame, ['stop-hls']],
    ])
  })

  it('rule 3: prepares HLS when there was no link within 2 s', () => {
    tell([
      [0, live, ['start-webrtc']],
      [1_999, time, []],
      [2_000, time, ['start-hls']],
      [2_400, linked, []],
      [2_900, frame, ['stop-hls']],
    ])
  })

  it('rule 3: prepares HLS at once on a network that is known to let no WebRTC through, until it does', () => {
    const findings = { webrtc: 'blocked', mse: null } as const
    const start = step(initialPolicy('auto', { ...noMse, findings }), live, 0)
    expect(start.actions).toEqual(['start-webrtc', 'start-hls'])
    const came = step(start.state, frame, 400)
    expect(came.actions).toEqual(['stop-hls'])
    expect(came.state.findings.webrtc).toBe('works')
  })

  it('rule 3: counts the 4 s from when the broadcaster sends', () => {
    tell([
      [0, quiet, ['start-webrtc']],
      [400, linked, []],
      [9_000, time, []],
      [10_000, live, []],
      [13_999, time, []],
      [14_000, time, ['start-hls']],
    ])
  })

  it('rule 4: goes to HLS when the connection failed', () => {
    tell([...playing, [600, failed('connection'), ['stop-webrtc', 'start-hls']], [1_500, hlsFrame, []]])
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
    tell([...playing, [1_550, silence, ['restart-ice', 'start-hls']], [1_800, stuck, []], [2_100, hlsFrame, []]])
  })

  it('rule 6: shows HLS when that has a frame first, and keeps a silent WebRTC for 15 s', () => {
    const fallen: readonly Row[] = [
      ...playing,
      [1_550, silence, ['restart-ice', 'start-hls']],
      [2_300, hlsFrame, []],
      [16_549, silence, []],
    ]
    expect(frontOf(tell(fallen))).toBe('hls')
    tell([...fallen, [16_550, time, ['stop-webrtc']]])
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

  /** In a hidden page, so that nothing is tried without need. */
  const onHls: readonly Row[] = [
    [0, live, ['start-webrtc']],
    [1, { kind: 'page', hidden: true }, []],
    [600, failed('connection'), ['stop-webrtc', 'start-hls']],
    [1_500, hlsFrame, []],
    [5_000, hlsFlow, []],
  ]

  it('rule 11: starts WebRTC beside an HLS that stands still for 10 s, and shows it as soon as it has frames', () => {
    tell([...onHls, [14_999, hlsStill, []], [15_000, hlsStill, ['start-webrtc']], [15_500, frame, ['stop-hls']]])
  })

  it('rule 11: gives WebRTC 8 s for it, and tries again 30 s after it began', () => {
    tell([
      ...onHls,
      [15_000, hlsStill, ['start-webrtc']],
      [23_000, time, ['stop-webrtc']],
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

  it('says when it wants to be woken, so that no deadline needs a poll', () => {
    expect(step(initialPolicy('auto', noMse), live, 100).wakeAt).toBe(2_100)
    expect(step(initialPolicy('auto', noMse), quiet, 100).wakeAt).toBeNull()
    expect(step(tell(playing), flow, 700).wakeAt).toBeNull()
    expect(step(tell(playing), failed('connection'), 700).wakeAt).toBe(1_700)
  })
})
