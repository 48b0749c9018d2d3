/** In charge of keeping two set-ups out of the same place: a directory that exists while its owner works there. */

import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

/** How often a waiting set-up looks whether the lock is free, in milliseconds. */
const POLL_MS = 250

/**
 * When a process began, as the kernel counts it (proc(5), field 22 of /proc/PID/stat), so that a process id that was
 * given out again does not keep a dead owner's lock. Empty where there is no /proc: then the id alone decides.
 */
async function startTime(pid) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return ''
  }
}

async function readOwner(path) {
  try {
    return JSON.parse(await readFile(join(path, 'owner.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** Whether the owner is gone. A lock of another machine (shared home) is never called stale: nobody here can know. */
async function isStale(owner) {
  if (owner.host !== hostname()) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return error.code === 'ESRCH'
  }
  return owner.started !== (await startTime(owner.pid))
}

/** Held from `acquire()` to `release()`, and given up when the process exits. */
export class Lock {
  #path
  #token
  #onExit

  /**
   * Waits until the lock is free and takes it. `onWait` is told the owner's process id once when there is a wait.
   * The directory appears by one rename with the owner's name already in it, so it is never half there.
   */
  static async acquire(path, onWait = () => {}) {
    const token = randomUUID()
    const draft = `${path}.${token}`
    await mkdir(dirname(path), { recursive: true })
    let told = false
    for (;;) {
      await mkdir(draft, { recursive: true })
      const owner = { pid: process.pid, started: await startTime(process.pid), host: hostname(), token }
      await writeFile(join(draft, 'owner.json'), JSON.stringify(owner))
      if (await moved(draft, path)) return new Lock(path, token)
      await rm(draft, { recursive: true, force: true })
      const holder = await readOwner(path)
      if (!holder) continue
      if (await isStale(holder)) await Lock.#bury(path, holder.token)
      else {
        if (!told) onWait(holder.pid)
        told = true
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    }
  }

  constructor(path, token) {
    this.#path = path
    this.#token = token
    this.#onExit = () => {
      const grave = `${path}.${token}`
      try {
        renameSync(path, grave)
        rmSync(grave, { recursive: true, force: true })
      } catch {
        // Somebody emptied the cache meanwhile: there is nothing left to give up.
      }
    }
    process.once('exit', this.#onExit)
  }

  /** Gives the lock up; twice is harmless. */
  async release() {
    process.off('exit', this.#onExit)
    if ((await readOwner(this.#path))?.token === this.#token) await Lock.#bury(this.#path, this.#token)
  }

  /**
   * Takes an owner's lock away; puts it back when another set-up was faster and it is that one's already. Moved away
   * first: a directory that is emptied in its place is for a moment one that another's rename may replace.
   */
  static async #bury(path, token) {
    const grave = `${path}.${randomUUID()}`
    if (!(await moved(path, grave))) return
    if ((await readOwner(grave))?.token !== token && (await moved(grave, path))) return
    await rm(grave, { recursive: true, force: true })
  }
}

/** Whether the directory could be moved: false when the target exists, or the source is gone. */
async function moved(from, to) {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) return false
    throw error
  }
}

/** Runs the task while holding the lock. */
export async function withLock(path, onWait, task) {
  const lock = await Lock.acquire(path, onWait)
  try {
    return await task()
  } finally {
    await lock.release()
  }
}
