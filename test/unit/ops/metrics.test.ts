import { describe, expect, it } from 'vitest'
import { Metrics } from '../../../server/ops/metrics.ts'

describe('Metrics', () => {
  it('render as Prometheus text, with escaped label values', () => {
    const metrics = new Metrics()
    const counter = metrics.counter('nearcast_things_total', 'Things\nthat were counted.')
    counter.inc()
    counter.inc({ kind: 'a"\\\n', door: 'x' }, 2)
    counter.inc({ door: 'x', kind: 'a"\\\n' })
    metrics.gauge('nearcast_level', 'A level.').set(1.5)
    metrics.observe('gauge', 'nearcast_seen', 'Read when asked.', () => 7)
    expect(metrics.render()).toBe(
      [
        '# HELP nearcast_things_total Things\\nthat were counted.',
        '# TYPE nearcast_things_total counter',
        'nearcast_things_total 1',
        'nearcast_things_total{door="x",kind="a\\"\\\\\\n"} 3',
        '# HELP nearcast_level A level.',
        '# TYPE nearcast_level gauge',
        'nearcast_level 1.5',
        '# HELP nearcast_seen Read when asked.',
        '# TYPE nearcast_seen gauge',
        'nearcast_seen 7',
        '',
      ].join('\n'),
    )
  })

  it('count the same series, found once or each time', () => {
    const metrics = new Metrics()
    const counter = metrics.counter('nearcast_things_total', 'Things.')
    const series = counter.series({ b: '2', a: '1' })
    series.inc()
    counter.inc({ a: '1', b: '2' }, 2)
    series.inc(3)
    expect(metrics.render()).toContain('nearcast_things_total{a="1",b="2"} 6\n')
  })

  it('show a counter nobody has counted yet as 0', () => {
    const metrics = new Metrics()
    metrics.counter('nearcast_none_total', 'Nothing.')
    expect(metrics.render()).toContain('\nnearcast_none_total 0\n')
  })

  it('find a counter that was declared before, and refuse the name for anything else', () => {
    const metrics = new Metrics()
    metrics.counter('nearcast_a_total', 'A.').inc()
    metrics.counter('nearcast_a_total', 'A.').inc()
    expect(metrics.render()).toContain('nearcast_a_total 2')
    expect(() => metrics.gauge('nearcast_a_total', 'A.')).toThrow(TypeError)
    expect(() => metrics.counter('not a name', 'A.')).toThrow(TypeError)
  })

  it('keep a bounded number of series and lose no count', () => {
    const metrics = new Metrics()
    const counter = metrics.counter('nearcast_a_total', 'A.')
    for (let index = 0; index < 1_000; index++) counter.inc({ id: String(index) })
    const values = metrics
      .render()
      .split('\n')
      .filter((line) => line.startsWith('nearcast_a_total'))
    expect(values.length).toBe(257)
    expect(values.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)).toBe(1_000)
  })
})
