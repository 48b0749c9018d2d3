/** Every check finds what it is there for, on a server that is otherwise right. */
import { describe, expect, it } from 'vitest'
import { allChecks } from '../../conformance/checks/all.ts'
import { conform } from '../../conformance/conform.ts'
import { Origin } from '../../helpers/hlsOrigin/Origin.ts'
import { cases } from './faults.ts'

/** Servers at a time: more and a busy machine is late where answers must come at once. */
const AT_ONCE = 8

describe('the checks of the conformance suite', () => {
  it('have each a fault to find', () => {
    const names = allChecks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !cases.some(({ check }) => check === name))).toEqual([])
    expect(cases.map(({ check }) => check).filter((check) => !names.includes(check))).toEqual([])
  })

  it('find it', { timeout: 240_000 }, async () => {
    /** What the check said, where it should have found the fault; null where it did. */
    const missed = async ({ fault, check, seconds }: (typeof cases)[number]) => {
      await using origin = await Origin.create(fault)
      const { results } = await conform(origin.url, { seconds: seconds ?? 3.2 })
      const result = results.find(({ name }) => name === check)
      return result?.verdict === 'broken' ? null : `${check}: ${result?.verdict} ${result?.reason ?? ''}`
    }
    const left = [...cases]
    const doubtful: typeof left = []
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) if (await missed(next)) doubtful.push(next)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    // Where all of them are late, some never get to see what they look for: those once more, with the machine to themselves.
    const words: (string | null)[] = []
    for (const one of doubtful) words.push(await missed(one))
    expect(words.filter((word) => word !== null)).toEqual([])
  })
})
