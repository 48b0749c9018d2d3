/** In charge of set-up as the entry points see it: what a purpose needs, done; or the reason printed and exit code 1. */
import { createHash } from 'node:crypto'
import { delimiter, dirname, join } from 'node:path'
import { Machine } from './Machine.js'
import { elapsed, Progress } from './Progress.js'
import { cacheDir, ROOT } from './paths.js'
import { CommandError, stopCommands } from './runCommand.js'
import { runSteps } from './runSteps.js'
import { SetupError } from './SetupError.js'
import { bundleStep } from './steps/bundle.js'
import { ffmpegStep } from './steps/ffmpeg.js'
import { nginxStep } from './steps/nginx.js'
import { packagesStep } from './steps/packages.js'
import { runtimeStep } from './steps/runtime.js'
import { TEST_PROGRAMS, testProgramsStep } from './steps/testPrograms.js'
import { workerCache, workerStep } from './steps/worker.js'
import { CACHE, FFMPEG, WORKER_BUILD } from './systemPackages.js'

const CODE = [runtimeStep, packagesStep]
const SERVER = [...CODE, ffmpegStep, workerStep]

const TEST = {
  steps: [...SERVER, testProgramsStep, nginxStep, bundleStep],
  packages: [...FFMPEG, ...WORKER_BUILD, ...TEST_PROGRAMS, ...CACHE],
}

/** Which steps each entry point needs, and which system packages a person is told about in one go. */
const PURPOSES = {
  check: { steps: CODE, packages: [] },
  serve: { steps: [...SERVER, bundleStep], packages: [...FFMPEG, ...WORKER_BUILD] },
  test: TEST,
  bench: TEST,
}

/** A lock for this clone's packages and pages, and those for the worker and the Node that all clones share. */
function lockPath(name) {
  if (name === 'worker') return workerCache().lockPath
  if (name === 'node') return join(cacheDir(), 'locks', 'node')
  return join(cacheDir(), 'locks', `clone-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`)
}

/** An interrupted set-up takes its children along; locks are given up when the process exits. */
function endOnSignal(signal) {
  stopCommands('SIGTERM')
  console.error(`\nset-up interrupted by ${signal}; the next run goes on from here`)
  process.exit(130)
}

function explain(error) {
  if (error instanceof SetupError) return error.toText()
  if (error instanceof CommandError)
    return new SetupError(error.message, error.tail.join('\n'), 'run the same command again').toText()
  return new SetupError(
    'set-up met something unexpected',
    error.stack ?? String(error),
    'report it with these lines',
  ).toText()
}

/**
 * Does what the purpose needs ('check', 'serve', 'test' or 'bench') and resolves with `{node, env}`: the Node to run with and
 * the environment for it. Exits with 1 and says why when that is not possible, with 130 when interrupted.
 */
export async function prepare(purpose) {
  const progress = new Progress()
  const { steps, packages } = PURPOSES[purpose]
  const context = { env: { ...process.env }, machine: new Machine(), later: packages }
  process.on('SIGINT', endOnSignal)
  process.on('SIGTERM', endOnSignal)
  try {
    const acted = await runSteps(steps, context, progress, lockPath)
    if (acted > 0) console.log(`set-up finished in ${elapsed(progress.total)}`)
  } catch (error) {
    progress.failed()
    console.error(explain(error))
    process.exit(1)
  }
  process.off('SIGINT', endOnSignal)
  process.off('SIGTERM', endOnSignal)
  context.env.PATH = [dirname(context.node), join(ROOT, 'node_modules', '.bin'), context.env.PATH].join(delimiter)
  return { node: context.node, env: context.env }
}
