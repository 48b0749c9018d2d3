/** From a signal to an exit code: the first one closes everything in order, the second one stops at once. */
import type { Clock } from '../lib/clock.ts'
import type { Logger } from './logger.ts'

/** Milliseconds that closing may take. */
const DEADLINE = 4_500

export interface ShutdownOptions {
  close(): Promise<void>
  clock: Clock
  log: Logger
}

/** Resolves with the exit code: 0 when all was closed in time, 1 when not, 130 for a second signal. */
export function untilShutdown(signals: readonly NodeJS.Signals[], options: ShutdownOptions): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  let closing = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (closing) {
      options.log.warn({ signal }, 'second signal: stopping at once')
      resolve(130)
      return
    }
    closing = true
    options.log.info({ signal }, 'shutting down')
    options.clock.after(DEADLINE, () => {
      options.log.error('shutdown took too long')
      resolve(1)
    })
    options.close().then(
      () => resolve(0),
      (error: unknown) => {
        options.log.error({ error: String(error) }, 'shutdown failed')
        resolve(1)
      },
    )
  }
  for (const signal of signals) process.on(signal, onSignal)
  return promise
}
