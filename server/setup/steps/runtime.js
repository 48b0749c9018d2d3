/** The step that brings a Node that runs the server: the one among the packages, the running one, or one in the cache. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemPath } from '../Machine.js'
import { probeOnce } from '../marks.js'
import { cacheDir, NODE_BIN, ROOT } from '../paths.js'
import { CommandError, runCommand } from '../runCommand.js'
import { SetupError } from '../SetupError.js'
import { atLeast } from '../versions.js'

/** Runs TypeScript without a build step and has SQLite without a flag. */
export const MINIMUM_NODE = '24.0'
/** Longest time for npm to fetch the binary of about 50 MB, in milliseconds. */
const LIMIT_MS = 10 * 60_000

/** The exact version of the npm package `node` that package.json asks for. */
function nodePackageVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies.node
}

const cacheFolder = () => join(cacheDir(), 'node', nodePackageVersion())

async function probe(name, path) {
  try {
    const mark = join(cacheDir(), 'probes', `node-${name}.json`)
    const ask = async () => (await runCommand(path, ['--version'])).trim()
    const version = await probeOnce(mark, path, MINIMUM_NODE, ask)
    return atLeast(version, MINIMUM_NODE) ? version : undefined
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}

/** Path, version and origin of a Node that is new enough, or undefined. */
export async function findNode() {
  const inClone = await probe('clone', NODE_BIN)
  if (inClone) return { path: NODE_BIN, version: inClone, origin: 'npm package' }
  if (atLeast(process.version, MINIMUM_NODE)) {
    return { path: process.execPath, version: process.version, origin: process.execPath }
  }
  const path = join(cacheFolder(), 'node_modules', 'node', 'bin', 'node')
  const inCache = await probe('cache', path)
  return inCache ? { path, version: inCache, origin: 'cache' } : undefined
}

export const runtimeStep = {
  title: 'Node.js',
  lock: 'node',

  async inspect(context) {
    const node = await findNode()
    context.node = node?.path
    return { ready: node !== undefined, detail: node ? `${node.version}, ${node.origin}` : `${MINIMUM_NODE} or newer` }
  },

  /**
   * Into the cache, since npm must already run on it: npm leaves out optional packages (the bundler's binary) that want
   * a newer Node than the running one. The install script of the npm package `node` fetches the binary.
   */
  async act(context) {
    const folder = cacheFolder()
    const options = { cwd: folder, env: { ...process.env, PATH: systemPath() }, timeoutMs: LIMIT_MS }
    const manifest = { private: true, dependencies: { node: nodePackageVersion() }, allowScripts: { node: true } }
    let why = 'the npm package `node` brought no binary for this machine'
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
      await runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], options)
      await runCommand('npm', ['rebuild', 'node'], options)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      why = error.why
    }
    const node = await findNode()
    if (!node) {
      const remedy =
        'check the connection to the npm registry (npm ping), or install Node.js 24 or newer; then run the same command again'
      throw new SetupError(`no Node.js ${MINIMUM_NODE} or newer`, why, remedy)
    }
    context.node = node.path
    return `Node.js ${node.version} (${node.origin})`
  },
}
