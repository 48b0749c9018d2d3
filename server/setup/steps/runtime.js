/** The step that decides which Node runs the server: the one among the packages, or the running one when it is new enough. */
import { join } from 'node:path'
import { systemPath } from '../Machine.js'
import { probeOnce } from '../marks.js'
import { CLONE_MARKS, NODE_BIN, ROOT } from '../paths.js'
import { CommandError, runCommand } from '../runCommand.js'
import { SetupError } from '../SetupError.js'
import { atLeast } from '../versions.js'

/** Runs TypeScript without a build step and has SQLite without a flag. */
export const MINIMUM_NODE = '24.0'

async function nodeVersion(path) {
  return (await runCommand(path, ['--version'])).trim()
}

/** Path and version of a Node that is new enough, or undefined. */
export async function findNode() {
  try {
    const version = await probeOnce(join(CLONE_MARKS, 'node.json'), NODE_BIN, MINIMUM_NODE, nodeVersion)
    if (atLeast(version, MINIMUM_NODE)) return { path: NODE_BIN, version, origin: 'npm package' }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
  }
  if (!atLeast(process.version, MINIMUM_NODE)) return undefined
  return { path: process.execPath, version: process.version, origin: 'this machine' }
}

export const runtimeStep = {
  title: 'Node.js',
  lock: 'clone',

  async inspect(context) {
    const node = await findNode()
    context.node = node?.path
    return { ready: node !== undefined, detail: node ? `${node.version}, ${node.origin}` : `${MINIMUM_NODE} or newer` }
  },

  /** The packages are there and Node is not: its install script was not run, so it is run now. */
  async act(context) {
    const why = await runCommand('npm', ['rebuild', 'node'], {
      cwd: ROOT,
      env: { ...process.env, PATH: systemPath() },
    }).then(
      () => 'the npm package `node` brought no binary for this machine',
      (error) => error.why,
    )
    const node = await findNode()
    if (!node)
      throw new SetupError(
        `no Node.js ${MINIMUM_NODE} or newer`,
        why,
        'install Node.js 24 or newer and run the same command again',
      )
    context.node = node.path
    return `Node.js ${node.version}`
  },
}
