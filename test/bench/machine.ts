/** In charge of saying on what the figures were measured. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromiumPath } from '../helpers/browsers.ts'
import { startServer } from '../helpers/server.ts'
import { serverProcesses } from './processUsage.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Everything as text or number, for JSON. */
export type Machine = Awaited<ReturnType<typeof describeMachine>>

/** Load a core above which other programs disturb the figures. */
const MOST_LOAD = 0.3

/** Asks programs for their versions and starts a server for a moment, to look at the worker that it runs. */
export async function describeMachine() {
  const [load = 0] = loadavg()
  const cores = availableParallelism()
  return {
    date: new Date().toISOString(),
    commit: await commit(),
    system: `${osName()}, kernel ${release()}, ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    /** Of the last minute before anything was measured. */
    loadBefore: load,
    isBusy: load > cores * MOST_LOAD,
    node: process.version,
    chromium: firstVersion(await output(chromiumPath, ['--version'])),
    ffmpeg: firstVersion(await output(process.env.NEARCAST_FFMPEG ?? 'ffmpeg', ['-version'])),
    mediasoup: await packageVersion('mediasoup'),
    hlsJs: await packageVersion('hls.js'),
    worker: await describeWorker(),
  }
}

/** Lines that stand above the table. */
export function machineLines(machine: Machine): string[] {
  const { date, commit, system, cpu, cores, memoryGiB, loadBefore, isBusy, node, chromium, ffmpeg, worker } = machine
  return [
    `${date}, commit ${commit}`,
    `${system}; ${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    `Node ${node}, Chromium ${chromium}, FFmpeg ${ffmpeg}, hls.js ${machine.hlsJs}`,
    `mediasoup ${machine.mediasoup}, worker ${worker.origin}, ${worker.srtp}`,
    ...(isBusy
      ? [`Load before the start ${loadBefore.toFixed(1)}: other programs are busy, the figures are noisy.`]
      : []),
  ]
}

/** Which libsrtp encrypts, from the files that a worker has mapped (`/proc/<pid>/maps`). Pure. */
export function srtpOf(maps: string): string {
  const has = (library: string) => new RegExp(`/${library}[.\\d-]*\\.so`).test(maps)
  if (!has('libsrtp\\d')) return 'libsrtp inside the worker'
  return has('libnss3') ? "the system's libsrtp on NSS" : "the system's libsrtp on OpenSSL"
}

async function describeWorker(): Promise<{ origin: string; srtp: string }> {
  await using server = await startServer({ workers: 1 })
  const worker = serverProcesses(server.pid).find(({ role }) => role === 'worker')
  if (!worker) throw new Error('the server has no worker')
  return { origin: await workerOrigin(), srtp: srtpOf(readFileSync(`/proc/${worker.pid}/maps`, 'utf8')) }
}

/** Set-up notes beside a worker in its cache whether it was built or downloaded. */
async function workerOrigin(): Promise<string> {
  const path = process.env.MEDIASOUP_WORKER_BIN
  if (!path) return "the npm package's own"
  try {
    const mark = JSON.parse(await readFile(join(dirname(path), 'checked.json'), 'utf8')) as { origin?: unknown }
    return String(mark.origin)
  } catch {
    return 'named by MEDIASOUP_WORKER_BIN'
  }
}

/** Short name of the commit, marked when files differ from it; unknown outside a repository. */
async function commit(): Promise<string> {
  return (await output('git', ['-C', root, 'describe', '--always', '--dirty', '--exclude=*'])).trim() || 'unknown'
}

function osName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}

async function packageVersion(name: string): Promise<string> {
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}

function firstVersion(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown'
}

/** What a program prints; nothing when it cannot be run. */
async function output(program: string, args: string[]): Promise<string> {
  return await run(program, args).then(
    ({ stdout }) => stdout,
    () => '',
  )
}
