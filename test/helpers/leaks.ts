/** In charge of what a test leaves behind: child processes, ports and temporary files. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenPort, openPorts, ourProcesses, type ProcessEntry } from './processes.ts'
import { waitFor } from './waitFor.ts'

/** What there was at one moment. */
export interface Snapshot {
  readonly processes: ProcessEntry[]
  readonly ports: OpenPort[]
  /** Paths below the watched directories. */
  readonly files: string[]
  readonly directories: string[]
  /** The temporary directory that this snapshot made and that goes with it; undefined when an earlier one did. */
  readonly madeDirectory: string | undefined
}

/** Where this process and its children keep temporary files while a snapshot is open, and where they did before. */
let temporary: { directory: string; before: string | undefined } | undefined

/**
 * Makes a temporary directory of this test's own. Everything that asks the system for one from now on, children
 * included, lands in it, so that what is left there is ours. The path is short: sockets live in it.
 */
function enterTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nct-'))
  temporary = { directory, before: process.env.TMPDIR }
  process.env.TMPDIR = directory
  return directory
}

function leaveTemporaryDirectory(directory: string): void {
  if (temporary?.before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporary.before
  temporary = undefined
  rmSync(directory, { recursive: true, force: true })
}

/** Looks at this process and its descendants, at the test's own temporary directory, and at further directories. */
export function snapshot(directories: string[] = []): Snapshot {
  const madeDirectory = temporary ? undefined : enterTemporaryDirectory()
  return { ...look(directories), madeDirectory }
}

function look(directories: string[]): Omit<Snapshot, 'madeDirectory'> {
  const watched = [...(temporary ? [temporary.directory] : []), ...directories]
  const processes = ourProcesses()
  return {
    processes,
    ports: openPorts([process.pid, ...processes.map((entry) => entry.pid)]),
    files: watched.flatMap((directory) => listFiles(directory)),
    directories,
  }
}

/**
 * Resolves when nothing is there that was not there before; rejects after `deadline` (20 000 ms) with a list of what
 * is left. Processes and files may take a moment to go, so it looks again until then. It ends the snapshot: the temporary
 * directory that was made with it goes too; after a failure it stays, to be looked at.
 */
export async function expectNothingLeft(before: Snapshot, deadline = 20_000): Promise<void> {
  let left = leftSince(before)
  const isClean = () => {
    left = leftSince(before)
    return left.length === 0
  }
  await waitFor('nothing is left', isClean, { deadline }).catch(() => {
    throw new Error(`left behind:\n${left.join('\n')}`)
  })
  if (before.madeDirectory) leaveTemporaryDirectory(before.madeDirectory)
}

function leftSince(before: Snapshot): string[] {
  const now = look(before.directories)
  const name = {
    process: (entry: ProcessEntry) => `process ${entry.pid} ${entry.command}`,
    port: (open: OpenPort) => `port ${open.protocol} ${open.address}:${open.port} of ${open.pid}`,
    file: (path: string) => `file ${path}`,
  }
  const list = (of: Omit<Snapshot, 'madeDirectory'>) => [
    ...of.processes.map(name.process),
    ...of.ports.map(name.port),
    ...of.files.map(name.file),
  ]
  const known = new Set(list(before))
  return list(now).filter((item) => !known.has(item))
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true }).map((path) => join(directory, `${path}`))
  } catch {
    return []
  }
}
