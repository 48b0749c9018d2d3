import { describe, expect, it } from 'vitest'
import { estimateOffset, ServerClock } from '../../../../client/signaling/ServerClock.ts'

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
    expect(estimateOffset(samples)).toBe(1_000)
  })

  it('knows nothing without samples', () => {
    expect(estimateOffset([])).toBeNull()
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
