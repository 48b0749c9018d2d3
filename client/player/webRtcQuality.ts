/** In charge of whether WebRTC is so bad that HTTP would be better: what was lost and stood still in the last seconds. Pure. */
import type { Prefer } from './policyState.ts'

/** One look at what arrived since the one before. */
export interface Look {
  /** Milliseconds. */
  readonly at: number
  /** Packets of the picture came, but no frame. */
  readonly isStuck: boolean
  /** Packets that did not come, of how many. */
  readonly lost: number
  readonly expected: number
}

/** Short enough that nobody watches a mess for long, long enough for the SFU to find a layer that gets through. */
const WINDOW_MS = 8_000
/** Less than this tells nothing. */
const LEAST_SPAN_MS = 6_000
/** A page's looks come four times a second. */
const MOST_LOOKS = 40
/** What has become better is not left: on a thin line much is lost until the SFU has found the layer that gets through. */
const CLEAN_SPAN_MS = 2_000

/**
 * Shares from which it is poor. A tenth lost costs little: packets are sent again. Beyond a fifth speech falls apart, since
 * sound is not sent again. Who wants real time bears more.
 */
const LIMITS = {
  auto: { lost: 0.2, stuck: 0.4 },
  smooth: { lost: 0.2, stuck: 0.4 },
  realtime: { lost: 0.4, stuck: 0.7 },
} as const satisfies Record<Prefer, { lost: number; stuck: number }>
/** Shares up to which it is clean. */
const CLEAN_LOST = 0.1

export function withLook(looks: readonly Look[], look: Look): readonly Look[] {
  return [...looks.filter(({ at }) => at > look.at - WINDOW_MS), look].slice(-MOST_LOOKS)
}

export function isPoor(looks: readonly Look[], prefer: Prefer): boolean {
  if (spanOf(looks) < LEAST_SPAN_MS) return false
  const limit = LIMITS[prefer]
  const isLossy = lostShare(looks) >= limit.lost && lostShare(lastOf(looks)) >= limit.lost
  return isLossy || stuckShare(looks) >= limit.stuck
}

/** Whether the last two seconds were as they should be. */
export function isClean(looks: readonly Look[]): boolean {
  const last = lastOf(looks)
  return spanOf(looks) >= CLEAN_SPAN_MS && stuckShare(last) === 0 && lostShare(last) <= CLEAN_LOST
}

function lastOf(looks: readonly Look[]): readonly Look[] {
  const end = looks.at(-1)?.at ?? 0
  return looks.filter(({ at }) => at >= end - CLEAN_SPAN_MS)
}

function spanOf(looks: readonly Look[]): number {
  return (looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0)
}

function lostShare(looks: readonly Look[]): number {
  const expected = looks.reduce((sum, look) => sum + look.expected, 0)
  return expected === 0 ? 0 : looks.reduce((sum, look) => sum + look.lost, 0) / expected
}

function stuckShare(looks: readonly Look[]): number {
  return looks.length === 0 ? 0 : looks.filter(({ isStuck }) => isStuck).length / looks.length
}
