import { beforeEach, describe, expect, it } from 'vitest'
import { JitterTarget } from '../../../../client/player/JitterTarget.ts'
import { Wish } from '../../../../client/player/quality/Wish.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

/**
 * A receiver as Chromium's is: 40 ms of path and screen, never less than 90 ms held, 15 ms less held than was asked for;
 * what is measured is one look old and up to 20 ms wrong in either direction.
 */
class FakeReceiver {
  jitterBufferTarget: number | null = null
  looks = 0
  get latency(): number {
    return 0.04 + Math.max(0.09, (this.jitterBufferTarget ?? 0) / 1000 - 0.015)
  }
  get measured(): number {
    return this.latency + ((this.looks++ * 7) % 5) * 0.01 - 0.02
  }
}

let clock: ManualClock
let wish: Wish
let receiver: FakeReceiver
let target: JitterTarget

beforeEach(() => {
  clock = new ManualClock()
  wish = new Wish()
  receiver = new FakeReceiver()
  target = new JitterTarget(wish, clock)
  target.add(receiver as unknown as RTCRtpReceiver)
})

/** Looks four times a second; what was really shown at each. */
function play(seconds: number): number[] {
  return Array.from({ length: seconds * 4 }, () => {
    target.measured(receiver.measured)
    clock.advanceTo(clock.now() + 250)
    return receiver.latency
  })
}
const largestStep = (latencies: number[]) =>
  Math.max(...latencies.slice(1).map((latency, index) => Math.abs(latency - (latencies[index] ?? 0))))

describe('JitterTarget', () => {
  it('asks for nothing while nothing is wished for', () => {
    play(10)
    expect([receiver.jitterBufferTarget, clock.timers]).toEqual([null, 0])
  })

  it('brings a picture that is watched to the delay that is wished for, and keeps it there', () => {
    wish.delay = 1.8
    play(30)
    for (const latency of play(20)) expect(Math.abs(latency - 1.8)).toBeLessThan(0.015)
  })

  it('moves it by a tenth of a second a second at most, and back to the least in the same way', () => {
    wish.delay = 1.8
    expect(largestStep(play(30))).toBeLessThanOrEqual(0.026)
    wish.delay = null
    expect(largestStep(play(30))).toBeLessThanOrEqual(0.041)
    expect([receiver.jitterBufferTarget, receiver.latency, clock.timers]).toEqual([null, 0.13, 0])
  })

  it('asks for no more than browsers take, and for no less than nothing', () => {
    wish.delay = 9
    play(60)
    expect(receiver.jitterBufferTarget).toBe(4_000)
    wish.delay = 0.01
    play(60)
    expect(receiver.jitterBufferTarget).toBe(0)
  })

  it('goes at once where a change of transport needs it, and then on to what is wished for', () => {
    wish.delay = 1.8
    play(30)
    target.aimAt(1)
    play(3)
    expect(receiver.latency).toBeCloseTo(1, 1)
    target.aimAt(null)
    play(20)
    expect(receiver.latency).toBeCloseTo(1.8, 1)
  })

  it('follows the wish again when it eases back from a change of transport', () => {
    target.aimAt(1.2)
    play(3)
    target.aimAt(null)
    play(2)
    wish.delay = 1.1
    play(10)
    expect([receiver.latency, clock.timers]).toEqual([expect.closeTo(1.1, 1), 0])
    target.close()
  })
})
