/** In charge of an nginx of a test: our configuration with other ports, paths and user, in a folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../../server/setup/Machine.js'
import { findFreePorts } from './freePorts.ts'
import { waitFor } from './waitFor.ts'

const CONFIGURATION = fileURLToPath(new URL('../../server/deploy/nginx-cache.conf', import.meta.url))

export interface NginxPlaces {
  readonly port: number
  readonly upstreamPort: number
  /** Where cache, log and process id go. */
  readonly folder: string
  /** Whoever runs it. */
  readonly user: string
}

/** The configuration with what depends on the machine put in. Throws when a place is not where it was. Pure. */
export function placeConfiguration(text: string, { port, upstreamPort, folder, user }: NginxPlaces): string {
  const places: [from: string, to: string][] = [
    ['user www-data;', `user ${user};`],
    ['pid /run/nginx.pid;', `pid ${folder}/nginx.pid;`],
    ['error_log /var/log/nginx/error.log warn;', `error_log ${folder}/error.log warn;`],
    ['proxy_cache_path /var/lib/nginx/nearcast ', `proxy_cache_path ${folder}/cache `],
    ['server 127.0.0.1:8080;', `server 127.0.0.1:${upstreamPort};`],
    ['listen 80;', `listen 127.0.0.1:${port};`],
  ]
  return places.reduce((placed, [from, to]) => {
    if (placed.split(from).length !== 2) throw new Error(`the configuration has not one "${from}"`)
    return placed.replace(from, () => to)
  }, text)
}

/** What `nginx -t` says; rejects when it finds a fault. */
export async function checkNginx(upstreamPort: number): Promise<string> {
  const { program, file, folder } = await makeFolder(upstreamPort, (same) => same)
  try {
    const { stderr } = await promisify(execFile)(program, ['-t', '-q', '-c', file])
    return stderr
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Only a privileged root may raise the limit of open files: a container's often may not, and has what it has. */
const TOLERATED = /setrlimit\(RLIMIT_NOFILE/

export interface RunningNginx extends AsyncDisposable {
  readonly port: number
  /** Of the master; the workers are its children. */
  readonly pid: number
  /** What it complained of. */
  log(): Promise<string>
}

/** Resolves once it answers; `edit` changes the configuration further. */
export async function startNginx(
  upstreamPort: number,
  edit: (configuration: string) => string = (same) => same,
): Promise<RunningNginx> {
  const made = await makeFolder(upstreamPort, edit)
  const child = spawn(made.program, ['-c', made.file, '-g', 'daemon off;'], { stdio: 'inherit' })
  const stop = async () => {
    await end(child)
    await rm(made.folder, { recursive: true, force: true })
  }
  try {
    await waitFor('nginx listens', () => answers(child, made.port))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port: made.port,
    pid: child.pid ?? 0,
    log: async () => {
      const lines = (await readFile(join(made.folder, 'error.log'), 'utf8')).split('\n')
      return lines.filter((line) => !TOLERATED.test(line)).join('\n')
    },
    [Symbol.asyncDispose]: stop,
  }
}

interface Made {
  readonly program: string
  readonly folder: string
  readonly file: string
  readonly port: number
}

async function makeFolder(upstreamPort: number, edit: (configuration: string) => string): Promise<Made> {
  const program = findProgram(['nginx'])
  if (program === undefined) throw new Error('nginx is not installed: npm test brings it')
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const port = await findFreePorts()
  const file = join(folder, 'nginx.conf')
  const places = { port, upstreamPort, folder, user: userInfo().username }
  await writeFile(file, edit(placeConfiguration(await readFile(CONFIGURATION, 'utf8'), places)))
  return { program, folder, file, port }
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** The master takes its workers along; held requests do not keep it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
