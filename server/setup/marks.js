/** In charge of marks: small files that say what was finished, so that a second run need not look again. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a mark holds, or undefined when it is missing or unreadable. */
export async function readMark(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes a mark whole or not at all. */
export async function writeMark(path, value) {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, JSON.stringify(value))
  await rename(draft, path)
}

/** Changes whenever the file is replaced: size and time of change. Undefined when there is no such file. */
export async function fileIdentity(path) {
  try {
    const { size, mtimeMs } = await stat(path)
    return `${size}-${mtimeMs}`
  } catch {
    return undefined
  }
}

/**
 * What `probe(path)` says about a program, asked again only when the program was replaced or `revision` (what is asked)
 * changed. A probe that throws is not remembered.
 */
export async function probeOnce(mark, path, revision, probe) {
  const identity = await fileIdentity(path)
  const known = await readMark(mark)
  if (known && known.path === path && known.identity === identity && known.revision === revision) return known.result
  const result = await probe(path)
  await writeMark(mark, { path, identity, revision, result })
  return result
}

async function filesBelow(folder, skip) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries
      .filter((entry) => !skip.includes(entry.name))
      .map((entry) => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? filesBelow(path, skip) : [path]
      }),
  )
  return found.flat()
}

/** SHA-256 over names and contents of files and of all files below folders; folders named in `skip` are left out. */
export async function contentHash(paths, skip = []) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const below = (await filesBelow(path, skip)).sort()
    const files = below.length > 0 ? below : [path]
    const contents = await Promise.all(files.map((file) => readFile(file).catch(() => '')))
    for (const [i, file] of files.entries()) hash.update(`${file}\0${contents[i].length}\0`).update(contents[i])
  }
  return hash.digest('hex')
}
