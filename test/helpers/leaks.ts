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
}

/**
 * A temporary directory of this test file's own. Everything that asks the system for a temporary directory from now
 * on, children included, lands in it, so that what is left there is ours. The path is short: sockets live in it.
 */
function ownTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nct-'))
  process.env.TMPDIR = directory
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

let temporary: string | undefined

/** Looks at this process, its descendants and the directories; without directories, at its own temporary directory. */
export function snapshot(directories: string[] = []): Snapshot {
  temporary ??= ownTemporaryDirectory()
  const watched = [temporary, ...directories]
  const processes = ourProcesses()
  return {
    processes,
    ports: openPorts([process.pid, ...processes.map((entry) => entry.pid)]),
    files: watched.flatMap((directory) => listFiles(directory)),
    directories,
  }
}

/**
 * Resolves when nothing is there that was not there before; rejects after `deadline` (5000 ms) with a list of what is
 * left. Processes and files may take a moment to go, so it looks again until then.
 */
export async function expectNothingLeft(before: Snapshot, deadline = 5000): Promise<void> {
  let left = leftSince(before)
  const look = () => {
    left = leftSince(before)
    return left.length === 0
  }
  await waitFor('nothing is left', look, { deadline }).catch(() => {
    throw new Error(`left behind:\n${left.join('\n')}`)
  })
}

function leftSince(before: Snapshot): string[] {
  const now = snapshot(before.directories)
  const name = {
    process: (entry: ProcessEntry) => `process ${entry.pid} ${entry.command}`,
    port: (open: OpenPort) => `port ${open.protocol} ${open.address}:${open.port} of ${open.pid}`,
    file: (path: string) => `file ${path}`,
  }
  const list = (of: Snapshot) => [
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
