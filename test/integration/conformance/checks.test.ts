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
    const left = cases.map((one, index) => ({ ...one, index }))
    const missed: string[] = []
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        await using origin = await Origin.create(next.fault)
        const { results } = await conform(origin.url, { seconds: next.seconds ?? 3.2 })
        const { check, index } = next
        const result = results.find(({ name }) => name === check)
        if (result?.verdict !== 'broken')
          missed.push(`${check} (fault ${index}): ${result?.verdict} ${result?.reason ?? ''}`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    expect(missed).toEqual([])
  })
})
