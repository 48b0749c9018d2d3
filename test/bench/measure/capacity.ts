/** In charge of the capacity table: how many LL-HLS viewers one server process carries, directly and behind a cache. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../../server/config.ts'
import { canPin } from '../capacity/Child.ts'
import { encodeClip } from '../capacity/clip.ts'
import { nextClients, type RunVerdict, verdictOf } from '../capacity/delays.ts'
import { type RunFigures, runOnce } from '../capacity/run.ts'
import { percentile } from '../figures.ts'
import type { Outcome } from '../report.ts'
import type { BenchContext } from '../Stand.ts'

/** Milliseconds over which a run is measured. */
const OVER_MS = 20_000
/** Files that a client holds open in its process, and that the process needs besides. */
const FILES_PER_CLIENT = 4
const OTHER_FILES = 200

const HEAD = [
  ...['clients', 'part p50', 'part p95', 'worst', 'requests/s', 'server CPU', 'nginx CPU', 'generator CPU'],
  ...['server memory', 'nginx memory', 'verdict'],
]

export async function measureCapacity(context: BenchContext, throughNginx: boolean): Promise<Outcome> {
  const { signal, say, clients: only, profile } = context
  const files = openFiles()
  const most = Math.floor((files - OTHER_FILES) / FILES_PER_CLIENT)
  if (only !== null && only > most) throw new Error(`ulimit -n is ${files}: enough for ${most} clients`)
  const folder = await mkdtemp(join(tmpdir(), 'capacity-'))
  try {
    const clip = await encodeClip(folder, signal)
    const partTarget = parseConfig({}).partTarget * 1000
    const done: { figures: RunFigures; verdict: RunVerdict }[] = []
    const tried = () =>
      done.map(({ figures, verdict }) => ({ clients: figures.clients, inTime: verdict.kind === 'in time' }))
    for (
      let next = only ?? nextClients([], most);
      next !== null;
      next = only === null ? nextClients(tried(), most) : null
    ) {
      const figures = await runOnce({ clip, clients: next, throughNginx, over: OVER_MS, profile, signal })
      const verdict = verdictOf(figures, partTarget)
      say(
        cells({ figures, verdict })
          .map((cell, index) => `${HEAD[index]} ${cell}`)
          .join(', '),
      )
      done.push({ figures, verdict })
    }
    done.sort((a, b) => a.figures.clients - b.figures.clients)
    const largest = Math.max(
      0,
      ...tried()
        .filter(({ inTime }) => inTime)
        .map(({ clients }) => clients),
    )
    const beyond = done.find(({ figures, verdict }) => figures.clients > largest && verdict.kind !== 'in time')?.verdict
    const limit = beyond && beyond.kind !== 'in time' ? beyond.why : `ulimit -n ${files} allows no more`
    return {
      kind: 'listed',
      head: HEAD,
      rows: done.map(cells),
      records: done.map(record),
      notes: [
        `largest number in time: ${largest} (beyond it: ${limit})`,
        'a client: lowest rung and sound, a blocking playlist request and a part request of each, on 4 connections',
        `server process: HTTP and packaging, no SFU; ${throughNginx ? 'nginx shares its core' : 'a core of its own'}, ` +
          `generator and FFmpeg on the other${canPin ? '' : ' (not pinned: no taskset here)'}; memory is private, minus idle`,
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function cells({ figures, verdict }: { figures: RunFigures; verdict: RunVerdict }): string[] {
  const { clients, serverCpu, generatorCpu, nginx, serverMemory } = figures
  const { p50, p95, worst, requests } = summary(figures)
  const percent = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(0)} %`)
  const megabytes = (value: number | undefined) => (value === undefined ? '-' : `${(value / 1e6).toFixed(0)} MB`)
  return [
    ...[`${clients}`, ...[p50, p95, worst].map((value) => `${value} ms`), `${Math.round(requests)}`],
    ...[
      percent(serverCpu),
      percent(nginx?.cpu),
      percent(generatorCpu),
      megabytes(serverMemory),
      megabytes(nginx?.memory),
    ],
    verdict.kind === 'in time' ? verdict.kind : `${verdict.kind}: ${verdict.why}`,
  ]
}

function record({ figures, verdict }: { figures: RunFigures; verdict: RunVerdict }): object {
  const { delays: _, ...rest } = figures
  return { ...rest, ...summary(figures), verdict }
}

/** Each part that arrived was one request, and so was the playlist that told of it. */
function summary({ delays, seconds }: RunFigures) {
  const of = (share: number) => (delays.length === 0 ? Number.POSITIVE_INFINITY : percentile(delays, share))
  return { p50: of(0.5), p95: of(0.95), worst: of(1), requests: (2 * delays.filter(Number.isFinite).length) / seconds }
}

/** How many files a process may have open: Node raises its own limit as far as it may. */
function openFiles(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
}
