/** In charge of where in pushed media to play: how fast, and when to jump. Pure; all times in seconds. */

import { paceTo } from '../sync/pace.ts'

export interface Range {
  readonly start: number
  readonly end: number
}

export interface EdgeSituation {
  /** Where it plays. */
  readonly position: number
  /** What can be played, in order. */
  readonly ranges: readonly Range[]
  /** Where it should be playing. */
  readonly goal: number
  /** The rate in force. */
  readonly rate: number
  /** The goal is that of others, too: it is to be met more exactly, and more gently. */
  readonly isShared?: boolean
}

export interface EdgeStep {
  readonly rate: number
  /** Null to go on where it is. */
  readonly seekTo: number | null
}

/** Late by less than this, nothing is done about it: below what anyone sees between two screens. */
const MAY_BE_LATE = 0.06
/** Early by more than this, the next frame that is late would be missed. */
const MAY_BE_EARLY = 0.02
/** Once it is being mended, it is until so near. */
const MENDED = 0.015
/** The rate follows the error: half a second is made up for in some seconds. */
const GAIN = 0.25
/** Nobody hears up to this: time-stretching keeps the pitch. */
const FASTEST = 1.1
const SLOWEST = 0.95
/** So far behind, or ahead, it jumps. */
const JUMP_BEYOND = 3
/** So near its end, a range has been played. */
const EDGE = 0.03
const ONE_FRAME = 0.03

/** Farther behind than this nobody is put for the sake of what was missed. */
const MOST_CATCHING_UP = 2.5

/**
 * Where to begin for somebody who has seen everything up to `from`: right after it, or as near to it as there is media;
 * null where that is at the goal or later, or too far behind it.
 */
export function firstPosition(from: number, ranges: readonly Range[], goal: number): number | null {
  const range = ranges.findLast(({ start }) => start < goal)
  if (!range) return null
  const position = Math.max(from + ONE_FRAME, range.start)
  return position < Math.min(goal, range.end - EDGE) && goal - position <= MOST_CATCHING_UP ? position : null
}

export function followEdge({ position, ranges, goal, rate, isShared = false }: EdgeSituation): EdgeStep {
  const within = ranges.find(({ start, end }) => position >= start && position < end)
  const behind = goal - position
  const later = ranges.filter(({ start }) => start > position)
  if (later[0] && (!within || within.end - position <= EDGE)) {
    // Before what there is, or at a gap: to the goal, or as near to it as there is media.
    const next = later.findLast(({ start }) => start <= goal) ?? later[0]
    return { rate: 1, seekTo: clamp(goal, next.start, Math.max(next.start, next.end - EDGE)) }
  }
  if (!within) return { rate: 1, seekTo: null }
  const pace = isShared ? paceTo(behind, rate) : null
  if (pace?.jump ?? Math.abs(behind) > JUMP_BEYOND) {
    const there = ranges.find(({ start, end }) => goal >= start && goal < end)
    if (there) return { rate: 1, seekTo: goal }
  }
  if (pace) return { rate: pace.rate, seekTo: null }
  const isMending = rate !== 1
  const isNear = isMending ? Math.abs(behind) <= MENDED : behind <= MAY_BE_LATE && behind >= -MAY_BE_EARLY
  if (isNear) return { rate: 1, seekTo: null }
  // Coarse steps: each change costs the browser's audio a little.
  const wanted = clamp(Math.round((1 + behind * GAIN) * 50) / 50, SLOWEST, FASTEST)
  if (wanted === 1) return { rate: isMending ? 1 + Math.sign(behind) * 0.02 : 1, seekTo: null }
  return { rate: wanted, seekTo: null }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
