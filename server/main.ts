/** Environment → App → signals → exit code. */
import { networkInterfaces } from 'node:os'
import { App } from './app.ts'
import { ConfigError, parseConfig } from './config.ts'
import { systemClock } from './lib/clock.ts'
import { createLogger } from './ops/logger.ts'
import { untilShutdown } from './ops/shutdown.ts'
import { ListenError } from './sfu/MediaWorker.ts'
import { StoreError } from './store/Store.ts'
import { welcome } from './welcome.ts'

process.exit(await main())

async function main(): Promise<number> {
  try {
    const config = parseConfig()
    const log = createLogger(config.logLevel, process.stdout)
    const app = await App.create({ config, interfaces: networkInterfaces(), clock: systemClock, log })
    const { port, origins, createToken } = app
    log.info({ port, url: origins.local, network: origins.network, workers: app.workerPids }, 'listening')
    if (process.stdout.isTTY) process.stdout.write(welcome(origins, createToken))
    return await untilShutdown(['SIGTERM', 'SIGINT'], { close: () => app.close(), clock: systemClock, log })
  } catch (error) {
    const expected =
      [ConfigError, StoreError, ListenError].some((kind) => error instanceof kind) || isListenError(error)
    process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`)
    return 1
  }
}

/** A port that is taken or forbidden is the operator's to mend; a stack would hide the one line that matters. */
function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen'
}
