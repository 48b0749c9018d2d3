import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

interface Import {
  /** Path of the importing file from the root. */
  from: string
  /** Path from the root for our own files, the package's name otherwise. */
  to: string
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx)$/.test(name) && !name.startsWith('dist'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)].map((match) => match[1] ?? '')
  return specifiers.map((specifier) => ({
    from: file,
    to: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  }))
}

const server = sources('server')
const all = ['shared', 'server', 'client'].flatMap(sources).flatMap(importsOf)

/** Imports of `to` from files that are none of the allowed ones. */
function strangers(to: RegExp, allowed: RegExp, within = /^(shared|server|client)\//): string[] {
  return all
    .filter((one) => within.test(one.from) && to.test(one.to) && !allowed.test(one.from))
    .map(({ from, to: target }) => `${from} imports ${target}`)
}

describe('who may import whom', () => {
  it('looks at real imports', () => {
    expect(all.length).toBeGreaterThan(200)
  })

  it('keeps shared a leaf above the schema library alone', () => {
    expect(strangers(/^(?!shared\/|valibot$)/, /^(server|client)\//)).toEqual([])
  })

  it('keeps lib a leaf', () => {
    expect(strangers(/^(?!server\/lib\/|node:)/, /^(?!server\/lib\/)/)).toEqual([])
  })

  it('keeps client and server apart', () => {
    expect(strangers(/^server\//, /^server\//)).toEqual([])
    expect(strangers(/^client\//, /^client\//)).toEqual([])
  })

  it('lets only the media stages know mediasoup', () => {
    expect(strangers(/^mediasoup$/, /^server\/(sfu|ingest|tap)\/|^server\/delivery\/(Viewer|whep)\.ts$/)).toEqual([])
  })

  it('lets only signaling know socket.io', () => {
    expect(strangers(/^socket\.io$/, /^server\/signaling\//)).toEqual([])
    expect(strangers(/^socket\.io-client$/, /^client\/signaling\//)).toEqual([])
  })

  it('lets only the HTTP doors know express', () => {
    expect(strangers(/^express$/, /^server\/(app\.ts|web\.ts|api\/|delivery\/\w+Routes\.ts|ops\/health\.ts)/)).toEqual(
      [],
    )
  })

  it('starts child processes in FfmpegProcess alone', () => {
    expect(strangers(/^(node:child_process|fluent-ffmpeg)$/, /^server\/tap\/FfmpegProcess\.ts$/)).toEqual([])
  })

  it('keeps the packager from knowing mediasoup, FFmpeg and HTTP', () => {
    expect(
      strangers(
        /^(mediasoup|fluent-ffmpeg|express|node:http)|^server\/(tap|sfu|delivery)\//,
        /^(?!server\/packager\/)/,
      ),
    ).toEqual([])
  })

  it('keeps the tap from knowing what comes after it', () => {
    expect(
      strangers(/^server\/(packager|delivery|broadcast|api)\/|^(express|node:http)$/, /^(?!server\/tap\/)/),
    ).toEqual([])
  })

  it('keeps the chat from knowing how it is carried', () => {
    expect(
      strangers(/^server\/(sfu|delivery|broadcast|signaling)\/|^(express|node:http)$/, /^(?!server\/chat\/)/),
    ).toEqual([])
  })

  it('lets nothing import app, main or signaling', () => {
    expect(strangers(/^server\/(app|main)\.ts$/, /^server\/main\.ts$/)).toEqual([])
    expect(strangers(/^server\/signaling\//, /^server\/(signaling\/|app\.ts)/)).toEqual([])
  })

  it('reads the environment nowhere but where settings are parsed', () => {
    const readers = server.filter((file) => /process\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    expect(readers).toEqual(['server/config.ts'])
  })

  it('ends the process nowhere but in main', () => {
    const enders = server.filter((file) => /process\.exit\(/.test(readFileSync(join(root, file), 'utf8')))
    expect(enders).toEqual(['server/main.ts'])
  })

  it('keeps the conformance suite from sharing the mistakes of the server that it judges', () => {
    const foreign = ['test/conformance', 'test/helpers/hlsOrigin']
      .flatMap(sources)
      .flatMap(importsOf)
      .filter(({ to }) => /^(server|client|shared)\//.test(to))
    expect(foreign).toEqual([])
  })

  it('has no barrel files', () => {
    expect(
      [...server, ...sources('client'), ...sources('shared')].filter((file) => /\/index\.tsx?$/.test(file)),
    ).toEqual([])
  })
})
