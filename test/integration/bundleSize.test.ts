/** What each page may load, compressed: the watch page 90 KB of script before the first frame, hls.js later, if at all. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Manifest, type ManifestChunk } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'

const configFile = fileURLToPath(new URL('../../client/vite.config.ts', import.meta.url))
/** Kilobytes of 1000 bytes, gzipped at zlib's default level, which is what the server sends at worst. */
const LIMIT_BYTES = 90_000
let outDir: string
let manifest: Manifest

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'nearcast-bundle-'))
  await build({ configFile, logLevel: 'silent', build: { outDir, manifest: true } })
  manifest = JSON.parse(await readFile(join(outDir, '.vite/manifest.json'), 'utf8')) as Manifest
})

afterAll(() => rm(outDir, { recursive: true, force: true }))

/** A chunk of the manifest and all that it imports statically, each once. */
function withImports(key: string, found = new Map<string, ManifestChunk>()): Map<string, ManifestChunk> {
  const chunk = manifest[key]
  if (!chunk || found.has(key)) return found
  found.set(key, chunk)
  for (const imported of chunk.imports ?? []) withImports(imported, found)
  return found
}

/** Words are loaded beside the page, those of one language only; the largest language counts. */
const languages = ['en', 'ko']

async function compressedScript(entry: string): Promise<number> {
  const chunks = [...withImports(entry).values()]
  const size = async ({ file }: ManifestChunk) => gzipSync(await readFile(join(outDir, file))).length
  const later = [...new Set(chunks.flatMap((chunk) => chunk.dynamicImports ?? []))]
  const words = languages.map((language) => later.filter((key) => key.startsWith(`i18n/${language}/`)))
  let bytes = 0
  for (const chunk of chunks) bytes += await size(chunk)
  const spoken = await Promise.all(
    words.map(async (keys) => {
      expect(keys.length).toBeGreaterThan(0)
      let sum = 0
      for (const key of keys) sum += manifest[key] ? await size(manifest[key]) : 0
      return sum
    }),
  )
  return bytes + Math.max(...spoken)
}

it.each([
  ['watch/index.html', LIMIT_BYTES],
  ['embed/index.html', LIMIT_BYTES],
  ['home/index.html', 25_000],
  ['studio/index.html', 110_000],
])('%s loads at most %i bytes of script before the first frame', async (entry, limit) => {
  const bytes = await compressedScript(entry)
  expect(bytes).toBeGreaterThan(5_000)
  expect(bytes).toBeLessThanOrEqual(limit)
})

it.each(['watch', 'home', 'studio'])('%s has at most 10 KB of style', async (page) => {
  const files = [...withImports(`${page}/index.html`).values()].flatMap((chunk) => chunk.css ?? [])
  const sizes = await Promise.all([...new Set(files)].map(async (file) => gzipSync(await readFile(join(outDir, file)))))
  const bytes = sizes.reduce((sum, { length }) => sum + length, 0)
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThanOrEqual(10_000)
})

it('hls.js is a file of its own that only a need for it loads', () => {
  const hls = Object.keys(manifest).find((key) => key.endsWith('hls.js/dist/hls.mjs'))
  expect(hls).toBeDefined()
  expect([...withImports('watch/index.html').keys()]).not.toContain(hls)
  expect([...withImports('watch/index.html').values()].flatMap((chunk) => chunk.dynamicImports ?? [])).toContain(hls)
})

it('the chat is loaded after the picture, and never by an embedded player', () => {
  const watched = [...withImports('watch/index.html').keys()]
  expect(watched.filter((key) => key.startsWith('chat/'))).toEqual([])
  expect([...withImports('watch/index.html').values()].flatMap((chunk) => chunk.dynamicImports ?? [])).toContain(
    'chat/mount.tsx',
  )
  const embedded = [...withImports('embed/index.html').values()]
  expect(embedded.flatMap((chunk) => chunk.dynamicImports ?? [])).not.toContain('chat/mount.tsx')
})
