import { describe, expect, it } from 'vitest'
import { estimateOffset, ServerClock } from '../../../../client/signaling/ServerClock.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

/** A clock that stands still until it is told to move. */
function standingClock(start: number) {
  const clock = { time: start, now: () => clock.time, after: () => () => {}, every: () => () => {} }
  return clock
}

describe('estimateOffset', () => {
  it('takes the sample with the shortest round trip and the middle of that trip', () => {
    const samples = [
      { sentAt: 0, serverNow: 5_000, receivedAt: 400 },
      { sentAt: 500, serverNow: 1_510, receivedAt: 520 },
      { sentAt: 600, serverNow: 1_700, receivedAt: 700 },
    ]
    expect(estimateOffset(samples, 700)).toBe(1_000)
  })

  it('prefers a shorter trip of a while ago to a long one of now, until clocks may have drifted by more', () => {
    const samples = [
      { sentAt: 0, serverNow: 1_005, receivedAt: 10 },
      { sentAt: 60_000, serverNow: 61_090, receivedAt: 60_100 },
    ]
    expect(estimateOffset(samples, 60_100)).toBe(1_000)
    expect(estimateOffset(samples.slice(1), 60_100)).toBe(1_040)
    const later = samples.map((sample, index) =>
      index === 0 ? sample : { ...sample, sentAt: 600_000, serverNow: 601_040, receivedAt: 600_100 },
    )
    expect(estimateOffset(later, 600_100)).toBe(990)
  })

  it('knows nothing without samples', () => {
    expect(estimateOffset([], 0)).toBeNull()
  })
})

describe('ServerClock', () => {
  it('tells the time of a server that is an hour ahead, over a lopsided network within half a round trip', async () => {
    const clock = standingClock(1_000)
    const ask = async () => {
      clock.time += 2
      const now = clock.time + 3_600_000
      clock.time += 10
      return { now }
    }
    const serverClock = ServerClock.create({ ask, clock })
    expect(serverClock.now()).toBeNull()
    await serverClock.refresh()
    expect(Math.abs((serverClock.now() ?? 0) - (clock.time + 3_600_000))).toBeLessThanOrEqual(6)
    serverClock.close()
  })

  it('keeps what it knew when the server stops answering', async () => {
    const clock = standingClock(0)
    let answers = true
    const ask = () => (answers ? Promise.resolve({ now: 77 }) : Promise.reject(new Error('gone')))
    const serverClock = ServerClock.create({ ask, clock })
    await serverClock.refresh()
    answers = false
    await serverClock.refresh()
    expect(serverClock.now()).toBe(77)
  })

  it('asks again soon after a bad start, and only now and then when it knows enough', async () => {
    const clock = new ManualClock()
    let asked = 0
    let trip = 200
    const ask = async () => {
      asked += 1
      clock.advanceTo(clock.now() + trip)
      return { now: clock.now() + 1_000 }
    }
    const serverClock = ServerClock.create({ ask, clock })
    await serverClock.refresh()
    expect([asked, serverClock.now()]).toEqual([5, clock.now() + 1_100])
    trip = 2
    clock.advanceTo(clock.now() + 3_000)
    await serverClock.refresh()
    expect([asked, serverClock.now()]).toEqual([10, clock.now() + 1_001])
    clock.advanceTo(clock.now() + 50_000)
    await serverClock.refresh()
    expect(asked).toBe(15)
    serverClock.close()
    expect(clock.timers).toBe(0)
  })

  it('believes a server that was started anew, with another clock', async () => {
    const clock = standingClock(0)
    let ahead = 1_000
    const ask = async () => {
      clock.time += 4
      return { now: clock.time + ahead }
    }
    const serverClock = ServerClock.create({ ask, clock })
    await serverClock.refresh()
    ahead = 9_000
    await serverClock.refresh()
    expect(Math.abs((serverClock.now() ?? 0) - clock.time - 9_000)).toBeLessThanOrEqual(4)
    serverClock.close()
  })

  it('asks no more after it was closed', async () => {
    let asked = 0
    const serverClock = ServerClock.create({
      ask: async () => ({ now: ++asked }),
      clock: standingClock(0),
    })
    serverClock.close()
    await serverClock.refresh()
    expect(asked).toBe(0)
  })
})
