/** In charge of how the outcome is shown: a table for people and a record for machines. Pure. */
import { table } from '../../server/setup/table.js'
import { judge, type Limit, type Summary, summarize, type Verdict } from './figures.ts'

/** What a row says before it is measured. */
export interface Figure {
  readonly key: string
  readonly title: string
  readonly unit: 'ms' | '%' | 'MB'
  /** From product.md, in the unit; null where it has none for this figure. */
  readonly floor: Limit | null
  readonly goal: Limit | null
}

export type Outcome =
  | { readonly kind: 'measured'; readonly samples: readonly number[]; readonly notes: readonly string[] }
  /** It takes a table of its own to say. */
  | {
      readonly kind: 'listed'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** The rows for machines. */
      readonly records: readonly object[]
      readonly notes: readonly string[]
    }
  /** The figure could not be measured. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** What it measures does not exist yet. */
  | { readonly kind: 'not built yet' }

export interface Result {
  readonly figure: Figure
  readonly outcome: Outcome
}

/** Lines of the table, then those of figures that have one of their own, then a line for each remark. */
export function renderTable(results: readonly Result[]): string[] {
  const head = ['figure', 'p50', 'p95', 'floor', 'goal', 'n', 'verdict']
  const rows = results.map(({ figure, outcome }) => {
    const limits = [limitText(figure.floor, figure.unit), limitText(figure.goal, figure.unit)]
    if (outcome.kind === 'listed') return [figure.title, '-', '-', ...limits, '-', 'below']
    if (outcome.kind !== 'measured') return [figure.title, '-', '-', ...limits, '-', outcome.kind]
    const summary = summarize(outcome.samples)
    const values = [summary.p50, summary.p95].map((value) => `${shown(value, figure.unit)} ${figure.unit}`)
    return [figure.title, ...values, ...limits, `${summary.n}`, verdictText(summary, figure)]
  })
  const remarks = results.flatMap(({ figure, outcome }) => remarksOf(outcome).map((note) => `${figure.key}: ${note}`))
  const own = results.flatMap(({ figure, outcome }) =>
    outcome.kind === 'listed' ? ['', figure.title, ...(table(outcome.head, outcome.rows) as string[])] : [],
  )
  return [...(table(head, rows) as string[]), ...own, ...(remarks.length > 0 ? ['', ...remarks] : [])]
}

/** One row as JSON has it; samples in the order they were taken. */
export function toRecord({ figure, outcome }: Result) {
  const { key, title, unit, floor, goal } = figure
  const facts = { key, title, unit, floor, goal }
  if (outcome.kind === 'listed') return { ...facts, state: 'measured', rows: outcome.records, notes: outcome.notes }
  if (outcome.kind !== 'measured') return { ...facts, state: outcome.kind, notes: remarksOf(outcome) }
  const summary = summarize(outcome.samples)
  const rounded = Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, round(value)]))
  const verdict: Verdict = judge(summary, floor, goal)
  return { ...facts, state: 'measured', verdict, ...rounded, notes: outcome.notes, samples: outcome.samples.map(round) }
}

function remarksOf(outcome: Outcome): readonly string[] {
  switch (outcome.kind) {
    case 'measured':
    case 'listed':
      return outcome.notes
    case 'broken':
      return [outcome.reason]
    case 'not built yet':
      return []
  }
}

/** Where one number is all there is to hold, the 95th percentile is told beside it when it lies above. */
function verdictText(summary: Summary, { floor, goal }: Figure): string {
  const verdict = judge(summary, floor, goal)
  const held = verdict === 'goal reached' ? goal : verdict === 'within floor' ? floor : null
  const isExceeded = held !== null && held.p95 === undefined && summary.p95 > held.p50
  return isExceeded ? `${verdict} (p95 above it)` : verdict
}

function limitText(limit: Limit | null, unit: Figure['unit']): string {
  if (!limit) return '-'
  return `${[limit.p50, ...(limit.p95 === undefined ? [] : [limit.p95])].join(' / ')} ${unit}`
}

function shown(value: number, unit: Figure['unit']): string {
  return value.toFixed(unit === 'ms' ? 0 : 1)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
