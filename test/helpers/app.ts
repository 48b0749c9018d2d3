/** In charge of a server inside the test's own process: the real App on free ports with a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { App } from '../../server/app.ts'
import { parseConfig } from '../../server/config.ts'
import { systemClock } from '../../server/lib/clock.ts'
import { findFreePorts, findFreeTapPorts } from './freePorts.ts'

export interface TestApp extends AsyncDisposable {
  readonly app: App
  /** Address of the server on loopback, without a slash at the end. */
  readonly url: string
}

/** Ports between SFU and FFmpeg. */
const tapPorts = 64

/** `env` holds settings by their environment names. */
export async function startApp(env: Record<string, string> = {}): Promise<TestApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nc-app-'))
  const config = parseConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    NEARCAST_WORKERS: '1',
    NEARCAST_RTC_PORT: `${await findFreePorts(1)}`,
    // Not the default ones, which another server on this machine may use.
    NEARCAST_TAP_PORT: `${await findFreeTapPorts(tapPorts)}`,
    NEARCAST_TAP_PORT_COUNT: `${tapPorts}`,
    ...env,
  })
  const log = pino({ level: process.env.NEARCAST_TEST_LOG ?? 'silent' })
  const removeData = () => rm(dataDir, { recursive: true, force: true })
  const app = await App.create({ config, interfaces: networkInterfaces(), clock: systemClock, log }).catch(
    async (error: unknown) => {
      await removeData()
      throw error
    },
  )
  return {
    app,
    url: `http://127.0.0.1:${app.port}`,
    async [Symbol.asyncDispose]() {
      await app.close()
      await removeData()
    },
  }
}
