/**
 * In charge of how fast a live picture is played that has fallen behind where it should be. Pure. hls.js's own rule keeps
 * a second in the buffer, which is all there is when one plays three parts behind the live edge, and so goes up and down
 * several times a second; this one changes speed seldom, and stops when it has arrived.
 */

/** All in seconds. */
export interface Whereabouts {
  /** Farther from the live edge than it should be. */
  readonly behind: number
  /** Buffered and not yet played. */
  readonly ahead: number
}

/** Sound keeps its pitch; up to here hardly anybody notices, and up to a tenth few mind. */
const [GENTLE, BRISK] = [1.05, 1.1] as const

/** Seconds behind from which to hurry gently, and briskly, and below which to stop hurrying. */
const [GENTLE_FROM, BRISK_FROM, ENOUGH] = [0.15, 0.6, 0.05] as const

/** Seconds: whoever has less than a part in the buffer has no choice but to wait for what comes. */
export const LEAST_AHEAD = 0.35

/** The speed to play at from now on, given the one it plays at. */
export function catchUpRate({ behind, ahead }: Whereabouts, rate: number): number {
  if (ahead < LEAST_AHEAD || behind < ENOUGH) return 1
  if (behind > BRISK_FROM) return BRISK
  return behind > GENTLE_FROM || rate > 1 ? GENTLE : 1
}
