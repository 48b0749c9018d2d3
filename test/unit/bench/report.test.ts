import { describe, expect, it } from 'vitest'
import { type Figure, type Result, renderTable, toRecord } from '../../bench/report.ts'

const figure: Figure = { key: 'cpu', title: 'CPU', unit: '%', floor: { p50: 10 }, goal: { p50: 4 } }
const latency: Figure = {
  key: 'webrtc',
  title: 'glass to glass',
  unit: 'ms',
  floor: { p50: 250, p95: 400 },
  goal: { p50: 100, p95: 160 },
}
const results: Result[] = [
  { figure: latency, outcome: { kind: 'measured', samples: [120.26, 130, 300], notes: ['seen: 1280×720'] } },
  { figure, outcome: { kind: 'measured', samples: [3, 3.25, 5], notes: [] } },
  {
    figure: { ...figure, key: 'memory', title: 'memory', unit: 'MB' },
    outcome: { kind: 'broken', reason: 'no rungs' },
  },
  { figure: { ...latency, key: 'mse', title: 'MSE' }, outcome: { kind: 'not built yet' } },
]

describe('the table', () => {
  it('shows each figure beside floor and goal, and what was remarked below', () => {
    expect(renderTable(results)).toEqual(
      [
        'figure          p50     p95     floor         goal          n  verdict',
        '--------------  ------  ------  ------------  ------------  -  ------------------------------',
        'glass to glass  130 ms  300 ms  250 / 400 ms  100 / 160 ms  3  within floor',
        'CPU             3.3 %   5.0 %   10 %          4 %           3  goal reached (p95 above it)',
        'memory          -       -       10 MB         4 MB          -  broken',
        'MSE             -       -       250 / 400 ms  100 / 160 ms  -  not built yet',
        '',
        'webrtc: seen: 1280×720',
        'memory: no rungs',
      ].map((line, index) => (index === 1 ? expect.stringMatching(/^-+( +-+)+$/) : line)),
    )
  })
})

describe('a figure that takes a table of its own', () => {
  const listed: Result = {
    figure: { ...figure, key: 'capacity', title: 'viewers', floor: null, goal: null },
    outcome: {
      kind: 'listed',
      head: ['clients', 'p95'],
      rows: [['100', '9 ms']],
      records: [{ clients: 100, p95: 9 }],
      notes: ['largest: 100'],
    },
  }

  it('is shown below the others, and has its rows in the record', () => {
    expect(renderTable([listed]).slice(2)).toEqual([
      'viewers  -    -    -      -     -  below',
      '',
      'viewers',
      'clients  p95',
      '-------  ----',
      '100      9 ms',
      '',
      'capacity: largest: 100',
    ])
    expect(toRecord(listed)).toMatchObject({
      key: 'capacity',
      rows: [{ clients: 100, p95: 9 }],
      notes: ['largest: 100'],
    })
  })
})

describe('a record', () => {
  it('has figures, verdict and all samples of what was measured', () => {
    const [first] = results.map(toRecord)
    expect(first).toMatchObject({ key: 'webrtc', unit: 'ms', state: 'measured', verdict: 'within floor' })
    expect(first).toMatchObject({ n: 3, p50: 130, p95: 300, min: 120.3, max: 300, samples: [120.3, 130, 300] })
  })

  it('has the reason of what is broken, and no figures', () => {
    const broken = results.map(toRecord)[2]
    expect(broken).toMatchObject({ state: 'broken', notes: ['no rungs'] })
    expect(broken).not.toHaveProperty('p50')
  })
})
