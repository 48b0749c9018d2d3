/** In charge of what the command line of the conformance suite says. Pure. */
import { parseArgs } from 'node:util'

export interface ConformanceOptions {
  readonly url: string
  /** How long to record. */
  readonly minutes: number
  /** File for the JSON; null for none. */
  readonly json: string | null
}

/** Raised with a line for the person who typed it. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

const usage = 'npm run conformance -- URL [--minutes N] [--json FILE]'
/** Bounds of the recording in minutes: what is seen is kept in memory until it is judged. */
const [SHORTEST, LONGEST] = [0.1, 60]

/** Throws OptionError. */
export function parseOptions(args: readonly string[]): ConformanceOptions {
  const { values, positionals } = read(args)
  const [url] = positionals
  if (url === undefined || positionals.length > 1) throw new OptionError(usage)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new OptionError(`not a web address: ${url}`)
  const minutes = values.minutes === undefined ? 1 : Number(values.minutes || Number.NaN)
  if (!(minutes >= SHORTEST && minutes <= LONGEST)) {
    throw new OptionError(`--minutes: a number from ${SHORTEST} to ${LONGEST}, not "${values.minutes}"`)
  }
  return { url, minutes, json: values.json ?? null }
}

function read(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args: [...args], options: { minutes: text, json: text }, allowPositionals: true })
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}
