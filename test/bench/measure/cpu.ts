/** In charge of the figures "CPU of one three-rung broadcast", copied and transcoded, without viewers. */
import { setTimeout as after } from 'node:timers/promises'
import { percentile } from '../figures.ts'
import {
  type ByRole,
  cpuTime,
  type Role,
  roles,
  type ServerProcess,
  serverProcesses,
  sumByRole,
} from '../processUsage.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** Time over which is measured, in milliseconds, in as many windows as samples are wanted. */
const OVER_MS = 30_000
const WINDOWS = 20

/** @param scripts what the sender's page is given; the clock picture, sent as it likes best, by default */
export async function measureCpu({ signal, say }: BenchContext, scripts?: string[]): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const { id } = await stand.goLive(scripts)
  await stand.viewer.close()
  const processes = serverProcesses(stand.server.pid)
  say(`watching ${processes.length} processes for ${OVER_MS / 1000} s`)
  const byRole: Record<Role, number[]> = { node: [], worker: [], ffmpeg: [], other: [] }
  const samples: number[] = []
  let before = look(processes)
  for (let window = 0; window < WINDOWS; window++) {
    await after(OVER_MS / WINDOWS, undefined, { signal })
    const now = look(processes)
    const elapsed = now.at - before.at
    let sum = 0
    for (const role of roles) {
      const percent = ((now.used[role] - before.used[role]) / elapsed) * 100
      byRole[role].push(percent)
      sum += percent
    }
    samples.push(sum)
    before = now
  }
  const still = serverProcesses(stand.server.pid)
  if (still.map(({ pid }) => pid).join() !== processes.map(({ pid }) => pid).join()) {
    throw new Error('the server started or lost a process meanwhile')
  }
  const sent = await stand.requireRungs(id)
  const middle = (role: Role) => `${percentile(byRole[role], 0.5).toFixed(1)} %`
  const ffmpegs = processes.filter(({ role }) => role === 'ffmpeg').length
  const parts = `node ${middle('node')}, worker ${middle('worker')}, ${ffmpegs} FFmpegs ${middle('ffmpeg')}, other ${middle('other')}`
  const mean = samples.reduce((total, sample) => total + sample, 0) / samples.length
  const notes = [
    `share of one core over ${OVER_MS / 1000} s: mean ${mean.toFixed(1)} %; p50 of the parts: ${parts}; ${sent}`,
  ]
  return { kind: 'measured', samples, notes }
}

function look(processes: readonly ServerProcess[]): { at: number; used: ByRole } {
  return { used: sumByRole(processes, cpuTime), at: performance.now() }
}
