import { describe, expect, it } from 'vitest'
import { TranscodeSlots } from '../../../server/tap/TranscodeSlots.ts'

const facts = ({ running, waiting, refused }: TranscodeSlots) => ({ running, waiting, refused })
const never = () => {
  throw new Error('granted to who did not wait')
}

describe('TranscodeSlots', () => {
  it('gives out as many as there are, and the next free ones in turn', () => {
    const slots = new TranscodeSlots(1)
    const granted: string[] = []
    const first = slots.claim(never)
    const second = slots.claim(() => granted.push('second'))
    const third = slots.claim(() => granted.push('third'))
    expect([first.held, second.held, third.held]).toEqual([true, false, false])
    expect(facts(slots)).toEqual({ running: 1, waiting: 2, refused: 2 })
    first.release()
    expect({ granted, held: [first.held, second.held, third.held] }).toEqual({
      granted: ['second'],
      held: [false, true, false],
    })
    second.release()
    expect(granted).toEqual(['second', 'third'])
    expect(facts(slots)).toEqual({ running: 1, waiting: 0, refused: 2 })
  })

  it('passes over who gave up waiting, and takes nothing back twice', () => {
    const slots = new TranscodeSlots(1)
    const first = slots.claim(never)
    const second = slots.claim(never)
    const third = slots.claim(() => {})
    second.release()
    first.release()
    first.release()
    expect(third.held).toBe(true)
    third.release()
    expect(facts(slots)).toEqual({ running: 0, waiting: 0, refused: 2 })
  })

  it('gives out none where there is none', () => {
    const slots = new TranscodeSlots(0)
    expect(slots.claim(never).held).toBe(false)
  })
})
