/** In charge of a machine that sleeps: everything that a browser consists of stands still, and goes on. Linux. */
import { ourProcesses } from './processes.ts'

/** The processes that came with something that is started within; `start` resolves when it has. */
export async function processesOf<T>(start: () => Promise<T>): Promise<{ value: T; pids: () => number[] }> {
  const before = new Set(ourProcesses().map(({ pid }) => pid))
  const value = await start()
  const roots = new Set(ourProcesses().flatMap(({ pid }) => (before.has(pid) ? [] : [pid])))
  // A browser starts a process for each page: children of what came then belong to it.
  const pids = () => {
    const all = ourProcesses()
    for (let size = 0; size < roots.size; ) {
      size = roots.size
      for (const { pid, parent } of all) if (roots.has(parent)) roots.add(pid)
    }
    return all.map(({ pid }) => pid).filter((pid) => roots.has(pid))
  }
  return { value, pids }
}

/** Stops all of them, or lets them go on. Those that have ended are passed over. */
export function signalAll(pids: readonly number[], signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}
