/** In charge of what the process table says: who descends from us, and which ports whom listens on. Linux only. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process of this test run. */
export interface ProcessEntry {
  pid: number
  parent: number
  command: string
}

/** A port that a process holds: a listening TCP socket or a bound UDP socket. */
export interface OpenPort {
  pid: number
  protocol: 'tcp' | 'udp'
  address: string
  port: number
}

/**
 * A variable that every child inherits, so that a child whose parent died is still known as ours. Read from
 * `/proc/<pid>/environ`, which shows the environment a process was started with.
 */
const markName = 'TEST_RUN_MARK'
const mark = `${process.pid}-${randomBytes(4).toString('hex')}`
process.env[markName] = mark

/** All living processes that descend from this one or were started by one that did; zombies are left out. */
export function ourProcesses(): ProcessEntry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readEntry(Number(pid)) ?? [])
  const ours = new Set([process.pid])
  // Children may have smaller pids than their parents: look until nobody is added.
  for (let before = 0; before < ours.size; ) {
    before = ours.size
    for (const entry of all) if (ours.has(entry.parent)) ours.add(entry.pid)
  }
  return all.filter((entry) => entry.pid !== process.pid && (ours.has(entry.pid) || carriesMark(entry.pid)))
}

/** The ports that the given processes hold. */
export function openPorts(pids: number[]): OpenPort[] {
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).map((table) => readTable(table))
  return pids.flatMap((pid) => {
    const inodes = socketsOf(pid)
    return tables.flatMap((rows) => rows.filter((row) => inodes.has(row.inode)).map((row) => ({ pid, ...row.open })))
  })
}

function readEntry(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command stands in brackets and may hold brackets and spaces itself (proc(5)).
    const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid, parent: Number(parent), command: command.slice(0, 200) }
  } catch {
    return undefined
  }
}

function carriesMark(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${markName}=${mark}`)
  } catch {
    return false
  }
}

function socketsOf(pid: number): Set<string> {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`)
      } catch {
        return []
      }
    })
    return new Set(links.flatMap((link) => link.match(/^socket:\[(\d+)\]$/)?.[1] ?? []))
  } catch {
    return new Set()
  }
}

/** Rows of /proc/net that are listening TCP (state 0A) or unconnected UDP (state 07) sockets. */
function readTable(table: 'tcp' | 'tcp6' | 'udp' | 'udp6'): { inode: string; open: Omit<OpenPort, 'pid'> }[] {
  const protocol = table.startsWith('tcp') ? ('tcp' as const) : ('udp' as const)
  let text = ''
  try {
    text = readFileSync(`/proc/net/${table}`, 'utf8')
  } catch {
    // A machine without IPv6 has no such table.
  }
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state !== (protocol === 'tcp' ? '0A' : '07')) return []
    return { inode, open: { protocol, address: readAddress(address), port: Number.parseInt(port, 16) } }
  })
}

/** /proc/net writes addresses as 32-bit words in the machine's (little endian) order. */
function readAddress(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse())
  const bytes = words.flat()
  const dotted = (of: string[]) => of.map((byte) => Number.parseInt(byte, 16)).join('.')
  if (bytes.length === 4) return dotted(bytes)
  if (bytes.slice(0, 12).join('') === '00000000000000000000ffff'.toUpperCase()) return dotted(bytes.slice(12))
  const value = bytes.join('').toLowerCase()
  if (/^0+$/.test(value)) return '::'
  return /^0+1$/.test(value) ? '::1' : (value.match(/.{4}/g) ?? []).join(':')
}
