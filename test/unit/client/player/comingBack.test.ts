import { describe, expect, it } from 'vitest'
import { frontOf, step } from '../../../../client/player/fallbackPolicy.ts'
import type { PolicyState, Report } from '../../../../client/player/policyState.ts'
import {
  failed,
  flow,
  frame,
  hlsFrame,
  linked,
  live,
  mseFlow,
  mseFrame,
  playing,
  quiet,
  type Row,
  silence,
  stuck,
  tell,
  time,
} from '../../../helpers/policyStory.ts'

const tellOf = (rows: readonly Row[]) => tell(rows, 'auto', true)
const shown: Report = { kind: 'page', hidden: false }
const hidden: Report = { kind: 'page', hidden: true }
const seats = (webrtc: boolean, mse = true): Report => ({ kind: 'seats', seats: { webrtc, mse } })

/** WebRTC failed, and MSE shows. */
const onMse: readonly Row[] = [
  ...playing,
  [600, failed('connection'), ['stop-webrtc', 'start-mse']],
  [1_000, mseFrame, []],
]

/** Times of the attempts at WebRTC within a time, if each comes to nothing by itself. */
function attemptsUntil(end: number, before: PolicyState, from: number): number[] {
  const times: number[] = []
  let [state, at] = [before, from]
  while (at < end) {
    const { state: next, actions, wakeAt } = step(state, time, at)
    if (actions.includes('start-webrtc')) times.push(at)
    state = next
    if (wakeAt === null) break
    at = wakeAt
  }
  return times
}

