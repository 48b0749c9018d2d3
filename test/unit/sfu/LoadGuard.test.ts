import { describe, expect, it } from 'vitest'
import { LoadGuard } from '../../../server/sfu/LoadGuard.ts'

/** Seconds of this load each; whether there was room after each of them. */
function room(limit: number, loads: readonly number[]): boolean[] {
  const guard = new LoadGuard(limit)
  let cpu = 0
  guard.saw({ cpu, at: 0 })
  return loads.map((load, second) => {
    cpu += load * 1000
    guard.saw({ cpu, at: (second + 1) * 1000 })
    return guard.hasRoom
  })
}

describe('the guard of a busy worker', () => {
  it('lets viewers in until the load of two seconds reaches the limit', () => {
    expect(room(0.8, [0.1, 0.5, 0.79, 0.79, 0.81])).toEqual([true, true, true, true, false])
  })

  it('makes nothing of a single busy second', () => {
    expect(room(0.8, [0.2, 1, 0.2, 1, 0.2])).toEqual([true, true, true, true, true])
  })

  it('lets them in again only when it has eased, so that it does not flap', () => {
    expect(room(0.8, [0.9, 0.9, 0.75, 0.75, 0.79, 0.6, 0.6])).toEqual([true, false, false, false, false, false, true])
  })

  it('judges nothing before it has looked three times, nor when no time has passed', () => {
    const guard = new LoadGuard(0.5)
    for (const cpu of [0, 5000, 9000]) guard.saw({ cpu, at: 0 })
    expect([guard.load, guard.hasRoom]).toEqual([null, true])
  })
})
