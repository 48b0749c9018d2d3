/** In charge of the worker binaries that outlive a clone: one folder per mediasoup version, machine and patch revision. */

import { randomUUID } from 'node:crypto'
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileIdentity, readMark, writeMark } from '../marks.js'
import { startsHere } from './check.js'
import { PATCH_REVISION } from './patches.js'

/** Names the folder of a worker. Pure. */
function workerKey(version, platform = process.platform, arch = process.arch) {
  return `${version}-${platform}-${arch}-p${PATCH_REVISION}`
}

/** A worker enters only after it passed its check, and whole: the folder appears by one rename. */
export class WorkerCache {
  #folder
  /** Where a build goes on after an interruption; removed once the worker is in the cache. */
  buildFolder
  /** Name of the lock that a set-up holds while it fetches or builds. */
  lockPath

  constructor(cacheDir, version) {
    const key = workerKey(version)
    this.#folder = join(cacheDir, 'worker', key)
    this.buildFolder = join(cacheDir, 'build', key)
    this.lockPath = join(cacheDir, 'locks', `worker-${key}`)
  }

  get path() {
    return join(this.#folder, 'mediasoup-worker')
  }

  /** Path and origin ('built here' or 'prebuilt') of a worker that was checked, is unchanged since and still loads. */
  async find() {
    const mark = await readMark(join(this.#folder, 'checked.json'))
    if (!mark || mark.identity !== (await fileIdentity(this.path))) return undefined
    return (await startsHere(this.path)) ? { path: this.path, origin: mark.origin } : undefined
  }

  /** Takes a checked binary in. */
  async put(binary, origin) {
    const draft = `${this.#folder}.${randomUUID()}`
    await mkdir(draft, { recursive: true })
    const file = join(draft, 'mediasoup-worker')
    await copyFile(binary, file)
    await chmod(file, 0o755)
    await writeMark(join(draft, 'checked.json'), { origin, identity: await fileIdentity(file) })
    await rm(this.#folder, { recursive: true, force: true })
    await rename(draft, this.#folder)
  }
}
