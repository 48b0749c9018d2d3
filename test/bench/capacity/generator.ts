/** The second process of the capacity bench: all its viewers, and when what reached them. Ends when its parent goes. */
import { setTimeout as after } from 'node:timers/promises'
import { LowLatencyClient, SharedPlaylists } from './LowLatencyClient.ts'
import type { FromGenerator, GeneratorOrder, GeneratorTask } from './protocol.ts'

const task = JSON.parse(process.argv[2] ?? '{}') as GeneratorTask
const startedAt = performance.now()
const stop = new AbortController()
const clients: LowLatencyClient[] = []
const playlists = new SharedPlaylists()
const arrivals = new Map<string, number[]>()
let measures = false
let failed = 0
let failure: string | null = null

process.on('disconnect', () => {
  stop.abort()
  for (const client of clients) client.close()
})
process.on('message', (order: GeneratorOrder) => {
  if (order === 'measure') measures = true
  else tell({ kind: 'report', arrivals: [...arrivals], failed, failure })
})

for (let index = 0; index < task.clients && !stop.signal.aborted; index++) {
  clients.push(
    new LowLatencyClient({
      host: '127.0.0.1',
      port: task.port,
      from: addressOf(index),
      path: task.path,
      playlists,
      onPart,
      onError,
    }),
  )
  // Several at once where they come faster than timers are.
  const early = due(index + 1) - performance.now()
  if (early > 0) await after(early, undefined, { signal: stop.signal }).catch(() => {})
}
tell({ kind: 'all there' })

/** When a client comes, on the process's clock. */
function due(index: number): number {
  return startedAt + (index / task.clients) * task.over
}

function onPart(path: string): void {
  if (!measures) return
  const times = arrivals.get(path)
  if (times) times.push(Date.now())
  else arrivals.set(path, [Date.now()])
}

function onError(why: string): void {
  failed++
  failure ??= why
}

/** Addresses of their own, so that what the server bounds by address is bounded as it would be. All are loopback. */
function addressOf(index: number): string {
  return `127.1.${index >> 8}.${(index & 255) === 255 ? 254 : (index & 255) + 1}`
}

function tell(message: FromGenerator): void {
  if (process.connected) process.send?.(message, () => {})
}
