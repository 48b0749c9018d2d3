/** In charge of a beat that goes on in a tab that nobody looks at: there a page's own timers run once a second. */
import type { CancelTimer } from '../lib/clock.ts'

/** Runs the callback every `ms` milliseconds by the timer of a worker, which browsers do not slow down. */
export function everyInHiddenTabs(ms: number, callback: () => void): CancelTimer {
  const source = new Blob([`setInterval(() => postMessage(0), ${ms})`], { type: 'text/javascript' })
  const url = URL.createObjectURL(source)
  const worker = new Worker(url)
  worker.onmessage = callback
  return () => {
    worker.terminate()
    URL.revokeObjectURL(url)
  }
}
