/** In charge of what samples come to, and of how that compares with floor and goal. Pure. */

/** A bound for the median, and for the 95th percentile where there is one of its own; in the unit of the samples. */
export interface Limit {
  readonly p50: number
  readonly p95?: number
}

export interface Summary {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly min: number
  readonly max: number
}

/**
 * The smallest sample that at least this share (above 0, up to 1) of all samples do not exceed: the nearest rank, so it
 * is a value that was really measured. Throws a RangeError when there are none.
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new RangeError('no samples')
  return value
}

export function summarize(samples: readonly number[]): Summary {
  return {
    n: samples.length,
    p50: percentile(samples, 0.5),
    p95: percentile(samples, 0.95),
    min: percentile(samples, Number.MIN_VALUE),
    max: percentile(samples, 1),
  }
}

export type Verdict = 'goal reached' | 'within floor' | 'ABOVE FLOOR' | 'no floor'

/** A limit of one number is one for the median. */
export function judge(summary: Summary, floor: Limit | null, goal: Limit | null): Verdict {
  if (goal && isWithin(summary, goal)) return 'goal reached'
  if (!floor) return 'no floor'
  return isWithin(summary, floor) ? 'within floor' : 'ABOVE FLOOR'
}

function isWithin(summary: Summary, limit: Limit): boolean {
  return summary.p50 <= limit.p50 && summary.p95 <= (limit.p95 ?? Number.POSITIVE_INFINITY)
}
