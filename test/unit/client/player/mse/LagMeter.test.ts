import { beforeEach, describe, expect, it } from 'vitest'
import { LagMeter } from '../../../../../client/player/mse/LagMeter.ts'

/** Whatever the two clocks are apart. */
const APART = 5000
const FRAME = 0.04

let meter: LagMeter
let media: number
beforeEach(() => {
  meter = new LagMeter()
  media = 10
})

/** Frames for so many seconds, each so late. */
function frames(seconds: number, late: (frame: number) => number = () => 0.1): void {
  for (let frame = 0; frame < seconds / FRAME; frame++) {
    media += FRAME
    meter.observe(APART + media + late(frame), media)
  }
}
/** How far behind capture it wants to play. */
const goal = () => (meter.goal ?? Number.NaN) - APART

describe('LagMeter', () => {
  it('knows nothing before anything came', () => {
    expect(meter.goal).toBeNull()
  })

  it('asks for what frames need at the steadiest: their way, one frame, and a little', () => {
    frames(5)
    expect(goal()).toBeCloseTo(0.1 + FRAME + 0.06, 3)
  })

  it('asks for as much as the latest frame needed, and forgets that slowly', () => {
    frames(5, (frame) => (frame === 100 ? 0.4 : 0.1))
    expect(goal()).toBeGreaterThan(0.4)
    frames(20)
    expect(goal()).toBeCloseTo(0.2, 2)
  })

  it('follows a path that has become longer, and one that has become shorter', () => {
    frames(5)
    frames(5, () => 0.5)
    expect(goal()).toBeCloseTo(0.6, 2)
    frames(20)
    expect(goal()).toBeCloseTo(0.2, 2)
  })

  it('builds no buffer for an interruption, and never a large one', () => {
    frames(5)
    meter.observe(APART + media + 20, media + 19.9)
    media += 19.9
    frames(1)
    expect(goal()).toBeLessThan(0.3)
    frames(5, (frame) => (frame % 50 === 0 ? 2.5 : 0.1))
    expect(goal()).toBeLessThan(1.8)
  })

  it('does not take the time of a lost connection for waiting', () => {
    frames(5)
    meter.reset()
    meter.observe(APART + media + 2.1, media + 2)
    expect(goal()).toBeLessThan(0.21)
  })

  it('gives a picture that stood although media was there a little more, and takes it back in time', () => {
    frames(5)
    for (let stall = 0; stall < 3; stall++) meter.stalled()
    expect(goal()).toBeCloseTo(0.38, 2)
    for (let stall = 0; stall < 30; stall++) meter.stalled()
    expect(goal()).toBeLessThan(0.7)
    frames(120)
    expect(goal()).toBeCloseTo(0.2, 2)
  })

  it('takes no notice of media that is there already', () => {
    frames(5)
    meter.observe(APART + media + 3, media)
    meter.observe(APART + media + 3, media - 1)
    expect(goal()).toBeCloseTo(0.2, 2)
  })
})
