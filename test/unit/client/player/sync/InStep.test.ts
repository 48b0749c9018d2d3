import { beforeEach, describe, expect, it } from 'vitest'
import { Wish } from '../../../../../client/player/quality/Wish.ts'
import { InStep, type InStepOptions } from '../../../../../client/player/sync/InStep.ts'
import { ManualClock } from '../../../../helpers/packager/ManualClock.ts'

let clock: ManualClock
let wish: Wish
let asked: (number | null)[]
let answer: () => Promise<{ delay: number | null }>
let notice: (delay: number | null) => void
let least: number | null
let player: { least: () => number | null } | null
let inStep: InStep

beforeEach(() => {
  clock = new ManualClock()
  wish = new Wish()
  asked = []
  answer = async () => ({ delay: 1_800 })
  least = 0.1
  player = { least: () => least }
  const session = {
    request: (_name: string, params: { least: number | null }) => {
      asked.push(params.least)
      return answer()
    },
    on: (_name: string, listener: typeof notice) => {
      notice = listener
      return () => {
        notice = () => {}
      }
    },
  }
  const playback = {
    get player() {
      return player
    },
  }
  inStep = InStep.create({ session: session as unknown as InStepOptions['session'], playback, wish, clock })
})

/** Lets time pass and answers come. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advanceTo(clock.now() + 1_000)
    await Promise.resolve()
  }
}

describe('InStep', () => {
  it('tells what the player could hold, and wishes for what was agreed', async () => {
    await pass(1)
    expect([asked, wish.delay]).toEqual([[100], 1.8])
    notice(2_000)
    expect(wish.delay).toBe(2)
    notice(null)
    expect(wish.delay).toBeNull()
  })

  it('tells the worst of the last ten seconds, at once when it is worse, and every ten seconds', async () => {
    least = 0.4
    await pass(1)
    least = 0.12
    await pass(9)
    expect(asked).toEqual([100, 400])
    await pass(2)
    expect(asked).toEqual([100, 400, 120])
    await pass(10)
    expect(asked).toEqual([100, 400, 120, 120])
  })

  it('begins to count anew with another player', async () => {
    least = 1.5
    await pass(2)
    player = { least: () => 0.1 }
    await pass(1)
    expect(asked).toEqual([100, 1_500, 100])
  })

  it('waits until something is known', async () => {
    least = null
    player = { least: () => least }
    await pass(5)
    player = null
    await pass(5)
    expect(asked).toEqual([100])
  })

  it('keeps its delay while there is no connection, and tells again when there is one', async () => {
    await pass(1)
    answer = () => Promise.reject(new Error('no connection'))
    await pass(10)
    expect(wish.delay).toBe(1.8)
    answer = async () => ({ delay: 900 })
    await pass(11)
    expect(wish.delay).toBe(0.9)
  })

  it('leaves the others when closed, and wishes for nothing', async () => {
    await pass(1)
    answer = async () => ({ delay: null })
    inStep.close()
    inStep.close()
    await pass(1)
    notice(3_000)
    expect([asked, wish.delay, clock.timers]).toEqual([[100, null], null, 0])
  })

  it('is not steered by an answer that comes after it was closed', async () => {
    inStep.close()
    await pass(1)
    expect(wish.delay).toBeNull()
  })
})
