/**
 * In charge of what is remembered of networks from visit to visit, so that the next start is quick: what did not get
 * through. Bounded, and forgotten after an hour. Pure.
 */
import * as v from 'valibot'
import { type Findings, noFindings } from './policyState.ts'

/** Milliseconds after which nothing is known any more. */
const LIFE_MS = 3_600_000
const MOST_NETWORKS = 8

const finding = v.nullable(v.picklist(['works', 'blocked']))
const memorySchema = v.array(v.object({ kind: v.string(), at: v.number(), webrtc: finding, mse: finding }))
type Memory = v.InferOutput<typeof memorySchema>

/** @param kind what the browser tells of the network; @param text what `noted` made, or null */
export function findingsOf(text: string | null, kind: string, now: number): Findings {
  const entry = parse(text, now).find((each) => each.kind === kind)
  return entry ? { webrtc: entry.webrtc, mse: entry.mse } : noFindings
}

/** The text to keep, given the one that was kept; null: nothing is worth keeping. */
export function noted(text: string | null, kind: string, { webrtc, mse }: Findings, now: number): string | null {
  const others = parse(text, now).filter((each) => each.kind !== kind)
  const isWorthIt = webrtc === 'blocked' || mse === 'blocked'
  const all = isWorthIt ? [...others, { kind, at: now, webrtc, mse }] : others
  return all.length === 0 ? null : JSON.stringify(all.slice(-MOST_NETWORKS))
}

/** What is damaged or old is nothing. */
function parse(text: string | null, now: number): Memory {
  try {
    const memory = v.parse(memorySchema, JSON.parse(text ?? '[]'))
    return memory.filter(({ at }) => at <= now && now - at < LIFE_MS)
  } catch {
    return []
  }
}
