import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Progress } from '../../../server/setup/Progress.js'
import { runSteps } from '../../../server/setup/runSteps.js'

let folder: string
let printed: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steps-'))
  printed = ''
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Fake {
  done: boolean
  broken?: boolean
  acts: number
}

const step = (title: string, state: Fake, lock?: string) => ({
  title,
  lock,
  inspect: async () => ({ ready: state.done, detail: state.done ? 'there' : 'missing' }),
  async act() {
    state.acts++
    if (state.broken) throw new Error(`${title} broke`)
    state.done = true
    return `${title} made`
  },
})

function run(...steps: ReturnType<typeof step>[]): Promise<number> {
  const progress = new Progress({ write: (text: string) => (printed += text) }, () => 0)
  return runSteps(steps, {}, progress, (name: string) => join(folder, name))
}

describe('the steps of set-up', () => {
  it('do only what is missing, and say nothing about the rest', async () => {
    const there = { done: true, acts: 0 }
    const absent = { done: false, acts: 0 }
    expect(await run(step('one', there), step('two', absent))).toBe(1)
    expect([there.acts, absent.acts]).toEqual([0, 1])
    expect(printed).toBe('0:00 … two: missing\n0:00 ✔ two made (0:00)\n')
  })

  it('go on where the last run stopped', async () => {
    const states: Fake[] = [0, 1, 2].map(() => ({ done: false, acts: 0 }))
    const steps = states.map((state, i) => step(String(i), state))
    Object.assign(states[1] ?? {}, { broken: true })
    await expect(run(...steps)).rejects.toThrow('1 broke')
    expect(states.map(({ done }) => done)).toEqual([true, false, false])
    Object.assign(states[1] ?? {}, { broken: false })
    expect(await run(...steps)).toBe(2)
    expect(states.map(({ acts }) => acts)).toEqual([1, 2, 1])
  })

  it('do a thing once when two runs want it at the same time', async () => {
    const state = { done: false, acts: 0 }
    await Promise.all([run(step('worker', state, 'worker')), run(step('worker', state, 'worker'))])
    expect(state.acts).toBe(1)
  })
})

describe('progress', () => {
  it('shows other programs’ words without their control characters', () => {
    const progress = new Progress({ write: (text: string) => (printed += text) }, () => 61_000)
    progress.note('a\u001b[2Kb\u0007c')
    expect(printed).toBe('0:00 · ab c\n')
  })
})
