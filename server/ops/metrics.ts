/** In charge of the numbers the server tells about itself: counters and gauges, rendered as Prometheus text 0.0.4. */

/** Values of the labels of one series. Never put an id or an address here: each combination is kept for good. */
type Labels = Readonly<Record<string, string>>

/** A metric remembers at most this many label combinations; more are counted together under no labels. */
const MAX_SERIES = 256

/** Something that only grows, until the process ends. */
export interface Counter {
  /** Adds `by` (1 when not given, never negative). */
  inc(labels?: Labels, by?: number): void
  /** The series of some labels, found once: for where every microsecond counts. */
  series(labels: Labels): CounterSeries
}

/** One series of a counter. */
export interface CounterSeries {
  /** Adds `by` (1 when not given, never negative). */
  inc(by?: number): void
}

/** Something that goes up and down. */
export interface Gauge {
  set(value: number, labels?: Labels): void
}

interface Family {
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly series: Map<string, number>
  /** Reads the value when it is asked for, instead of being told at each change. */
  readonly read?: () => number
}

/** The registry; one a process, handed to whoever counts. */
export class Metrics {
  readonly #families = new Map<string, Family>()

  /** Declares a counter, or finds the one declared before under this name. Names end in `_total`. */
  counter(name: string, help: string): Counter {
    const { series } = this.#declare(name, { type: 'counter', help, series: new Map() })
    return {
      inc: (labels = {}, by = 1) => {
        const key = seriesKey(series, labels)
        series.set(key, (series.get(key) ?? 0) + by)
      },
      series: (labels) => {
        const key = seriesKey(series, labels)
        return { inc: (by = 1) => void series.set(key, (series.get(key) ?? 0) + by) }
      },
    }
  }

  /** Declares a gauge that is told its values. */
  gauge(name: string, help: string): Gauge {
    const { series } = this.#declare(name, { type: 'gauge', help, series: new Map() })
    return { set: (value, labels = {}) => series.set(seriesKey(series, labels), value) }
  }

  /** Declares a metric whose value is read when somebody looks: no fact is kept twice. */
  observe(type: 'counter' | 'gauge', name: string, help: string, read: () => number): void {
    this.#declare(name, { type, help, series: new Map(), read })
  }

  /** Everything, in the order of declaration. */
  render(): string {
    let text = ''
    for (const [name, { type, help, series, read }] of this.#families) {
      text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
      if (read) text += `${name} ${read()}\n`
      // A counter nobody has counted yet is 0, not absent: a rate over it is then right from the first increment.
      else if (series.size === 0 && type === 'counter') text += `${name} 0\n`
      for (const [labels, value] of series) text += `${name}${labels} ${value}\n`
    }
    return text
  }

  #declare(name: string, family: Family): Family {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`bad metric name ${name}`)
    const known = this.#families.get(name)
    if (known && (known.type !== family.type || known.read || family.read)) {
      throw new TypeError(`metric ${name} is declared twice`)
    }
    if (!known) this.#families.set(name, family)
    return known ?? family
  }
}

function seriesKey(series: ReadonlyMap<string, number>, labels: Labels): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  const key = pairs.length === 0 ? '' : `{${pairs.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`
  return series.has(key) || series.size < MAX_SERIES ? key : ''
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
