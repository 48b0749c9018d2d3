import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ninjaProgress } from '../../../server/setup/worker/build.js'
import { JOINED_FOLDERS, joinSources } from '../../../server/setup/worker/joinedSources.js'
import { applyPatch, PATCHES } from '../../../server/setup/worker/patches.js'
import { prebuiltUrl } from '../../../server/setup/worker/prebuilt.js'
import { WorkerCache } from '../../../server/setup/worker/WorkerCache.js'

describe('the worker’s source', () => {
  const folder = new URL('../../../node_modules/mediasoup/worker/', import.meta.url)

  it.each(PATCHES)('of the installed mediasoup takes the patch of $file', async (patch) => {
    const text = await readFile(new URL(patch.file, folder), 'utf8')
    const patched = applyPatch(patch, text)
    expect(patched).toContain(patch.to)
    expect(() => applyPatch(patch, patched)).toThrow(patch.file)
  })

  it('of the installed mediasoup has the folders whose files are compiled together', async () => {
    const text = await readFile(new URL('meson.build', folder), 'utf8')
    for (const each of JOINED_FOLDERS) {
      const { meson, file, text: joined } = joinSources(text, each)
      const names = [...joined.matchAll(/^#include "(.+)"$/gm)].map(([, name]) => name ?? '')
      expect(names.length).toBeGreaterThan(9)
      expect(meson.split(`'${file}'`)).toHaveLength(2)
      for (const name of names) {
        expect(text).toContain(`'src/${name}'`)
        expect(meson).not.toContain(`'src/${name}'`)
      }
      expect(() => joinSources(meson, each)).toThrow(each)
    }
  })

  it('is watched while it compiles', () => {
    expect(ninjaProgress('[120/239] Compiling C++ object x.o')).toBe('compiling 120/239')
    expect(ninjaProgress('In file included from x.hpp')).toBeUndefined()
  })
})

describe('the prebuilt worker', () => {
  const pkg = { version: '3.27.1', repository: { url: 'git+https://host/owner/mediasoup.git' } }

  it.each([
    [
      'linux',
      'x64',
      '6.18.44-x',
      'https://host/owner/mediasoup/releases/download/3.27.1/mediasoup-worker-3.27.1-linux-x64-kernel6.tgz',
    ],
    [
      'darwin',
      'arm64',
      '25.1.0',
      'https://host/owner/mediasoup/releases/download/3.27.1/mediasoup-worker-3.27.1-darwin-arm64.tgz',
    ],
  ])('is looked for under the name that upstream gives it on %s %s', (platform, arch, kernel, url) => {
    expect(prebuiltUrl(pkg, { platform, arch, kernel })).toBe(url)
  })
})

describe('WorkerCache', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'worker-cache-'))
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** A script that ends as a worker does whose parent is not mediasoup. */
  async function fakeWorker(code = 41): Promise<string> {
    const path = join(folder, `fake-${code}`)
    await writeFile(path, `#!/bin/sh\nexit ${code}\n`)
    await chmod(path, 0o755)
    return path
  }

  it('is empty at first, and keeps what was put in under its version', async () => {
    const cache = new WorkerCache(folder, '3.27.1')
    expect(await cache.find()).toBeUndefined()
    await cache.put(await fakeWorker(), 'built here')
    expect(await new WorkerCache(folder, '3.27.1').find()).toEqual({ path: cache.path, origin: 'built here' })
    expect(await new WorkerCache(folder, '3.27.2').find()).toBeUndefined()
  })

  it('does not hand out a worker that was changed after its check', async () => {
    const cache = new WorkerCache(folder, '3.27.1')
    await cache.put(await fakeWorker(), 'prebuilt')
    await writeFile(cache.path, '#!/bin/sh\nexit 41 # changed\n')
    expect(await cache.find()).toBeUndefined()
  })

  it('does not hand out a worker that no longer starts, as after an upgrade of the system', async () => {
    const cache = new WorkerCache(folder, '3.27.1')
    await cache.put(await fakeWorker(127), 'built here')
    expect(await cache.find()).toBeUndefined()
    await cache.put(await fakeWorker(), 'built here')
    expect(await cache.find()).toBeDefined()
  })
})
