/** Time as a dependency, in a browser: the twin of the server's clock, so that tests decide what time it is. */

/** A cancelled timer never fires; cancelling twice is harmless. */
export type CancelTimer = () => void

export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions; never steps back. */
  now(): number
  /** Runs the callback once after `ms` milliseconds. */
  after(ms: number, callback: () => void): CancelTimer
  /** Runs the callback every `ms` milliseconds. */
  every(ms: number, callback: () => void): CancelTimer
}

/** The browser's monotonic clock. It may be off the server's by any amount: see ServerClock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms)
    return () => clearInterval(timer)
  },
}
