/** In charge of the figure "memory one live broadcast adds". */
import { setTimeout as after } from 'node:timers/promises'
import { percentile } from '../figures.ts'
import { type ByRole, privateMemory, type Role, roles, serverProcesses, sumByRole } from '../processUsage.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

const SAMPLES = 20
/** Time between two looks, in milliseconds: at an idle server, and at the end of the broadcast's minutes. */
const IDLE_EVERY_MS = 500
const LIVE_EVERY_MS = 1_000

export async function measureMemory({ signal, minutes, say }: BenchContext): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  await stand.viewer.close()
  say('idle')
  const idle = middle(await looks(stand.server.pid, IDLE_EVERY_MS, signal))
  const start = performance.now()
  const { id } = await stand.goLive()
  say(`live for ${minutes} minutes`)
  const until = start + minutes * 60_000 - SAMPLES * LIVE_EVERY_MS
  await after(Math.max(0, until - performance.now()), undefined, { signal })
  const live = await looks(stand.server.pid, LIVE_EVERY_MS, signal)
  const sent = await stand.requireRungs(id)
  const now = middle(live)
  const part = (role: Role) => `${role} ${megabytes(now[role]).toFixed(1)} (idle ${megabytes(idle[role]).toFixed(1)})`
  const parts = roles.map(part).join(', ')
  return {
    kind: 'measured',
    samples: live.map((each) => megabytes(sum(each) - sum(idle))),
    notes: [`private memory after ${minutes} minutes minus idle; MB: ${parts}; ${sent}`],
  }
}

/** Bytes of private memory by role, SAMPLES times. */
async function looks(serverPid: number, every: number, signal: AbortSignal): Promise<ByRole[]> {
  const taken: ByRole[] = []
  while (taken.length < SAMPLES) {
    await after(every, undefined, { signal })
    taken.push(sumByRole(serverProcesses(serverPid), privateMemory))
  }
  return taken
}

function middle(taken: readonly ByRole[]): ByRole {
  const of = (role: Role) =>
    percentile(
      taken.map((each) => each[role]),
      0.5,
    )
  return { node: of('node'), worker: of('worker'), ffmpeg: of('ffmpeg'), other: of('other') }
}

function sum(used: ByRole): number {
  return roles.reduce((total, role) => total + used[role], 0)
}

function megabytes(bytes: number): number {
  return bytes / 1e6
}
