/** In charge of what the command line of the benchmark says. Pure. */
import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Keys of the rows to measure; all that are built when empty. */
  readonly only: readonly string[]
  /** File for the JSON; null prints it after the table. */
  readonly json: string | null
  /** How long the broadcasts of the rows live that look at one for a while, in minutes. */
  readonly minutes: number
  /** Samples of each row that needs a run for each; the others have at least as many. */
  readonly samples: number
  /** The only number of clients that the capacity rows try; null searches for the largest. */
  readonly clients: number | null
  /** Folder for CPU profiles of the server in the capacity rows; null makes none. */
  readonly profile: string | null
}

/** Raised with a line for the person who typed it. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

/** `keys` are those of the rows that can be measured. Throws OptionError. */
export function parseOptions(args: readonly string[], keys: readonly string[]): BenchOptions {
  const { only, json, minutes, samples, clients, profile } = read(args)
  const wanted = only === undefined ? [] : only.split(',').map((key) => key.trim())
  const unknown = wanted.filter((key) => !keys.includes(key))
  if (unknown.length > 0)
    throw new OptionError(`--only: no such row: ${unknown.join(', ')}; there are ${keys.join(', ')}`)
  return {
    only: wanted,
    json: json ?? null,
    minutes: numberWithin('--minutes', minutes, { otherwise: 2, min: 0.5, max: 1440 }),
    samples: Math.round(numberWithin('--samples', samples, { otherwise: 20, min: 1, max: 1000 })),
    clients:
      clients === undefined
        ? null
        : Math.round(numberWithin('--clients', clients, { otherwise: 0, min: 1, max: 100_000 })),
    profile: profile ?? null,
  }
}

function read(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const options = { only: text, json: text, minutes: text, samples: text, clients: text, profile: text }
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error))
  }
}

interface Bounds {
  otherwise: number
  min: number
  max: number
}

function numberWithin(name: string, value: string | undefined, { otherwise, min, max }: Bounds): number {
  if (value === undefined) return otherwise
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (number >= min && number <= max) return number
  throw new OptionError(`${name}: a number from ${min} to ${max}, not "${value}"`)
}
