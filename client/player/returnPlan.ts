/**
 * In charge of when WebRTC may take the picture back from HTTP: soon the first time, ever later where it does not last, and
 * never for all viewers at once. Pure; times are milliseconds.
 */

export interface Return {
  /** From 0 to 1, another one for each viewer. */
  readonly spread: number
  /** When WebRTC is tried next behind the picture. */
  readonly probeAt: number
  /** Attempts behind the picture that came to nothing since HTTP has had it. */
  readonly probes: number
  /** WebRTC is not to be seen again before. */
  readonly from: number
  /** How often it took over in vain, one after the other. */
  readonly relapses: number
  /** When it last took over from HTTP; null: never. */
  readonly tookOverAt: number | null
  /** HTTP has had the picture. */
  readonly hasFallen: boolean
  /** Why HTTP has the picture: WebRTC was bad, not gone. */
  readonly wasPoor: boolean
}

/** Pauses between attempts behind the picture: half of those who wait come back within some seconds of being able to. */
const PROBE_PAUSES_MS = [2_000, 3_000, 4_000, 6_000, 10_000, 20_000, 40_000, 80_000] as const
/** Pauses are spread by so much to either side. */
const SPREAD = 0.4
/** What lasted so long was worth it. */
const LASTING_MS = 60_000
const FIRST_RELAPSE_PAUSE_MS = 15_000
const LONGEST_RELAPSE_PAUSE_MS = 600_000
/** A network that lost packets has to be given time; trying costs what it has too little of. */
const POOR_PAUSE_MS = 20_000
/** So long WebRTC has to bring frames behind the picture before it is seen. */
const PROOF_MS = 1_000
const PROOF_AFTER_POOR_MS = 4_000

export function initialReturn(spread: number): Return {
  return {
    spread,
    probeAt: Number.NEGATIVE_INFINITY,
    probes: 0,
    from: Number.NEGATIVE_INFINITY,
    relapses: 0,
    tookOverAt: null,
    hasFallen: false,
    wasPoor: false,
  }
}

/** HTTP has got the picture. */
export function fell(back: Return, isPoor: boolean, now: number): Return {
  const isRelapse = back.tookOverAt !== null && now < back.tookOverAt + LASTING_MS
  const relapses = isRelapse ? back.relapses + 1 : Math.max(0, back.relapses - 1)
  const pause = isRelapse ? Math.min(FIRST_RELAPSE_PAUSE_MS * 2 ** (relapses - 1), LONGEST_RELAPSE_PAUSE_MS) : 0
  const from = now + Math.max(pause, isPoor ? POOR_PAUSE_MS : 0) * (isPoor || isRelapse ? spreadOf(back) : 1)
  const probeAt = Math.max(from, now + probePause(back, 0))
  return { ...back, relapses, from, probeAt, probes: 0, tookOverAt: null, hasFallen: true, wasPoor: isPoor }
}

/** An attempt behind the picture came to nothing. */
export function missed(back: Return, now: number): Return {
  const probes = back.probes + 1
  return { ...back, probes, probeAt: Math.max(back.from, now + probePause(back, probes)) }
}

/** WebRTC has got the picture back. */
export function tookOver(back: Return, now: number): Return {
  return { ...back, tookOverAt: now, probes: 0 }
}

/** There is reason to try at once: a seat, somebody who looks again, another far end. */
export function hurried(back: Return, now: number): Return {
  return { ...back, probeAt: Math.max(back.from, now) }
}

/** What is known of another network says nothing about this one. */
export function forgotten(back: Return, now: number): Return {
  return { ...back, probeAt: now, from: now, probes: 0, relapses: 0, tookOverAt: null, wasPoor: false }
}

/** Whether frames since then are enough to be seen. */
export function isProven(back: Return, since: number, now: number): boolean {
  return now >= back.from && now >= since + (back.wasPoor ? PROOF_AFTER_POOR_MS : PROOF_MS)
}

function probePause(back: Return, probes: number): number {
  const pause = PROBE_PAUSES_MS[Math.min(probes, PROBE_PAUSES_MS.length - 1)] ?? 0
  return pause * spreadOf(back)
}

function spreadOf({ spread }: Return): number {
  return 1 - SPREAD + 2 * SPREAD * spread
}
