import { beforeEach, describe, expect, it } from 'vitest'
import { HttpSessions } from '../../../server/broadcast/HttpSessions.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'

let clock: ManualClock
let changes: number
let sessions: HttpSessions

beforeEach(() => {
  clock = new ManualClock()
  changes = 0
  sessions = new HttpSessions({ max: 3, clock, onChanged: () => changes++ })
})

describe('HttpSessions', () => {
  it('count a player until three target durations passed without a request', () => {
    sessions.saw('a')
    clock.advanceTo(START + 5_000)
    sessions.saw('a')
    clock.advanceTo(START + 13_000)
    expect([sessions.size, changes]).toEqual([1, 1])
    clock.advanceTo(START + 15_000)
    expect([sessions.size, changes, clock.timers]).toEqual([0, 2, 0])
  })

  it('count a player whose request is held for as long as that takes', () => {
    sessions.saw('a', 9_000)
    clock.advanceTo(START + 17_000)
    expect(sessions.size).toBe(1)
    clock.advanceTo(START + 19_000)
    expect(sessions.size).toBe(0)
  })

  it('do not wait for a request that was given up', () => {
    sessions.saw('a', 9_000)
    sessions.saw('a')
    clock.advanceTo(START + 10_000)
    expect(sessions.size).toBe(0)
  })

  it('are not counted past their bound, though those that are go on', () => {
    for (const name of ['a', 'b', 'c', 'd']) sessions.saw(name)
    expect(sessions.size).toBe(3)
    clock.advanceTo(START + 8_000)
    sessions.saw('a')
    clock.advanceTo(START + 11_000)
    sessions.saw('d')
    expect(sessions.size).toBe(2)
  })

  it('leave no timer behind when closed', () => {
    sessions.saw('a')
    sessions.close()
    expect([sessions.size, clock.timers]).toEqual([0, 0])
  })
})