describe('fallbackPolicy while HTTP shows', () => {
  it('rule 15: tries WebRTC after 2 s, for 8 s, and then ever more slowly', () => {
    tellOf([...onMse, [2_999, mseFlow, []], [3_000, time, ['start-webrtc']], [11_000, time, ['stop-webrtc']]])
    const attempts = attemptsUntil(420_000, tellOf(onMse), 1_000)
    const pauses = attempts.map((at, index) => at - (attempts[index - 1] ?? -7_000) - 8_000)
    expect(pauses).toEqual([2_000, 3_000, 4_000, 6_000, 10_000, 20_000, 40_000, 80_000, 80_000, 80_000])
  })

  it('rule 15: tries it for each viewer at other times', () => {
    const early = { ...tellOf(onMse.slice(0, -1)), back: { ...tellOf(onMse).back, spread: 0 } }
    const late = { ...early, back: { ...early.back, spread: 1 } }
    const first = [early, late].map((state) => attemptsUntil(60_000, step(state, mseFrame, 1_000).state, 1_000)[0])
    expect(first).toEqual([2_200, 3_800])
  })

  it('rule 15: tries nothing in a hidden page or while the broadcaster does not send, and at once when that is over', () => {
    tellOf([...onMse, [1_500, hidden, []], [60_000, mseFlow, []], [61_000, shown, ['start-webrtc']]])
    tellOf([...onMse, [1_500, quiet, []], [60_000, mseFlow, []], [61_000, live, ['start-webrtc']]])
  })

  it('rule 15: tries again at once when the far end of a silent WebRTC is gone, or its codec is another', () => {
    tellOf([
      ...playing,
      [1_550, silence, ['restart-ice', 'start-mse']],
      [1_900, mseFrame, []],
      [5_000, { kind: 'webrtc:gone' }, ['start-webrtc']],
    ])
    tellOf([
      [0, live, ['start-webrtc']],
      [100, failed('codec'), ['stop-webrtc', 'start-mse']],
      [400, mseFrame, []],
      [60_000, time, []],
      [60_001, { kind: 'producers' }, ['start-webrtc']],
    ])
  })

  it('rule 16: gives the picture back to WebRTC when it has brought frames for a second without a break', () => {
    const probing: readonly Row[] = [...onMse, [3_000, time, ['start-webrtc']], [3_200, linked, []], [3_400, frame, []]]
    tellOf([...probing, [4_399, flow, []], [4_400, flow, ['stop-mse']]])
    tellOf([...probing, [3_900, stuck, []], [4_400, flow, []], [4_899, flow, []], [4_900, flow, ['stop-mse']]])
    expect(frontOf(tellOf([...probing, [4_399, flow, []]]))).toBe('mse')
    expect(frontOf(tellOf([...probing, [4_400, flow, ['stop-mse']]]))).toBe('webrtc')
  })

  it('rule 16: takes a WebRTC that was silent and is not any more for as good as a new one', () => {
    tellOf([
      ...playing,
      [1_550, silence, ['restart-ice', 'start-mse']],
      [1_900, mseFrame, []],
      [9_000, flow, []],
      [9_250, flow, []],
      [10_000, flow, ['stop-mse']],
    ])
  })

  it('rule 16: does not hold against a network what it lost while it was dead', () => {
    const dead: readonly Row[] = [
      [0, { kind: 'page', hidden: false }, []],
      ...playing,
      [1_550, silence, ['restart-ice', 'start-mse']],
      [1_900, mseFrame, []],
      [5_000, { ...flow, lost: 300, expected: 400 }, []],
      [6_000, flow, ['stop-mse']],
    ]
    const looks = Array.from({ length: 40 }, (_, index): Row => [6_250 + index * 250, flow, []])
    expect(frontOf(tellOf([...dead, ...looks]))).toBe('webrtc')
  })

  it('rule 16: does not hold against WebRTC that it stood behind the picture for which it was told to wait', () => {
    const looks = (from: number, count: number, report: Report): Row[] =>
      Array.from({ length: count }, (_, index) => [from + index * 250, report, []])
    tellOf([
      ...onMse,
      [3_000, time, ['start-webrtc']],
      [3_400, frame, []],
      ...looks(3_500, 15, stuck),
      ...looks(7_250, 3, flow),
      [8_000, flow, ['stop-mse']],
      ...looks(8_250, 40, flow),
    ])
  })

  it('rule 16: doubts a WebRTC that falls silent during the proof', () => {
    tellOf([
      ...onMse,
      [3_000, time, ['start-webrtc']],
      [3_400, frame, []],
      [3_650, flow, []],
      [4_650, silence, ['restart-ice']],
    ])
  })

  it('rule 17: lets a WebRTC that did not last a minute wait 15 s, and 30 s the next time', () => {
    const again = (fell: number): readonly Row[] => [
      [fell, failed('connection'), ['stop-webrtc', 'start-mse']],
      [fell + 300, mseFrame, []],
    ]
    const back = (at: number): readonly Row[] => [
      [at, time, ['start-webrtc']],
      [at + 300, mseFlow, []],
      [at + 400, frame, []],
      [at + 1_400, flow, ['stop-mse']],
    ]
    const once: readonly Row[] = [...onMse, ...back(3_000), ...again(20_000), [35_299, mseFlow, []]]
    const twice: readonly Row[] = [...once, ...back(35_300), ...again(40_000), [70_299, mseFlow, []]]
    tellOf([...twice, ...back(70_300), ...again(140_000), [142_299, mseFlow, []], [142_300, time, ['start-webrtc']]])
  })

  it('rule 19: tries MSE behind HLS a minute after it failed, and puts it in the place of HLS', () => {
    const onHls: readonly Row[] = [
      [0, live, ['start-webrtc']],
      [100, failed('browser'), ['stop-webrtc', 'start-mse']],
      [200, { kind: 'http:failed', via: 'mse', why: 'connection' }, ['stop-mse', 'start-hls']],
      [900, hlsFrame, []],
      [60_199, time, []],
      [60_200, time, ['start-mse']],
    ]
    const risen = tellOf([...onHls, [60_500, mseFrame, ['stop-hls']]])
    expect(frontOf(risen)).toBe('mse')
    // The next time it has to wait for two minutes.
    tellOf([...onHls, [64_200, time, ['stop-mse']], [184_199, time, []], [184_200, time, ['start-mse']]])
  })

  it('rule 19: begins with HLS, and has MSE rise behind it, where MSE is known not to get through', () => {
    const findings = { webrtc: null, mse: 'blocked' } as const
    let state: PolicyState = { ...tellOf([[0, seats(false), []]]), findings }
    const actions = [live, hlsFrame, time].map((report, index) => {
      const answer = step(state, report, index * 5_000)
      state = answer.state
      return answer.actions
    })
    expect(actions).toEqual([['start-hls'], ['start-mse'], ['stop-mse']])
  })

  it('rule 20: makes no attempt without a seat, and one at once when the seat comes', () => {
    tellOf([
      [0, seats(false), []],
      [0, live, ['start-mse']],
      [300, mseFrame, []],
      [600_000, mseFlow, []],
      [600_001, seats(true), ['start-webrtc']],
      [600_400, frame, []],
      [601_400, flow, ['stop-mse']],
    ])
    tellOf([
      [0, seats(false, false), []],
      [0, live, ['start-hls']],
      [900, hlsFrame, []],
      [600_000, time, []],
      [600_001, seats(false), ['start-mse']],
    ])
  })

  it('rule 20: keeps a WebRTC that has its seat, and takes an attempt that was refused one for no failure', () => {
    tellOf([...playing, [600, seats(false), []], [800, flow, []]])
    tellOf([
      [0, live, ['start-webrtc']],
      [100, failed('seat'), ['stop-webrtc', 'start-mse']],
      [101, seats(false), []],
      [400, mseFrame, []],
      [120_000, time, []],
    ])
  })

  it('rule 20: tries all the same where there is no HTTP delivery', () => {
    tellOf([
      [0, seats(false), []],
      [0, { ...live, http: false }, ['start-webrtc']],
    ])
  })

  it('rule 21: asks for a new path on another network, or tries WebRTC behind HTTP, at once', () => {
    tellOf([...playing, [800, { kind: 'network' }, ['restart-ice']], [850, { kind: 'network' }, []], [900, flow, []]])
    tellOf([...onMse, [1_100, { kind: 'network' }, ['start-webrtc']]])
    const forgetful = tellOf([...onMse, [1_100, { kind: 'network' }, ['start-webrtc']]])
    expect(forgetful.findings).toEqual({ webrtc: null, mse: null })
  })

  it('rule 21: notes what a network let through and what not, once something did', () => {
    expect(tellOf(onMse).findings).toEqual({ webrtc: 'works', mse: 'works' })
    const blocked = tellOf([
      [0, live, ['start-webrtc']],
      [2_000, time, ['start-mse']],
      [2_300, mseFrame, []],
      [8_000, time, ['stop-webrtc']],
    ])
    expect(blocked.findings).toEqual({ webrtc: 'blocked', mse: 'works' })
  })

  it('rule 22: doubts WebRTC at once when the machine has slept, and takes it back when frames come', () => {
    const slept: readonly Row[] = [...playing, [60_000, { kind: 'wake' }, ['restart-ice', 'start-mse']]]
    tellOf([...slept, [60_250, flow, ['stop-mse']]])
    tellOf([...slept, [60_400, mseFrame, []], [60_500, { kind: 'webrtc:gone' }, ['start-webrtc']]])
    tellOf([...onMse, [1_200, { kind: 'wake' }, ['start-webrtc']]])
  })
})
