import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorHandler } from '../../../server/api/errorAnswer.ts'
import { readClientFiles } from '../../../server/delivery/clientFiles.ts'
import { pageRoutes } from '../../../server/delivery/pageRoutes.ts'
import { exchange, startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'

const id = 'AAAAbbbbCCCCdddd'
const script = `const x = '${'y'.repeat(5_000)}'`
let directory: string
let server: TestHttpServer

function application(files: Awaited<ReturnType<typeof readClientFiles>>, embedOrigins: string[] | null = null) {
  return express().use(pageRoutes({ files, embedOrigins }), errorHandler({ error: () => {} }))
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pages-'))
  const build = join(directory, 'dist')
  await mkdir(join(build, 'assets'), { recursive: true })
  for (const page of ['home', 'studio', 'watch', 'embed']) {
    await mkdir(join(build, page))
    await writeFile(join(build, page, 'index.html'), `<!doctype html><title>${page}</title>`)
  }
  await writeFile(join(build, 'assets', 'main-abc123.js'), script)
  await writeFile(join(build, 'robots.txt'), 'User-agent: *\n')
  await writeFile(join(build, '.hidden'), 'hidden')
  await writeFile(join(directory, 'secret.txt'), 'secret')
  server = await startHttpServer(application(await readClientFiles(build)))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

describe('pages', () => {
  it.each([
    ['/', 'home'],
    [`/studio/${id}`, 'studio'],
    [`/watch/${id}`, 'watch'],
    [`/embed/${id}`, 'embed'],
  ])('are found at %s', async (path, title) => {
    const answer = await fetch(`${server.url}${path}`)
    expect(await answer.text()).toContain(`<title>${title}</title>`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(answer.headers.get('referrer-policy')).toBe('same-origin')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|https?:/)
    expect(policy).toMatch(title === 'embed' ? /frame-ancestors \*$/ : /frame-ancestors 'none'$/)
  })

  it('may be framed by nobody but the listed origins when there are some', async () => {
    await using narrowed = await startHttpServer(
      application(await readClientFiles(join(directory, 'dist')), ['https://a.example', 'https://b.example']),
    )
    const answer = await fetch(`${narrowed.url}/embed/${id}`)
    expect(answer.headers.get('content-security-policy')).toMatch(
      /frame-ancestors https:\/\/a.example https:\/\/b.example$/,
    )
  })

  it('use the camera in the studio and not where people watch', async () => {
    const policy = async (page: string) =>
      (await fetch(`${server.url}/${page}/${id}`)).headers.get('permissions-policy')
    expect(await policy('studio')).toContain('camera=(self)')
    expect(await policy('embed')).toContain('camera=()')
  })

  it('are shown for an id that cannot exist, as not found', async () => {
    const answer = await fetch(`${server.url}/watch/nonsense`)
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('<title>watch</title>')])
  })

  it('are not sent again to whoever has them', async () => {
    const etag = (await fetch(server.url)).headers.get('etag') ?? ''
    expect((await fetch(server.url, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })

  it('take no other method', async () => {
    const answer = await fetch(`${server.url}/watch/${id}`, { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('say what to do when they have not been built', async () => {
    await using bare = await startHttpServer(application(new Map()))
    const answer = await fetch(bare.url)
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('npm run build')])
  })
})

describe('files of the build', () => {
  it('with a hash in their name are kept for good, and compressed', async () => {
    const answer = await fetch(`${server.url}/assets/main-abc123.js`, { headers: { 'Accept-Encoding': 'br' } })
    expect(await answer.text()).toBe(script)
    expect(answer.headers.get('content-encoding')).toBe('br')
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(200)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  it('without one are kept for an hour', async () => {
    const answer = await fetch(`${server.url}/robots.txt`)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=3600'])
  })

  it.each([
    '/assets/',
    '/assets',
    '/.hidden',
    '/home/index.html',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/robots.txt%00.js',
    '/__proto__',
  ])('do not include %s', async (path) => {
    const answer = await exchange(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).not.toMatch(/secret\b.*$|hidden$|root:/)
  })
})
