/** In charge of the real coturn of a test: our own template and entry point, on loopback. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Exit, TestProcess } from './childProcess.ts'
import { findFreePorts } from './freePorts.ts'
import { TurnClient } from './TurnClient.ts'

const entrypoint = fileURLToPath(new URL('../../turn/entrypoint.sh', import.meta.url))

/** Relay ports of a test's coturn; the entry point makes the same number its total quota. */
const relayPorts = 64

/** What a test may choose. */
export interface CoturnOptions {
  /** The secret shared with the server; a random one by default. */
  secret?: string
  /** Addresses that may be relayed to; 127.0.0.1 by default. */
  peersAllowed?: string[]
}

/** A running coturn. */
export interface TestCoturn extends AsyncDisposable {
  readonly secret: string
  readonly port: number
  readonly pid: number
  /** Both transports, ready for `NEARCAST_TURN_URLS`. */
  readonly urls: string[]
  /** What it wrote so far. */
  readonly lines: readonly string[]
  /** Resolves when it is gone. */
  stop(): Promise<Exit>
}

/** Starts coturn and resolves when it has answered a STUN binding request. */
export async function startCoturn(options: CoturnOptions = {}): Promise<TestCoturn> {
  const { secret = randomBytes(24).toString('hex'), peersAllowed = ['127.0.0.1'] } = options
  const directory = await mkdtemp(join(tmpdir(), 'turn-'))
  // One block: the listening port, then the relay's ports.
  const port = await findFreePorts(1 + relayPorts)
  const environment = {
    ...process.env,
    TURN_SECRET: secret,
    TURN_REALM: 'nearcast.test',
    TURN_ALLOWED_PEERS: peersAllowed.join(','),
    TURN_PORT: `${port}`,
    TURN_MIN_PORT: `${port + 1}`,
    TURN_MAX_PORT: `${port + relayPorts}`,
    TURN_RUN_DIR: directory,
  }
  // Tests only: everything is on loopback here, which the template rightly refuses.
  const testOnly = ['--allow-loopback-peers', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--verbose']
  const child = await TestProcess.create('sh', [entrypoint, ...testOnly], environment)
  const stop = async () => {
    const exit = await child.close()
    await rm(directory, { recursive: true, force: true })
    return exit
  }
  try {
    await using probe = await TurnClient.create(port)
    const ended = child.exited.then(() => {
      throw new Error(`coturn ended:\n${child.lines.slice(-20).join('\n')}`)
    })
    await Promise.race([probe.binding(), ended])
  } catch (error) {
    await stop()
    throw error
  }
  const urls = [`turn:127.0.0.1:${port}?transport=udp`, `turn:127.0.0.1:${port}?transport=tcp`]
  return {
    secret,
    port,
    pid: child.pid,
    urls,
    lines: child.lines,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
