/** In charge of sound that goes over from one element to another: no click, and no moment of silence. */
import type { CancelTimer, Clock } from '../lib/clock.ts'

/** Long enough to hide a jump in a wave, too short to be heard as two voices. */
const FADE_MS = 100
const STEP_MS = 10

/** What this needs of an element. */
export type Audible = Pick<HTMLMediaElement, 'volume'>

/** Begins at once; `done` once the former is silent. Where a volume cannot be set (iPhones) it is a plain change. */
export function crossfade(former: Audible, next: Audible, volume: number, clock: Clock, done: () => void): CancelTimer {
  let step = 0
  const steps = FADE_MS / STEP_MS
  next.volume = 0
  const cancel = clock.every(STEP_MS, () => {
    step++
    // Equal power: two sounds that differ are as loud together as one.
    next.volume = volume * Math.sin((Math.min(1, step / steps) * Math.PI) / 2)
    former.volume = volume * Math.cos((Math.min(1, step / steps) * Math.PI) / 2)
    if (step < steps) return
    cancel()
    next.volume = volume
    done()
  })
  return () => {
    cancel()
    next.volume = volume
  }
}
