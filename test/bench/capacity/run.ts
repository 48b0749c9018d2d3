/** In charge of one run: so many viewers against one server process, directly or through nginx, for a while. */
import { setTimeout as after } from 'node:timers/promises'
import { type RunningNginx, startNginx } from '../../helpers/nginx.ts'
import { ourProcesses } from '../../helpers/processes.ts'
import { cpuTime, privateMemory } from '../processUsage.ts'
import { Child, pin } from './Child.ts'
import { delaysOf } from './delays.ts'
import type { FromGenerator, FromOrigin, GeneratorTask, OriginTask } from './protocol.ts'

export interface RunOptions {
  readonly clip: string
  readonly clients: number
  readonly throughNginx: boolean
  /** Milliseconds over which is measured. */
  readonly over: number
  /** Folder for a CPU profile of the server; null for none. */
  readonly profile: string | null
  readonly signal: AbortSignal
}

/** CPU in percent of a core, memory in bytes. */
export interface RunFigures {
  readonly clients: number
  /** Time in which the parts were born that count. */
  readonly seconds: number
  /** From the birth of a part to its last byte at a client, milliseconds; infinite for what did not come. */
  readonly delays: readonly number[]
  readonly failed: number
  readonly failure: string | null
  readonly serverCpu: number
  readonly generatorCpu: number
  readonly serverMemory: number
  /** Null without it. */
  readonly nginx: { readonly cpu: number; readonly memory: number } | null
}

/** The server, and what stands in front of it, have one core, the generator has the other. */
const SERVER_CORE = 0
const GENERATOR_CORE = 1
/** Milliseconds in which a client comes, and the shortest time for all of them. */
const CLIENT_COMES_MS = 2.5
const SHORTEST_COMING_MS = 3_000
/** Milliseconds from the last client's coming to the measuring, and for late parts to come after it. */
const SETTLE_MS = 4_000
const LATE_MS = 2_000
/** Milliseconds in which the order to measure has surely arrived. */
const ORDER_MS = 500

export async function runOnce(options: RunOptions): Promise<RunFigures> {
  const { clip, clients, throughNginx, profile, signal } = options
  const births = new Map<string, number>()
  const nodeArguments = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const originTask: OriginTask = { clip, clients, behindProxy: throughNginx }
  const origin = Child.start<FromOrigin>(new URL('./origin.ts', import.meta.url), originTask, { nodeArguments, signal })
  await using _origin = origin
  origin.onTold((told) => {
    if (told.kind === 'births') for (const [path, at] of told.births) births.set(path, at)
  })
  const { port, path, ffmpegPid } = await origin.told('ready')
  await pin(origin.pid, SERVER_CORE)
  // It stands for machinery that is not the server's.
  await pin(ffmpegPid, GENERATOR_CORE)
  await using nginx = throughNginx ? await startNginx(port) : null
  for (const pid of pidsOf(nginx)) await pin(pid, SERVER_CORE)
  const idle = { server: privateMemory(origin.pid), nginx: memoryOf(nginx) }

  const over = Math.max(SHORTEST_COMING_MS, clients * CLIENT_COMES_MS)
  const generatorTask: GeneratorTask = { port: nginx?.port ?? port, path, clients, over }
  const generator = Child.start<FromGenerator>(new URL('./generator.ts', import.meta.url), generatorTask, { signal })
  await using _generator = generator
  await pin(generator.pid, GENERATOR_CORE)
  await generator.told('all there')
  await after(SETTLE_MS, undefined, { signal })

  generator.tell('measure')
  const look = () => ({
    at: Date.now(),
    server: cpuTime(origin.pid),
    generator: cpuTime(generator.pid),
    nginx: pidsOf(nginx).reduce((sum, pid) => sum + cpuTime(pid), 0),
  })
  const before = look()
  await after(options.over, undefined, { signal })
  const end = look()
  const memory = { server: privateMemory(origin.pid), nginx: memoryOf(nginx) }
  await after(LATE_MS, undefined, { signal })
  const report = generator.told('report')
  generator.tell('report')
  const { arrivals, failed, failure } = await report
  // Too many for it, as when the server gives up on requests that it could not read in time: so many is no number that it carries.
  const complaints = (await nginx?.log())?.trim() ?? ''
  const complaint = complaints === '' ? null : `nginx complains: ${complaints.slice(0, 120)}`

  const from = before.at + ORDER_MS
  const counted = [...births].filter(([, at]) => at >= from && at < end.at)
  const share = (used: 'server' | 'generator' | 'nginx') => ((end[used] - before[used]) / (end.at - before.at)) * 100
  return {
    clients,
    seconds: (end.at - from) / 1000,
    delays: delaysOf(counted, new Map(arrivals), clients),
    failed: complaint === null ? failed : Math.max(1, failed),
    failure: failure ?? complaint,
    serverCpu: share('server'),
    generatorCpu: share('generator'),
    serverMemory: memory.server - idle.server,
    nginx: nginx && { cpu: share('nginx'), memory: memory.nginx - idle.nginx },
  }
}

/** The master and its workers. */
function pidsOf(nginx: RunningNginx | null): number[] {
  if (!nginx) return []
  const workers = ourProcesses().filter(({ parent }) => parent === nginx.pid)
  return [nginx.pid, ...workers.map(({ pid }) => pid)]
}

function memoryOf(nginx: RunningNginx | null): number {
  return pidsOf(nginx).reduce((sum, pid) => sum + privateMemory(pid), 0)
}
