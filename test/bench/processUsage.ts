/** In charge of what the server's processes use, as Linux tells it in /proc. */
import { readFileSync } from 'node:fs'
import { ourProcesses } from '../helpers/processes.ts'

/** What a process of the server is. */
export const roles = ['node', 'worker', 'ffmpeg', 'other'] as const
export type Role = (typeof roles)[number]

/** A figure of each role. */
export type ByRole = Record<Role, number>

export interface ServerProcess {
  readonly pid: number
  readonly role: Role
}

/** Ticks a second in /proc/<pid>/stat: USER_HZ, 100 on every architecture that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100

/**
 * The server itself and what it started. A child that is just ending has no command line any more, and no memory.
 */
export function serverProcesses(serverPid: number): ServerProcess[] {
  const children = ourProcesses().filter(({ parent, command }) => parent === serverPid && command !== '')
  return [{ pid: serverPid, role: 'node' }, ...children.map(({ pid, command }) => ({ pid, role: roleOf(command) }))]
}

/** Milliseconds of CPU that a process has used since it began. */
export function cpuTime(pid: number): number {
  return parseCpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * (1000 / TICKS_PER_SECOND)
}

/** Bytes that would be free if this process were gone; shared pages of libraries do not count. */
export function privateMemory(pid: number): number {
  return parsePrivateMemory(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
}

/** User and system time, fields 14 and 15 of proc(5). The command, field 2, may hold brackets and spaces. Pure. */
export function parseCpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  if (Number.isNaN(ticks)) throw new Error(`no CPU times in ${JSON.stringify(stat)}`)
  return ticks
}

/** Private_Clean, Private_Dirty and Private_Hugetlb, which are in KiB, in bytes. Pure. */
export function parsePrivateMemory(rollup: string): number {
  const sizes = [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].map((match) => Number(match[1]))
  if (sizes.length === 0) throw new Error('no private memory in smaps_rollup')
  return sizes.reduce((sum, size) => sum + size, 0) * 1024
}

/** The sum of a figure over the processes of each role. */
export function sumByRole(processes: readonly ServerProcess[], figure: (pid: number) => number): ByRole {
  const sums: ByRole = { node: 0, worker: 0, ffmpeg: 0, other: 0 }
  for (const { pid, role } of processes) sums[role] += figure(pid)
  return sums
}

/** By the program that a command line begins with. Pure. */
export function roleOf(command: string): Role {
  const program = command.split(' ')[0]?.split('/').at(-1) ?? ''
  if (program.startsWith('mediasoup-worker')) return 'worker'
  if (program.startsWith('ffmpeg')) return 'ffmpeg'
  return 'other'
}
