/** In charge of another version of the program: a copy with changes, pages built from it, and our packages. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface OtherVersion extends AsyncDisposable {
  /** Its `main.ts`, for `startServer`. */
  readonly program: string
}

/** What differs: a file below the root, what is in it, and what is to be there instead. */
export type Change = readonly [file: string, from: string, to: string]

/** Rejects when a change finds nothing to change. */
export async function makeOtherVersion(changes: readonly Change[]): Promise<OtherVersion> {
  const folder = await mkdtemp(join(tmpdir(), 'nc-other-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const name of ['server', 'shared', 'client', 'package.json', 'tsconfig.json']) {
      const filter = (path: string) => !path.endsWith('/client/dist')
      await cp(join(root, name), join(folder, name), { recursive: true, filter })
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const [file, from, to] of changes) {
      const text = await readFile(join(folder, file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
      await writeFile(join(folder, file), text.replace(from, to))
    }
    await build({ configFile: join(folder, 'client/vite.config.ts'), logLevel: 'silent' })
    return { program: join(folder, 'server/main.ts'), [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
