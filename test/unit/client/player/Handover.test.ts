import { describe, expect, it } from 'vitest'
import { NO_FIGURES } from '../../../../client/player/figures.ts'
import { Handover } from '../../../../client/player/Handover.ts'
import type { Player } from '../../../../client/player/Player.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

/** A player so many milliseconds behind a server's clock that is the test's; one of WebRTC can be steered. */
class FakePlayer implements Player {
  readonly video = null as unknown as HTMLVideoElement
  readonly ladder = []
  readonly steered: (number | null)[] = []
  readonly steer?: (behind: number | null) => void

  readonly transport: 'webrtc' | 'mse'
  behind: number
  readonly #clock: ManualClock

  constructor(transport: 'webrtc' | 'mse', clock: ManualClock, behind: number) {
    this.transport = transport
    this.#clock = clock
    this.behind = behind
    if (transport === 'webrtc') this.steer = (behind) => this.steered.push(behind)
  }

  on = () => () => {}
  latency = () => this.behind / 1000
  least = () => null
  capturedAt = () => this.#clock.now() - this.behind
  figures = async () => NO_FIGURES
  close = () => {}
}

function stage(formerBehind: number, nextBehind: number, isMoving = true) {
  const clock = new ManualClock()
  const former = new FakePlayer('mse', clock, formerBehind)
  const next = new FakePlayer('webrtc', clock, nextBehind)
  const gaps: (number | null)[] = []
  const handover = Handover.create({ former, next, isMoving, clock, onReady: (gap) => gaps.push(gap) })
  return { clock, former, next, gaps, handover }
}

describe('a change of the picture', () => {
  it('waits until WebRTC is as far behind as the other one, and then lets it go', () => {
    const { clock, next, gaps } = stage(500, 100)
    expect([gaps, next.steered]).toEqual([[], [0.5]])
    clock.advanceTo(clock.now() + 400)
    expect(gaps).toEqual([])
    next.behind = 470
    clock.advanceTo(clock.now() + 40)
    expect([gaps, next.steered]).toEqual([[30], [0.5, null]])
    clock.advanceTo(clock.now() + 9_000)
    expect(gaps).toEqual([30])
  })

  it('follows who catches up meanwhile', () => {
    const { clock, former, next, gaps } = stage(1_500, 100)
    for (const behind of [1_495, 1_490, 1_450]) {
      former.behind = behind
      clock.advanceTo(clock.now() + 40)
    }
    expect([gaps, next.steered]).toEqual([[], [1.5, 1.49, 1.45]])
    next.behind = 1_440
    clock.advanceTo(clock.now() + 40)
    expect(gaps).toEqual([10])
  })

  it('waits for 2.5 s at most, and tells what is missed', () => {
    const { clock, gaps } = stage(500, 100)
    clock.advanceTo(clock.now() + 2_480)
    expect(gaps).toEqual([])
    clock.advanceTo(clock.now() + 40)
    expect(gaps).toEqual([400])
  })

  it('is done at once where nothing moves, nothing was seen, or the other one is too far behind', () => {
    expect(stage(500, 100, false).gaps).toEqual([400])
    expect(stage(9_000, 100).gaps).toEqual([8_900])
    const clock = new ManualClock()
    const gaps: (number | null)[] = []
    const next = new FakePlayer('mse', clock, 500)
    Handover.create({ former: null, next, isMoving: false, clock, onReady: (gap) => gaps.push(gap) })
    expect(gaps).toEqual([null])
  })

  it('is done when what was seen has come to a halt', () => {
    const { clock, former, gaps } = stage(500, 100)
    clock.advanceTo(clock.now() + 200)
    const stood = clock.now() - 500
    former.capturedAt = () => stood
    clock.advanceTo(clock.now() + 360)
    expect(gaps).toEqual([])
    clock.advanceTo(clock.now() + 80)
    expect(gaps.length).toBe(1)
  })

  it('never is, once it was called off', () => {
    const { clock, next, gaps, handover } = stage(500, 100)
    handover.close()
    next.behind = 500
    clock.advanceTo(clock.now() + 9_000)
    expect([gaps, next.steered.at(-1)]).toEqual([[], null])
  })
})
