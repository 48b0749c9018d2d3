/** In charge of what a run comes to: delays, and which number of clients to try next. Pure. */
import { percentile } from '../figures.ts'
import type { Birth } from './protocol.ts'
import type { RunFigures } from './run.ts'

/** From each part's birth to its arrival at each client, milliseconds; infinite where it did not arrive. */
export function delaysOf(
  births: readonly Birth[],
  arrivals: ReadonlyMap<string, readonly number[]>,
  clients: number,
): number[] {
  return births.flatMap(([path, born]) => {
    const came = (arrivals.get(path) ?? []).map((at) => at - born)
    const missing = Math.max(0, clients - came.length)
    return [...came, ...new Array<number>(missing).fill(Number.POSITIVE_INFINITY)]
  })
}

/** `void`: it says nothing about the server. */
export type RunVerdict = { readonly kind: 'in time' } | { readonly kind: 'late' | 'void'; readonly why: string }

/** Percent of its core: above it the generator itself is what is late. */
const MOST_GENERATOR_CPU = 70

/** @param within milliseconds that the 95th percentile must stay under */
export function verdictOf({ delays, failed, failure, generatorCpu }: RunFigures, within: number): RunVerdict {
  if (generatorCpu > MOST_GENERATOR_CPU) return { kind: 'void', why: `generator at ${generatorCpu.toFixed(0)} %` }
  if (failed > 0) return { kind: 'void', why: `${failed} clients failed: ${failure}` }
  if (delays.length === 0) return { kind: 'void', why: 'no part was born' }
  const p95 = percentile(delays, 0.95)
  return p95 < within ? { kind: 'in time' } : { kind: 'late', why: `p95 not under ${within} ms` }
}

/** A number of clients that was tried. */
export interface Tried {
  readonly clients: number
  readonly inTime: boolean
}

/** Those that are always measured. */
const FIXED = [100, 300, 1000]
/** Steps of the search, and how near it comes: what is between is noise. */
const STEP = 100
const CLOSE_ENOUGH = 1.2
const MOST_RUNS = 11

/** The next number to try on the way to the largest in time, `most` at most; null when that is known well enough. */
export function nextClients(tried: readonly Tried[], most: number): number | null {
  const fixed = FIXED.find((clients) => clients <= most && !tried.some((each) => each.clients === clients))
  if (fixed !== undefined) return fixed
  if (tried.length >= MOST_RUNS) return null
  const largest = Math.max(0, ...tried.filter(({ inTime }) => inTime).map(({ clients }) => clients))
  const tooMany = Math.min(
    ...tried.filter(({ inTime, clients }) => !inTime && clients > largest).map((each) => each.clients),
  )
  if (tooMany === Number.POSITIVE_INFINITY) return largest >= most ? null : Math.min(most, largest * 2)
  if (tooMany / Math.max(1, largest) <= CLOSE_ENOUGH || tooMany - largest <= STEP) return null
  return Math.round((largest + tooMany) / 2 / STEP) * STEP || null
}
