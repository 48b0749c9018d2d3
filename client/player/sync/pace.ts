/** In charge of how an element plays that is to show a given instant: a little faster, slower, or elsewhere at once. Pure. */

export interface Pace {
  readonly rate: number
  /** So far off that it is to jump to where it should be, if there is media. */
  readonly jump: boolean
}

/** Seconds off by which nothing is done: a frame. */
const MAY_BE_OFF = 0.03
/** Once it is being mended, it is until so near. Seconds. */
const MENDED = 0.008
/** Share of the error that is made up for in a second. */
const GAIN = 0.25
/** Sound keeps its pitch; up to this nobody hears it. */
const MOST = 0.05
/** Rates are multiples of this: each change costs the browser's audio a little. */
const STEP = 0.01
/** Seconds off from which catching up would take longer than anyone wants to be out of step. */
const JUMP_BEYOND = 1

/** @param late seconds behind where it should be playing; below zero, ahead of it. @param rate the rate in force */
export function paceTo(late: number, rate: number): Pace {
  const off = Math.abs(late)
  if (off > JUMP_BEYOND) return { rate: 1 + Math.sign(late) * MOST, jump: true }
  if (off <= (rate === 1 ? MAY_BE_OFF : MENDED)) return { rate: 1, jump: false }
  const steps = Math.max(1, Math.round(Math.min(MOST, off * GAIN) / STEP))
  return { rate: round(1 + Math.sign(late) * steps * STEP), jump: false }
}

/** 1.02 and not 1.0200000000000002, which would be another rate. */
function round(rate: number): number {
  return Math.round(rate * 1000) / 1000
}
