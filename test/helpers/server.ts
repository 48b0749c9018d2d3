/** In charge of the real server of a test: `node server/main.ts` on free ports with a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../server/setup/nodeFlags.js'
import { type Exit, TestProcess } from './childProcess.ts'
import { findFreePorts, findFreeTapPorts } from './freePorts.ts'
import { addWitness } from './scene.ts'

/** Ports between SFU and FFmpeg: enough for seven broadcasts of three layers and sound. */
const tapPorts = 64

const mainFile = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** pino's level of a warning; above it are errors. */
const WARN = 40
/** How many of the last warnings and errors, and of the last records, a test tells of that waited in vain. */
const REMARKS = 12

/** One line of the server's log. */
export type LogRecord = Record<string, unknown> & { msg?: string; level?: number }

/** What a test may choose; everything else has the server's defaults. */
export interface ServerOptions {
  /** More settings, by the names of the environment variables. */
  env?: Record<string, string>
  /** A directory that outlives this server, for tests of a restart. Without it the server gets one of its own. */
  dataDirectory?: string
  /** Base of the WebRTC ports, for a restart on the same ones; free ones by default. */
  rtcPort?: number
  /** How many mediasoup workers, each on a port of its own from `rtcPort` on; 2 by default. */
  workers?: number
  /** The `main.ts` of another version of the program. */
  program?: string
}

/** A running server. */
export interface TestServer extends AsyncDisposable {
  /** Address of the pages on this machine, without a slash at the end: a secure context. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** UDP and TCP ports of WebRTC. */
  readonly rtcPorts: number[]
  readonly dataDirectory: string
  readonly exited: Promise<Exit>
  /** All log records so far, oldest first. */
  logs(): LogRecord[]
  /** Resolves with the first record, past or future, that matches; rejects when the server ends or after `deadline` ms. */
  logged(what: string, matches: (record: LogRecord) => boolean, deadline?: number): Promise<LogRecord>
  /** Sends the signal (SIGTERM) and resolves with how and after how many milliseconds the server ended. */
  stop(signal?: NodeJS.Signals): Promise<Exit & { ms: number }>
  /** Ends the server without a chance to clean up; resolves when it is gone. */
  kill(): Promise<Exit>
  /** Stops it when it still runs, and removes the data directory when it was the server's own. */
  close(): Promise<void>
}

/** Starts the server and resolves when it says that it listens. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { env = {}, workers = 2, program = mainFile } = options
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'nc-data-')))
  const rtcPort = options.rtcPort ?? (await findFreePorts(workers))
  const child = await TestProcess.create(process.execPath, [...nodeFlags, program], {
    ...inheritedEnvironment(),
    PORT: '0',
    DATA_DIR: dataDirectory,
    NEARCAST_RTC_PORT: `${rtcPort}`,
    NEARCAST_WORKERS: `${workers}`,
    // Servers side by side, such as the machine's own, would take the same default ports and send into each other's FFmpeg.
    NEARCAST_TAP_PORT: `${await findFreeTapPorts(tapPorts)}`,
    NEARCAST_TAP_PORT_COUNT: `${tapPorts}`,
    ...env,
  })
  const endWitness = addWitness(() => [`server ${child.pid}:`, ...remarks(child.lines)].join('\n    '))
  const close = async () => {
    endWitness()
    await child.close()
    if (!options.dataDirectory) await rm(dataDirectory, { recursive: true, force: true })
  }
  try {
    const listening = await child.find('the log record "listening"', (line) => {
      const record = parse(line)
      return record?.msg === 'listening' && typeof record.port === 'number' ? record.port : undefined
    })
    return {
      url: `http://localhost:${listening}`,
      port: listening,
      pid: child.pid,
      rtcPorts: Array.from({ length: workers }, (_, index) => rtcPort + index),
      dataDirectory,
      exited: child.exited,
      logs: () => child.lines.map(parse).filter((record) => record !== undefined),
      logged: (what, matches, deadline) =>
        child.find(
          `the log record ${what}`,
          (line) => {
            const record = parse(line)
            return record && matches(record) ? record : undefined
          },
          deadline,
        ),
      stop: async (signal = 'SIGTERM') => {
        const start = performance.now()
        child.signal(signal)
        const exit = await child.exited
        return { ...exit, ms: performance.now() - start }
      },
      kill: () => child.close('SIGKILL'),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The last warnings and errors whole, and of the last records of all what they say. */
function remarks(lines: readonly string[]): string[] {
  const serious = lines.filter((line) => (parse(line)?.level ?? 0) >= WARN).slice(-REMARKS)
  const said = lines.slice(-REMARKS).map((line) => {
    const { time, tap, msg } = parse(line) ?? { msg: line }
    return [time, tap, msg].filter(Boolean).join(' ').slice(0, 120)
  })
  return [...serious, 'last:', ...said]
}

/** Our environment without the settings of the machine's own Nearcast, which a test must not inherit. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const own = /^(NEARCAST_|PORT$|HOST$|PUBLIC_URL$|DATA_DIR$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
}

function parse(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as LogRecord
  } catch {
    return undefined
  }
}
