import { describe, expect, it } from 'vitest'
import { frontOf } from '../../../../client/player/fallbackPolicy.ts'
import type { Flow, Prefer, Report } from '../../../../client/player/policyState.ts'
import { isPoor, type Look, withLook } from '../../../../client/player/webRtcQuality.ts'
import {
  flow,
  frame,
  live,
  mseFlow,
  mseFrame,
  playing,
  type Row,
  stuck,
  tell,
  time,
} from '../../../helpers/policyStory.ts'

/** A look every 250 ms from the first moment to the last, both included. */
function looks(from: number, to: number, report: (index: number) => Report = () => flow): Row[] {
  return Array.from({ length: (to - from) / 250 + 1 }, (_, index) => [from + index * 250, report(index), []])
}
const losing = (share: number): Flow & { kind: 'webrtc:flow' } => ({ ...flow, lost: share * 100, expected: 100 })

function told(rows: readonly Row[], prefer: Prefer = 'auto') {
  return tell(rows, prefer, true)
}

describe('fallbackPolicy on a bad network', () => {
  it('rule 18: stays with WebRTC while a tenth is lost and frames come', () => {
    expect(frontOf(told([...playing, ...looks(800, 60_050, () => losing(0.1))]))).toBe('webrtc')
  })

  it('rule 18: goes to HTTP when three in ten have been lost for 6 s, and stops what is of no use', () => {
    const lossy = looks(550, 6_300, () => losing(0.3))
    const fallen: readonly Row[] = [...playing.slice(0, -1), ...lossy, [6_550, losing(0.3), ['start-mse']]]
    told([...fallen, [6_800, losing(0.3), []], [6_900, mseFrame, ['stop-webrtc']]])
  })

  it('rule 18: stays with WebRTC on a thin line, where much is lost until a lower layer is found', () => {
    const thin = (index: number) => losing(index < 18 ? 0.7 : 0.02)
    expect(frontOf(told([...playing.slice(0, -1), ...looks(550, 30_050, thin)]))).toBe('webrtc')
  })

  it('rule 18: bears that for those who prefer real time', () => {
    expect(frontOf(told([...playing, ...looks(800, 60_050, () => losing(0.3))], 'realtime'))).toBe('webrtc')
  })

  it('rule 18: goes to HTTP when packets made no frame for 3 s, and takes it back when two seconds were clean', () => {
    const frozen: readonly Row[] = [...playing, ...looks(800, 3_300, () => stuck), [3_550, stuck, ['start-mse']]]
    told([...frozen, [3_900, mseFrame, ['stop-webrtc']]])
    told([...frozen, ...looks(3_800, 5_550), [5_800, flow, ['stop-mse']]])
  })

  it('rule 18: goes to HTTP when the picture stood for two fifths of the time', () => {
    const stutter = (index: number) => (index % 5 < 2 ? stuck : flow)
    told([...playing.slice(0, -1), ...looks(550, 6_300, stutter), [6_550, stutter(24), ['start-mse']]])
  })

  it('rule 18: takes a still screen, of which packets of sound alone come, for no fault', () => {
    expect(frontOf(told([...playing, ...looks(800, 60_050, () => ({ ...flow, frames: false }))]))).toBe('webrtc')
  })

  it('rule 18: does not judge frames in a hidden page, nor the time before it was seen again', () => {
    told([
      ...playing,
      [600, { kind: 'page', hidden: true }, []],
      ...looks(800, 60_050, () => stuck),
      [60_100, { kind: 'page', hidden: false }, []],
      ...looks(60_300, 63_050, () => stuck),
      [63_100, stuck, ['start-mse']],
    ])
  })

  it('rules 16 and 18: lets a bad WebRTC wait for 20 s and prove itself for 4', () => {
    told([
      ...playing,
      ...looks(800, 3_300, () => stuck),
      [3_550, stuck, ['start-mse']],
      [4_000, mseFrame, ['stop-webrtc']],
      [23_999, mseFlow, []],
      [24_000, time, ['start-webrtc']],
      [24_400, frame, []],
      ...looks(24_650, 28_150),
      [28_400, flow, ['stop-mse']],
    ])
  })

  it('leaves a bad WebRTC alone where there is nothing else', () => {
    told([[0, { ...live, http: false }, ['start-webrtc']], [300, frame, []], ...looks(550, 30_050, () => losing(0.5))])
  })
})

describe('the looks of the last seconds', () => {
  it('are bounded in time and in number', () => {
    let all: readonly Look[] = []
    for (let at = 0; at < 100_000; at += 100) all = withLook(all, { at, isStuck: false, lost: 0, expected: 10 })
    expect(all.length).toBeLessThanOrEqual(40)
    expect((all.at(-1)?.at ?? 0) - (all[0]?.at ?? 0)).toBeLessThanOrEqual(8_000)
  })

  it('tell nothing before they span 6 s', () => {
    const bad = (at: number): Look => ({ at, isStuck: true, lost: 50, expected: 100 })
    expect(isPoor([bad(0), bad(5_900)], 'auto')).toBe(false)
    expect(isPoor([bad(0), bad(6_000)], 'auto')).toBe(true)
    expect(isPoor([], 'auto')).toBe(false)
  })
})
