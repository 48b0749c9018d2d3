/** The step that builds the client's pages when they are missing or older than their sources. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { contentHash, readMark, writeMark } from '../marks.js'
import { CLONE_MARKS, packageBin, ROOT } from '../paths.js'
import { CommandError, runCommand } from '../runCommand.js'
import { SetupError } from '../SetupError.js'

const MARK = join(CLONE_MARKS, 'bundle.json')
const OUTPUT = join(ROOT, 'client', 'dist')
const SOURCES = ['client', 'shared', 'package-lock.json', 'tsconfig.json'].map((name) => join(ROOT, name))

const sourceHash = () => contentHash(SOURCES, ['dist'])

/** Whether the built pages belong to the sources as they are now. */
export async function bundleState() {
  const built = await stat(OUTPUT).catch(() => undefined)
  if (!built) return { ready: false, detail: 'not built' }
  const hash = (await readMark(MARK))?.hash
  return hash === (await sourceHash())
    ? { ready: true, detail: 'up to date' }
    : { ready: false, detail: 'sources changed' }
}

export const bundleStep = {
  title: 'client pages',
  lock: 'clone',
  inspect: bundleState,

  async act(context, progress) {
    const hash = await sourceHash()
    const args = [packageBin('vite'), 'build', '--config', 'client/vite.config.ts']
    try {
      await runCommand(context.node, args, { cwd: ROOT, env: context.env, onLine: (line) => progress.update(line) })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new SetupError(
        'the client pages could not be built',
        error.why,
        'mend what the lines above name, then run the same command again',
      )
    }
    await writeMark(MARK, { hash })
    return 'client pages built'
  },
}
