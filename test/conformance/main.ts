/** `npm run conformance -- URL`: reads a live HLS broadcast like a strict client, and prints which rules it keeps. */
import { writeFile } from 'node:fs/promises'
import { conform } from './conform.ts'
import { OptionError, parseOptions } from './options.ts'
import { faultsOf, renderReport } from './report.ts'

/** Exit codes: rules are broken; the command line is. */
const BROKEN = 1
const BAD_OPTIONS = 2

process.exitCode = await main()

async function main(): Promise<number> {
  const stop = new AbortController()
  // What was seen until then is judged.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  try {
    const { url, minutes, json } = parseOptions(process.argv.slice(2))
    console.error(`recording ${minutes} minutes of ${url}`)
    const report = await conform(url, { seconds: minutes * 60, signal: stop.signal })
    for (const line of renderReport(report)) console.log(line)
    if (json !== null) await writeFile(json, `${JSON.stringify(report, undefined, 1)}\n`)
    return faultsOf(report).length > 0 ? BROKEN : 0
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(error.message)
    return BAD_OPTIONS
  }
}
