/** In charge of where things are: the clone, and the cache that outlives it. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of the clone. */
export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..')

/** Marks of finished work that must vanish together with the packages (`npm ci` empties node_modules). */
export const CLONE_MARKS = join(ROOT, 'node_modules', '.nearcast')

/** Node 24 as the npm package `node` installs it. */
export const NODE_BIN = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** What is kept for every clone of this user: `$XDG_CACHE_HOME/nearcast`, or `~/.cache/nearcast`. */
export function cacheDir(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nearcast')
}

/** A program that an npm package brought. */
export function packageBin(name) {
  return join(ROOT, 'node_modules', '.bin', name)
}
