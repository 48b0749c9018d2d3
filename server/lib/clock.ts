/** Time as a dependency: what waits or reads the clock is handed one, so that tests decide what time it is. */

/** A cancelled timer never fires; cancelling twice is harmless. */
export type CancelTimer = () => void

export interface Clock {
  /** Wall clock in milliseconds since the Unix epoch, with fractions. */
  now(): number
  /** Runs the callback once after `ms` milliseconds. The timer keeps no process alive. */
  after(ms: number, callback: () => void): CancelTimer
  /** Runs the callback every `ms` milliseconds. The timer keeps no process alive. */
  every(ms: number, callback: () => void): CancelTimer
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}
