/** The step that brings the exact npm packages of the lock file. */
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { systemPath } from '../Machine.js'
import { contentHash, readMark, writeMark } from '../marks.js'
import { CLONE_MARKS, ROOT } from '../paths.js'
import { CommandError, runCommand } from '../runCommand.js'
import { SetupError } from '../SetupError.js'

const LOCK_FILE = join(ROOT, 'package-lock.json')
const MARK = join(CLONE_MARKS, 'packages.json')
/** Longest time for npm, in milliseconds: a slow line, not a stuck one. */
const LIMIT_MS = 10 * 60_000

/**
 * Whether an optional package was made for this machine, by npm's lists of os, cpu and libc. One without a list of
 * systems is no binary, but comes with some other optional package: nobody can say here whether it must be there.
 */
function isFor({ os, cpu, libc }, machine) {
  const fits = (list, value) =>
    !list || list.includes(value) || list.some((name) => name[0] === '!' && name !== `!${value}`)
  return (
    Boolean(os) &&
    fits(os, machine.os) &&
    fits(cpu, machine.cpu) &&
    (machine.os !== 'linux' || fits(libc, machine.libc))
  )
}

/** This machine in npm's words. */
function thisMachine() {
  const isGlibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime !== undefined
  return { os: process.platform, cpu: process.arch, libc: isGlibc ? 'glibc' : 'musl' }
}

/**
 * Whether npm's own record of what it installed agrees with the lock file: the same versions and contents, nothing
 * missing and nothing more. Optional packages for other machines may be in either alone. Pure.
 */
export function sameTree(lock, installed, machine) {
  const have = installed.packages ?? {}
  const agrees = ([path, wanted]) => {
    if (path === '') return true
    if (!have[path]) return wanted.optional === true && !isFor(wanted, machine)
    return have[path].version === wanted.version && have[path].integrity === wanted.integrity
  }
  const known = ([path, { optional }]) => lock.packages[path] !== undefined || optional === true
  return Object.entries(lock.packages).every(agrees) && Object.entries(have).every(known)
}

async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'))
}

/** Also true when somebody installed the packages by hand: then they are not installed again. */
async function isInstalled() {
  try {
    const installed = await readJson(join(ROOT, 'node_modules', '.package-lock.json'))
    return sameTree(await readJson(LOCK_FILE), installed, thisMachine())
  } catch {
    return false
  }
}

export const packagesStep = {
  title: 'npm packages',
  lock: 'clone',

  async inspect() {
    const hash = await contentHash([LOCK_FILE])
    if ((await readMark(MARK))?.hash === hash) return { ready: true, detail: 'as in package-lock.json' }
    if (!(await isInstalled())) return { ready: false, detail: 'npm install' }
    await writeMark(MARK, { hash })
    return { ready: true, detail: 'as in package-lock.json' }
  },

  async act(context, progress) {
    const env = { ...process.env, PATH: [dirname(context.node), systemPath()].join(delimiter) }
    let fetched = 0
    const errors = []
    const onLine = (line) => {
      if (line.includes('http fetch')) progress.update(`${++fetched} files fetched`)
      if (/^npm (error|ERR!)/.test(line) && errors.length < 12) errors.push(line)
    }
    // Not `npm ci`: that refuses a lock file without the packages for every other system, and deletes the running Node.
    // What was installed is compared with the lock file instead. No install script is run, so that all versions of npm
    // do the same: mediasoup's would download or build a worker. Only that of `node` is, for npm's scripts to find it.
    const args = [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--include=dev',
      '--include=optional',
      '--loglevel=http',
    ]
    try {
      await runCommand('npm', args, { cwd: ROOT, env, onLine, timeoutMs: LIMIT_MS })
      await runCommand('npm', ['rebuild', 'node'], { cwd: ROOT, env, onLine, timeoutMs: LIMIT_MS })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new SetupError(
        'npm could not install the packages',
        [error.message, ...errors].join('\n'),
        'check the connection to the npm registry (npm ping), then run the same command again',
      )
    }
    if (!(await isInstalled())) {
      throw new SetupError(
        'npm installed other packages than the lock file names',
        'package.json and package-lock.json do not agree, or the registry has other contents',
        'run npm install, look at what it changed in package-lock.json, then run the same command again',
      )
    }
    await writeMark(MARK, { hash: await contentHash([LOCK_FILE]) })
    return 'npm packages installed'
  },
}
