import { describe, expect, it } from 'vitest'
import { isHopeless, step } from '../../../../client/player/fallbackPolicy.ts'
import type { Prefer, Report } from '../../../../client/player/policyState.ts'
import {
  failed,
  flow,
  frame,
  hlsFrame,
  live,
  mseFlow,
  mseFrame,
  over,
  playing,
  quiet,
  type Row,
  silence,
  tell,
  time,
} from '../../../helpers/policyStory.ts'

describe('fallbackPolicy where there are media source extensions', () => {
  const mseStill: Report = { kind: 'http:flow', via: 'mse', frames: false }
  const mseFailed = (why: 'browser' | 'codec' | 'connection'): Report => ({ kind: 'http:failed', via: 'mse', why })
  const tellOf = (rows: readonly Row[], prefer: Prefer = 'auto') => tell(rows, prefer, true)
  /** In a hidden page, so that nothing is tried without need. */
  const onMse: readonly Row[] = [
    ...playing,
    [551, { kind: 'page', hidden: true }, []],
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
      [2_000, time, ['start-mse']],
      [2_300, mseFrame, []],
    ])
    tellOf([...playing, [1_550, silence, ['restart-ice', 'start-mse']], [1_900, flow, ['stop-mse']]])
  })

  it('rule 23: gives who comes to prefer it smooth HLS, behind WebRTC and then instead of it, for MSE at once', () => {
    const smooth: Report = { kind: 'prefer', prefer: 'smooth' }
    tellOf([
      ...playing,
      [1_000, smooth, ['start-hls']],
      [1_200, flow, []],
      [1_900, hlsFrame, ['stop-webrtc']],
      [60_000, time, []],
      [61_000, { kind: 'prefer', prefer: 'auto' }, ['start-webrtc']],
    ])
    tellOf([...playing, [1_000, smooth, ['start-hls']], [1_500, { kind: 'prefer', prefer: 'auto' }, ['stop-hls']]])
    tellOf([...onMse, [5_100, smooth, ['stop-mse', 'start-hls']], [5_900, hlsFrame, []], [90_000, time, []]])
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
      [7_000, hlsFrame, []],
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
    expect(isHopeless(tellOf([...rows, [3, { kind: 'http:failed', via: 'hls', why: 'browser' }, ['stop-hls']]]))).toBe(
      true,
    )
  })
})
