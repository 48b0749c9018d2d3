/** The step that brings the mediasoup worker: the one that is set, the cache's, the prebuilt one, or one built here. */
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { probeOnce } from '../marks.js'
import { cacheDir, ROOT } from '../paths.js'
import { CommandError } from '../runCommand.js'
import { SetupError } from '../SetupError.js'
import { WORKER_BUILD } from '../systemPackages.js'
import { buildWorker } from '../worker/build.js'
import { checkWorker, startsHere } from '../worker/check.js'
import { fetchPrebuilt } from '../worker/prebuilt.js'
import { WorkerCache } from '../worker/WorkerCache.js'

const PACKAGE = join(ROOT, 'node_modules', 'mediasoup')
/** Counts up when handshake.js asks for more, so that a worker that was set by hand is asked again. */
const CHECK_REVISION = 1

/** The version in package.json: known before the packages are there. */
export function mediasoupVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies.mediasoup
}

export function workerCache() {
  return new WorkerCache(cacheDir(), mediasoupVersion())
}

/** Why the worker is not to be used, as text. */
const reason = (error) => (error instanceof CommandError ? error.why : error.message)

/** The worker that MEDIASOUP_WORKER_BIN names, checked once per file; undefined when the variable is not set. */
async function workerThatIsSet(node) {
  const path = process.env.MEDIASOUP_WORKER_BIN
  if (!path) return undefined
  const mark = join(cacheDir(), 'probes', 'worker.json')
  try {
    if (!(await startsHere(path))) throw new Error('it does not start on this machine')
    await probeOnce(mark, path, `${mediasoupVersion()} ${CHECK_REVISION}`, async () => {
      await checkWorker(node, path)
      return true
    })
  } catch (error) {
    throw new SetupError(
      `MEDIASOUP_WORKER_BIN names a worker that does not work: ${path}`,
      reason(error),
      'unset MEDIASOUP_WORKER_BIN, and set-up brings a worker',
    )
  }
  return { path, origin: 'MEDIASOUP_WORKER_BIN' }
}

/** Fetches the prebuilt worker into the cache; false with a note when there is none that works here. */
async function tryPrebuilt(context, progress, cache) {
  const folder = `${cache.buildFolder}.prebuilt`
  progress.update('looking for a prebuilt one')
  try {
    const pkg = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
    const binary = await fetchPrebuilt(pkg, folder)
    await checkWorker(context.node, binary)
    await cache.put(binary, 'prebuilt')
    return true
  } catch (error) {
    progress.note(`${reason(error).split('\n')[0]}: building it here, which takes some minutes`)
    return false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function build(context, progress, cache) {
  await context.machine.ensure(WORKER_BUILD, progress, context.later)
  let binary
  try {
    await mkdir(cache.buildFolder, { recursive: true })
    binary = await buildWorker({ packageWorker: join(PACKAGE, 'worker'), folder: cache.buildFolder, progress })
  } catch (error) {
    throw new SetupError(
      'the mediasoup worker could not be built',
      reason(error),
      `mend what the lines above name and run the same command again: it goes on where it stopped (or delete ${cache.buildFolder} to begin anew)`,
    )
  }
  try {
    progress.update('checking it with a WebRTC client')
    await checkWorker(context.node, binary)
  } catch (error) {
    throw new SetupError(
      'the mediasoup worker was built and does not work',
      reason(error),
      `set MEDIASOUP_WORKER_BIN to a worker of mediasoup ${mediasoupVersion()} that works, or delete ${cache.buildFolder} and try again`,
    )
  }
  await cache.put(binary, 'built here')
  await rm(cache.buildFolder, { recursive: true, force: true })
}

export const workerStep = {
  title: 'mediasoup worker',
  lock: 'worker',

  async inspect(context) {
    const worker = (await workerThatIsSet(context.node)) ?? (await workerCache().find())
    if (worker) context.env.MEDIASOUP_WORKER_BIN = worker.path
    return { ready: worker !== undefined, detail: worker ? worker.origin : `mediasoup ${mediasoupVersion()}` }
  },

  async act(context, progress) {
    const cache = workerCache()
    const prebuilt = await tryPrebuilt(context, progress, cache)
    if (!prebuilt) await build(context, progress, cache)
    context.env.MEDIASOUP_WORKER_BIN = cache.path
    return `mediasoup worker ${mediasoupVersion()} ${prebuilt ? 'downloaded' : 'built'} and checked`
  },
}
