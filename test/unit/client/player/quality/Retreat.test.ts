import { describe, expect, it } from 'vitest'
import { Retreat } from '../../../../../client/player/quality/Retreat.ts'

/** A page's looks come four times a second, of a hundred packets a second. */
const EVERY_MS = 250
const PACKETS = 25

function line() {
  const retreat = new Retreat()
  let now = 0
  return {
    /** Lets time pass in which a share of the packets is lost, and tells after how long the decision changed. */
    lose(share: number, milliseconds: number): number | null {
      const [begun, before] = [now, retreat.isBack]
      let changed: number | null = null
      for (const end = now + milliseconds; now < end; ) {
        now += EVERY_MS
        retreat.note({ at: now, lost: PACKETS * share, expected: PACKETS })
        if (retreat.isBack !== before) changed ??= now - begun
      }
      return changed
    },
    retreat,
  }
}

describe('a retreat to the lowest layer', () => {
  it('comes within a second where most of what is sent gets lost', () => {
    const { lose, retreat } = line()
    lose(0, 5_000)
    expect(lose(0.8, 2_000)).toBeLessThanOrEqual(750)
    expect(retreat.isBack).toBe(true)
  })

  it('is not for what no layer mends, nor for a line that tells nothing', () => {
    const { lose, retreat } = line()
    expect(lose(0.15, 60_000)).toBeNull()
    const quiet = new Retreat()
    for (let at = 0; at < 60_000; at += EVERY_MS) quiet.note({ at, lost: 1, expected: 1 })
    expect([retreat.isBack, quiet.isBack]).toEqual([false, false])
  })

  it('ends after ten good seconds, and later each time that it was needed again', () => {
    const { lose } = line()
    const pauses = [1, 2, 3, 4, 5, 6].map(() => {
      lose(0.8, 1_000)
      return lose(0, 320_000)
    })
    // What was lost takes a second to leave the window; whoever was well for five minutes begins anew.
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(10_000)
    for (const pause of pauses) expect(pause).toBeLessThanOrEqual(11_500)
    const { lose: again } = line()
    again(0.8, 1_000)
    const growing = [1, 2, 3, 4, 5, 6].map(() => {
      const pause = again(0, 125_000)
      again(0.8, 1_000)
      return 10 * Math.floor((pause ?? 0) / 10_000)
    })
    expect(growing).toEqual([10, 20, 40, 80, 120, 120])
  })
})
