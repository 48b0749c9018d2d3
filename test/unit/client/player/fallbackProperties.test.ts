import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frontOf, step } from '../../../../client/player/fallbackPolicy.ts'
import { type Action, initialPolicy, type Report, type Rung } from '../../../../client/player/policyState.ts'
import { failed, flow, frame, live, quiet, silence, stuck, time } from '../../../helpers/policyStory.ts'

/** Everything that may be reported, but for what people choose and what the server has to offer. */
const reports: readonly Report[] = [
  live,
  quiet,
  time,
  frame,
  flow,
  flow,
  silence,
  stuck,
  { ...flow, lost: 40, expected: 100 },
  failed('connection'),
  failed('seat'),
  { kind: 'webrtc:gone' },
  { kind: 'webrtc:linked' },
  { kind: 'producers' },
  { kind: 'wake' },
  { kind: 'page', hidden: true },
  { kind: 'page', hidden: false },
  { kind: 'seats', seats: { webrtc: true, mse: true } },
  { kind: 'seats', seats: { webrtc: false, mse: true } },
  ...(['mse', 'hls'] as const).flatMap((via): Report[] => [
    { kind: 'http:frame', via },
    { kind: 'http:flow', via, frames: true },
    { kind: 'http:flow', via, frames: false },
  ]),
  { kind: 'http:failed', via: 'mse', why: 'connection' },
]

/** Each with the milliseconds since the one before. */
const story = fc.array(fc.tuple(fc.constantFrom(...reports), fc.integer({ min: 0, max: 1_500 })), {
  minLength: 50,
  maxLength: 600,
  size: 'max',
})

/** Tells it, deadlines included; what `look` sees after each step. */
function tell(
  rows: readonly (readonly [Report, number])[],
  look: (at: number, actions: readonly Action[], front: Rung | null) => void,
) {
  let state = initialPolicy('auto', { mse: true, spread: 0 })
  let at = 0
  let wakeAt: number | null = null
  const tellOne = (report: Report) => {
    const answer = step(state, report, at)
    state = answer.state
    wakeAt = answer.wakeAt
    if (wakeAt !== null) expect(wakeAt).toBeGreaterThan(at)
    look(at, answer.actions, frontOf(state))
  }
  tellOne(live)
  for (const [report, pause] of rows) {
    const next = at + pause
    while (wakeAt !== null && wakeAt <= next) {
      at = wakeAt
      tellOne(time)
    }
    at = next
    tellOne(report)
  }
}

describe('fallbackPolicy, whatever is reported', () => {
  it('changes what is seen at most eight times in any minute', () => {
    fc.assert(
      fc.property(story, (rows) => {
        let seen: Rung | null = null
        const changes: number[] = []
        tell(rows, (at, _actions, front) => {
          if (front === null || front === seen) return
          if (seen !== null) changes.push(at)
          seen = front
        })
        for (const [index, at] of changes.entries()) {
          expect((changes[index + 8] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThan(60_000)
        }
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('starts what is stopped, stops what is started, and shows nothing that is not started', () => {
    fc.assert(
      fc.property(story, (rows) => {
        const running = new Set<string>()
        tell(rows, (_at, actions, front) => {
          for (const action of actions) {
            const [verb, rung = ''] = action.split('-')
            if (verb === 'stop') expect(running.delete(rung)).toBe(true)
            // A new attempt at WebRTC replaces the one before.
            if (verb === 'start' && rung !== 'webrtc') expect(running.has(rung)).toBe(false)
            if (verb === 'start') running.add(rung)
          }
          if (front !== null) expect(running.has(front)).toBe(true)
        })
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('has WebRTC back within half a minute of a network that lets everything through, after whatever there was', () => {
    fc.assert(
      fc.property(story, (rows) => {
        let state = initialPolicy('auto', { mse: true, spread: 1 })
        let at = 0
        for (const [report, pause] of [[live, 0] as const, ...rows]) {
          at += pause
          state = step(state, report, at).state
        }
        const healed: Report[] = [
          live,
          { kind: 'seats', seats: { webrtc: true, mse: true } },
          { kind: 'page', hidden: false },
        ]
        for (const report of healed) state = step(state, report, at).state
        at += 10_000
        state = step(state, { kind: 'network' }, at).state
        for (const end = at + 30_000; at < end && frontOf(state) !== 'webrtc'; at += 250) {
          const { lane } = state
          const others: Report[] = lane.phase === 'off' ? [] : [{ kind: 'http:flow', via: lane.via, frames: true }]
          for (const report of [frame, flow, time, ...others]) state = step(state, report, at).state
        }
        expect(frontOf(state)).toBe('webrtc')
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})
