/** A server that keeps all rules, and what the suite says of it. */
import { describe, expect, it } from 'vitest'
import { conform } from '../../conformance/conform.ts'
import { faultsOf, renderReport } from '../../conformance/report.ts'
import { Origin } from '../../helpers/hlsOrigin/Origin.ts'

describe('the conformance suite on a server that keeps the rules', () => {
  it('finds nothing in a live broadcast, and sees to every rule but those of an end and a standstill', async ({
    annotate,
  }) => {
    await using origin = await Origin.create()
    const report = await conform(origin.url, { seconds: 5 })
    await annotate(renderReport(report).join('\n'))
    expect(faultsOf(report)).toEqual([])
    const unseen = report.results.filter(({ verdict }) => verdict === 'not seen').map(({ name }) => name)
    expect(unseen).toEqual(['requests/waits-no-longer', 'requests/ended'])
  })
})
