import { describe, expect, it } from 'vitest'
import { endOfGrace, Outage, silentFor } from '../../../../client/publish/outage.ts'

const pair = (timestamp: number, lastPacketReceivedTimestamp?: number) => ({
  type: 'candidate-pair',
  timestamp,
  ...(lastPacketReceivedTimestamp === undefined ? {} : { lastPacketReceivedTimestamp }),
})

describe('the end of a broadcast whose source is gone', () => {
  const gracePeriod = 30_000
  it.each([
    ['is what the server says', { state: 'interrupted', endsAt: 50_000 }, 9_000, gracePeriod, 50_000],
    [
      'is reckoned from the last packet while the server is not heard',
      { state: 'live', endsAt: null },
      9_000,
      gracePeriod,
      39_800,
    ],
    ['is not known before the server told how long it waits', null, 9_000, null, null],
    ['does not come while nothing is lost', { state: 'live', endsAt: null }, null, gracePeriod, null],
  ] as const)('%s', (_, view, lostAt, grace, end) => {
    expect(endOfGrace({ view, lostAt, gracePeriod: grace })).toBe(end)
  })

  it.each([
    ['the path that was used last', [pair(9000, 2000), pair(9000, 6000), pair(9000, 0)], 3000],
    ['nothing, where the browser does not tell', [pair(9000)], 0],
    ['nothing, where there is no path', [], 0],
  ] as const)('counts the silence of %s', (_, entries, silence) => {
    expect(silentFor(entries)).toBe(silence)
  })
})

describe('Outage', () => {
  const live = { state: 'live', endsAt: null } as const
  const report = async (...entries: ReturnType<typeof pair>[]) => new Map(entries.map((entry, id) => [id, entry]))

  it('begins with the last packet, is told once it knows better, and not twice', async () => {
    let told = 0
    const outage = new Outage(() => told++)
    outage.gracePeriod = 10_000
    const begun = outage.begin(20_000, report(pair(9000, 4000)))
    expect(outage.endsAt(live)).toBe(30_800)
    await begun
    expect([outage.endsAt(live), told]).toEqual([25_800, 1])
    await outage.begin(29_000, report())
    expect([outage.endsAt(live), told]).toEqual([25_800, 1])
  })

  it('is over when all is well, and knows nothing of what it learns late', async () => {
    const outage = new Outage(() => expect.unreachable())
    outage.gracePeriod = 10_000
    const begun = outage.begin(20_000, report(pair(9000, 4000)))
    outage.end()
    await begun
    expect(outage.endsAt(live)).toBeNull()
  })
})
