/** `npm run bench`: measures the rows one after the other and prints table and JSON. Slow is no failure, broken is. */
import { writeFile } from 'node:fs/promises'
import { expectNothingLeft, snapshot } from '../helpers/leaks.ts'
import { describeMachine, machineLines } from './machine.ts'
import { OptionError, parseOptions } from './options.ts'
import { type Outcome, type Result, renderTable, toRecord } from './report.ts'
import { type Row, rows } from './rows.ts'
import type { BenchContext } from './Stand.ts'

/** Exit codes: a row is broken; the command line is; a signal came (128 + SIGINT). */
const BROKEN = 1
const BAD_OPTIONS = 2
const INTERRUPTED = 130

/** Longest reason that is shown of what broke, in characters: Playwright tells whole stories. */
const MOST_REASON = 600

process.exitCode = await main()

async function main(): Promise<number> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error(`stopped by ${name}`)))
  try {
    const options = parseOptions(
      process.argv.slice(2),
      rows.filter(({ measure }) => measure).map(({ key }) => key),
    )
    const chosen = options.only.length === 0 ? rows : rows.filter(({ key }) => options.only.includes(key))
    const machine = await describeMachine()
    const results: Result[] = []
    for (const row of chosen) {
      if (stop.signal.aborted) break
      const say = (text: string) => console.error(`${row.key}: ${text}`)
      results.push({ figure: row, outcome: await measure(row, { ...options, signal: stop.signal, say }) })
    }
    for (const line of [...machineLines(machine), '', ...renderTable(results)]) console.log(line)
    const json = `${JSON.stringify({ machine, rows: results.map(toRecord) }, undefined, 1)}\n`
    if (options.json === null) process.stdout.write(`\n${json}`)
    else await writeFile(options.json, json)
    if (stop.signal.aborted) return INTERRUPTED
    return results.some(({ outcome }) => outcome.kind === 'broken') ? BROKEN : 0
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(error.message)
    return BAD_OPTIONS
  }
}

/** A row on its own: it leaves nothing behind, and what breaks it does not keep the next ones from being measured. */
async function measure(row: Row, context: BenchContext): Promise<Outcome> {
  if (!row.measure) return { kind: 'not built yet' }
  const start = performance.now()
  const before = snapshot()
  try {
    const outcome = await row.measure(context)
    await expectNothingLeft(before)
    context.say(`done in ${Math.round((performance.now() - start) / 1000)} s`)
    return outcome
  } catch (error) {
    const left = await expectNothingLeft(before).then(
      () => '',
      (leak: unknown) => `; ${describe(leak)}`,
    )
    const reason = `${describe(context.signal.aborted ? context.signal.reason : error)}${left}`
    context.say(`broken: ${reason}`)
    return { kind: 'broken', reason }
  }
}

function describe(error: unknown): string {
  const causes: string[] = []
  for (
    let next = error;
    next !== undefined && causes.length < 5;
    next = next instanceof Error ? next.cause : undefined
  ) {
    causes.push(next instanceof Error ? next.message : String(next))
  }
  return causes.join(': ').slice(0, MOST_REASON)
}
