/** In charge of building the worker from the source inside the mediasoup package, against the distribution's libraries. */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../Machine.js'
import { runCommand } from '../runCommand.js'
import { JOINED_FOLDERS, joinSources } from './joinedSources.js'
import { applyPatch, PATCHES } from './patches.js'

const SUBPROJECTS = fileURLToPath(new URL('subprojects', import.meta.url))
/** Upstream's flags for a release. */
const FLAGS = ['--buildtype', 'release', '-Db_ndebug=true', '-Db_pie=true', '-Db_staticpic=true']

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Copies the source, puts our subprojects in the place of the downloaded ones, patches and joins; begins anew when cut short. */
async function prepareSource(packageWorker, source) {
  const ready = join(source, '.nearcast-ready')
  if (await exists(ready)) return
  await rm(source, { recursive: true, force: true })
  await mkdir(source, { recursive: true })
  await cp(packageWorker, source, { recursive: true })
  const subprojects = join(source, 'subprojects')
  const wraps = (await readdir(subprojects)).filter((name) => name.endsWith('.wrap'))
  await Promise.all(wraps.map((name) => rm(join(subprojects, name))))
  await cp(SUBPROJECTS, subprojects, { recursive: true })
  for (const patch of PATCHES) {
    const file = join(source, patch.file)
    await writeFile(file, applyPatch(patch, await readFile(file, 'utf8')))
  }
  const mesonFile = join(source, 'meson.build')
  for (const folder of JOINED_FOLDERS) {
    const { meson, file, text } = joinSources(await readFile(mesonFile, 'utf8'), folder)
    await writeFile(join(source, file), text)
    await writeFile(mesonFile, meson)
  }
  await writeFile(ready, '')
}

/** The part of ninja's line that a person wants: '[120/239] Compiling …' → 'compiling 120/239'. */
export function ninjaProgress(line) {
  const match = /^\[(\d+)\/(\d+)\]/.exec(line)
  return match ? `compiling ${match[1]}/${match[2]}` : undefined
}

/**
 * Builds in `folder`, which is kept when it fails or is interrupted, so that the next run compiles only the rest.
 * Resolves with the path of the stripped binary. Rejects with a CommandError that carries the compiler's last lines.
 */
export async function buildWorker({ packageWorker, folder, progress }) {
  const source = join(folder, 'source')
  const output = join(folder, 'build')
  progress.update('preparing the source')
  await prepareSource(packageWorker, source)
  if (!(await exists(join(output, 'build.ninja')))) {
    await rm(output, { recursive: true, force: true })
    const onLine = (line) => progress.update(`configuring: ${line}`)
    await runCommand('meson', ['setup', ...FLAGS, '--wrap-mode=nodownload', output, source], { onLine })
  }
  const onLine = (line) => {
    const text = ninjaProgress(line)
    if (text) progress.update(text)
  }
  await runCommand('ninja', ['-C', output, 'mediasoup-worker'], { onLine })
  const binary = join(output, 'mediasoup-worker')
  if (findProgram(['strip'])) await runCommand('strip', [binary])
  return binary
}
