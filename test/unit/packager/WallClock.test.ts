import { describe, expect, it } from 'vitest'
import { WallClock } from '../../../server/packager/WallClock.ts'

const EPOCH = 1_767_225_600_000

/** Frames every 20 ms of media time whose true instant is `EPOCH + media × rate`. */
function play(
  clock: WallClock,
  from: number,
  to: number,
  rate: number,
  late: (media: number) => number = () => 0,
): void {
  for (let media = from; media < to; media += 20) clock.observe(media, EPOCH + media * rate + late(media))
}

describe('WallClock', () => {
  it('is late by nothing once sender reports come, however noisy the references before them were', () => {
    const clock = new WallClock()
    play(clock, 0, 800, 1, (media) => 60 + ((media * 7) % 40))
    expect(clock.settled).toBe(false)
    play(clock, 800, 1000, 1)
    expect(clock.settled).toBe(true)
    expect(clock.wallAt(1000)).toBe(EPOCH + 1000)
  })

  it.each([1.0002, 0.9998])(
    'follows a source at %d times the right speed for an hour within 6 ms, never slewing faster than 1 ms/s',
    (rate) => {
      const clock = new WallClock()
      let worst = 0
      let steepest = 0
      let before: number | null = null
      for (let media = 0; media < 3_600_000; media += 1000) {
        play(clock, media, media + 1000, rate, (time) => ((time * 13) % 3) - 1)
        const at = clock.wallAt(media + 1000)
        if (media > 1000) worst = Math.max(worst, Math.abs(at - (EPOCH + (media + 1000) * rate)))
        if (before !== null) steepest = Math.max(steepest, Math.abs(at - before - 1000))
        before = at
      }
      expect(worst).toBeLessThan(6)
      expect(steepest).toBeLessThanOrEqual(1.001)
    },
  )

  it('never steps: a sender report that moves everything by 40 ms takes 40 s to arrive', () => {
    const clock = new WallClock()
    play(clock, 0, 2000, 1)
    const start = clock.wallAt(2000)
    for (let media = 2000; media < 60_000; media += 1000) {
      play(clock, media, media + 1000, 1, () => -40)
      clock.wallAt(media)
    }
    expect(clock.wallAt(12_000) - start).toBeGreaterThan(9989)
    expect(clock.wallAt(12_000) - start).toBeLessThan(9992)
    expect(clock.wallAt(59_000)).toBeLessThan(EPOCH + 59_000 - 37)
  })

  it.each([500, -500])(
    'steps by %d ms at once where that is allowed and reports say so, and changes no answer',
    (by) => {
      const clock = new WallClock({ leaps: true })
      play(clock, 0, 2000, 1)
      const answer = clock.wallAt(1990)
      play(clock, 2000, 4000, 1, () => by)
      expect(clock.wallAt(4000)).toBe(EPOCH + 4000 + by)
      expect(clock.wallAt(1990)).toBe(answer)
    },
  )

  it('does not step for what sender reports do not agree on, nor for less than 100 ms', () => {
    const clock = new WallClock({ leaps: true })
    play(clock, 0, 2000, 1)
    clock.wallAt(2000)
    play(clock, 2000, 4000, 1, (media) => 300 + ((media * 7) % 40))
    expect(clock.wallAt(4000)).toBe(EPOCH + 4000)
    play(clock, 4000, 6000, 1, () => 95)
    expect(clock.wallAt(6000)).toBe(EPOCH + 6000)
  })

  it('gives one answer for one media time, whatever it learnt meanwhile', () => {
    const clock = new WallClock()
    play(clock, 0, 2000, 1)
    const answer = clock.wallAt(1990)
    play(clock, 2000, 4000, 1, () => -500)
    clock.wallAt(4000)
    expect(clock.wallAt(1990)).toBe(answer)
  })

  it('refuses to answer before the first reference', () => {
    expect(() => new WallClock().wallAt(0)).toThrow(RangeError)
    expect(new WallClock().peek(0)).toBeNull()
  })
})
