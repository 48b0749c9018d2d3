/** In charge of this machine's software: looking for programs and libraries, and installing what is missing. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { CommandError, runCommand } from './runCommand.js'
import { SetupError } from './SetupError.js'
import { aptArguments, installCommand, installerOf, missing } from './systemPackages.js'

/** Folders of administrators' programs, which the PATH of other users often lacks. */
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']
/** Applications of macOS that Homebrew's casks install outside the PATH. */
const MAC_APPLICATIONS = {
  chromium: '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'google-chrome': '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  firefox: '/Applications/Firefox.app/Contents/MacOS/firefox',
}
/** Longest time for one run of apt-get, in milliseconds. */
const APT_LIMIT_MS = 15 * 60_000

/** The PATH without node_modules/.bin folders, whose `node` goes away while packages are installed. */
export function systemPath(path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')) && !folder.includes(`node-gyp-bin${sep}`))
    .join(delimiter)
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Full path of the first of the programs that is there, or undefined. */
export function findProgram(names, path = systemPath()) {
  for (const name of names) {
    const places = [...path.split(delimiter), ...ADMIN_FOLDERS].filter(Boolean).map((folder) => join(folder, name))
    if (process.platform === 'darwin' && MAC_APPLICATIONS[name]) places.push(MAC_APPLICATIONS[name])
    const found = places.find(isProgram)
    if (found) return found
  }
  return undefined
}

async function hasLibrary(name) {
  try {
    await runCommand('pkg-config', ['--exists', name])
    return true
  } catch {
    return false
  }
}

/** Whether a requirement of systemPackages.js is met here. */
export async function isMet({ programs, library }) {
  return programs ? findProgram(programs) !== undefined : hasLibrary(library)
}

/** Installs packages, and asks for the list of packages once a run. */
export class Machine {
  #listIsFresh = false

  get installer() {
    return installerOf({ platform: process.platform, hasProgram: (name) => findProgram([name]) !== undefined })
  }

  /**
   * Makes sure that the requirements are met: installs as root on Debian and Ubuntu, otherwise throws a SetupError
   * whose remedy is one command for these and for what is missing of `later`, so that a person is stopped once only.
   */
  async ensure(requirements, progress, later = []) {
    const lacking = await missing(requirements, isMet)
    if (lacking.length === 0) return
    const names = lacking.map(({ plain }) => plain).join(', ')
    const command = installCommand(this.installer, await missing([...requirements, ...later], isMet))
    if (this.installer !== 'apt' || process.getuid?.() !== 0) {
      throw new SetupError(
        `not installed: ${names}`,
        'set-up installs packages itself only as root on Debian or Ubuntu',
        command,
      )
    }
    await this.#apt(lacking, progress, command)
    const still = await missing(lacking, isMet)
    if (still.length > 0) {
      const what = still.map(({ plain }) => plain).join(', ')
      throw new SetupError(`not installed: ${what}`, 'the package was installed and yet it is not there', command)
    }
  }

  async #apt(requirements, progress, command) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    const options = { env, timeoutMs: APT_LIMIT_MS, onLine: (line) => progress.update(`apt-get: ${line}`) }
    try {
      if (!this.#listIsFresh) await runCommand('apt-get', ['update', '-o', 'DPkg::Lock::Timeout=300'], options)
      this.#listIsFresh = true
      await runCommand('apt-get', aptArguments(requirements), options)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new SetupError(
        'apt-get could not install what is missing',
        error.why,
        `look at the lines above, then run: ${command}`,
      )
    }
  }
}
