/** In charge of the outcome: what was seen, what each check says, as a table for people and JSON for machines. Pure. */
import type { Finding } from './check.ts'
import type { Recording } from './record/Record.ts'

export interface CheckResult {
  readonly name: string
  readonly rule: string
  /** `not seen`: there was nothing to judge; `reason` says why. */
  readonly verdict: 'kept' | 'broken' | 'not seen'
  /** How many things were looked at. */
  readonly examined: number
  readonly failed: number
  /** The first of them. */
  readonly findings: readonly Finding[]
  readonly reason: string | null
}

export interface SeenRendition {
  readonly name: string
  readonly playlists: number
  readonly segments: number
  readonly parts: number
  readonly hints: number
  readonly deltas: number
  /** Milliseconds without a playlist, and what came instead. */
  readonly outages: readonly { readonly ms: number; readonly why: string }[]
}

export interface Report {
  readonly url: string
  readonly seen: readonly SeenRendition[]
  readonly results: readonly CheckResult[]
  /** The results with findings; empty when all is well. */
  readonly broken: readonly CheckResult[]
}

/** Findings of a check that the table shows. */
const SHOWN = 3

export function seenIn({ renditions }: Recording): SeenRendition[] {
  return [...renditions.values()].map(({ name, snapshots, segments, parts, hints, deltas, outages }) => ({
    name,
    playlists: snapshots.length,
    segments: segments.size,
    parts: parts.length,
    hints: hints.length,
    deltas: deltas.length,
    outages: outages.map(({ from, until, why }) => ({ ms: Math.round(until - from), why })),
  }))
}

/** Lines of the table. */
export function renderReport({ url, seen, results, broken }: Report): string[] {
  const width = Math.max(...results.map(({ name }) => name.length))
  const lines = [url, '']
  for (const { name, playlists, segments, parts, hints, deltas, outages } of seen) {
    const away = outages.map(({ ms, why }) => `, away for ${ms} ms (${why})`).join('')
    lines.push(
      `${name}: ${playlists} playlists, ${segments} segments, ${parts} parts, ${hints} hints, ${deltas} deltas${away}`,
    )
  }
  if (seen.length === 0) lines.push('no playlist came')
  lines.push('')
  for (const { name, verdict, examined, failed, findings, reason } of results) {
    const shown = {
      kept: `kept      ${examined}`,
      broken: `BROKEN    ${failed} of ${examined}`,
      'not seen': `-         ${reason}`,
    }
    lines.push(`${name.padEnd(width)}  ${shown[verdict]}`)
    for (const { where, what } of findings.slice(0, SHOWN)) lines.push(`    ${where}: ${what}`)
  }
  const kept = results.filter(({ verdict }) => verdict === 'kept').length
  lines.push('', `${kept} rules kept, ${broken.length} broken, ${results.length - kept - broken.length} not seen`)
  return lines
}

/** Sentences for a test that expects none. */
export function faultsOf({ broken, seen }: Report): string[] {
  if (seen.every(({ playlists }) => playlists === 0)) return ['no playlist came']
  return broken.flatMap(({ name, failed, examined, findings }) =>
    findings.slice(0, SHOWN).map(({ where, what }) => `${name} (${failed} of ${examined}): ${where}: ${what}`),
  )
}
