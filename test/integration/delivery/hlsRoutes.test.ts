import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HlsDirectory, HlsSource } from '../../../server/delivery/HlsDirectory.ts'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { systemClock } from '../../../server/lib/clock.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { type ErrorCode, NearcastError } from '../../../shared/errors.ts'
import { fakePlaylist } from '../../helpers/delivery/FakeSource.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'

const id = 'AAAAbbbbCCCCdddd'
const playlist = `#EXTM3U\n${'#EXTINF:2.0,\nx.m4s\n'.repeat(50)}`
const media = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
const pieces = [media.subarray(0, 300), media.subarray(300, 301), media.subarray(301)]

const newest = fakePlaylist({ first: 0, whole: [6], open: 1 })
const source: HlsSource = {
  multivariantPlaylist: ({ session } = {}) => `#EXTM3U\nvideo/playlist.m3u8${session ? `?session=${session}` : ''}\n`,
  playlist: (rendition) => (rendition === 'video' ? { ...newest, text: () => playlist, delta: () => playlist } : null),
  resource: (_rendition, name) => (name === 'old.m4s' ? 'gone' : name === 'new.m4s' ? pieces : null),
  on: () => () => {},
}

/** What the directory throws instead of finding the broadcast. */
let trouble: ErrorCode | Error | undefined
const counted: string[] = []
const logged: object[] = []
const directory: HlsDirectory = {
  hls(asked) {
    if (trouble instanceof Error) throw trouble
    if (trouble || asked !== id) throw new NearcastError(trouble ?? 'broadcast-not-found')
    return source
  },
  countHttpViewer: (broadcast, session) => void counted.push(`${broadcast} ${session}`),
}

let server: TestHttpServer

beforeEach(async () => {
  trouble = undefined
  counted.length = 0
  logged.length = 0
  const door = hlsRoutes({
    directory,
    addressOf: () => '127.0.0.1',
    maxHeld: 10,
    maxHeldPerAddress: 10,
    metrics: new Metrics(),
    clock: systemClock,
    log: { error: (fields) => logged.push(fields) },
  })
  server = await startHttpServer((req, res) => {
    if (!door(req, res)) res.writeHead(299).end()
  })
})
afterEach(() => server[Symbol.asyncDispose]())

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/hls/${path}`, init)
}

describe('HLS playlists', () => {
  it('are sent with their type, for any page, for a second', async () => {
    const answer = await get(`${id}/video/playlist.m3u8`)
    expect(await answer.text()).toBe(playlist)
    expect(answer.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
  })

  it('are compressed for whoever takes gzip, and only for them', async () => {
    const raw = (encoding: string) =>
      new Promise<{ coding: string | undefined; body: Buffer }>((done, failed) => {
        const headers = { 'Accept-Encoding': encoding }
        request(`${server.url}/hls/${id}/video/playlist.m3u8`, { headers }, async (answer) => {
          done({ coding: answer.headers['content-encoding'], body: Buffer.concat(await answer.toArray()) })
        })
          .on('error', failed)
          .end()
      })
    const gzipped = await raw('gzip')
    expect(gzipped.coding).toBe('gzip')
    expect(gunzipSync(gzipped.body).toString()).toBe(playlist)
    expect(await raw('gzip;q=0')).toEqual({ coding: undefined, body: Buffer.from(playlist) })
  })

  it('are not sent again to whoever has them', async () => {
    const etag = (await get(`${id}/video/playlist.m3u8`)).headers.get('etag') ?? ''
    const again = await get(`${id}/video/playlist.m3u8`, { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    expect((await get(`${id}/video/playlist.m3u8`, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200)
  })

  it('give every player without our signaling a session of its own, which no cache may share', async () => {
    const answers = await Promise.all([get(`${id}/index.m3u8`), get(`${id}/index.m3u8`)])
    const sessions = await Promise.all(
      answers.map(async (answer) => /session=([\w-]{22})\n/.exec(await answer.text())?.[1]),
    )
    expect(new Set(sessions).size).toBe(2)
    expect(answers.map((answer) => answer.headers.get('cache-control'))).toEqual(Array(2).fill('private, no-store'))
    await get(`${id}/video/playlist.m3u8?session=${sessions[0]}`)
    expect(counted).toEqual([`${id} ${sessions[0]}`])
    expect(await (await get(`${id}/index.m3u8?session=${sessions[0]}`)).text()).toContain(sessions[0])
  })

  it('of I-frames are there for renditions with pictures, and for no other', async () => {
    const answer = await get(`${id}/video/iframes.m3u8`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.apple.mpegurl'])
    expect(await answer.text()).toContain('#pictures')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
    for (const none of ['audio', 'v9']) expect((await get(`${id}/${none}/iframes.m3u8`)).status).toBe(404)
  })

  it('give our own player none', async () => {
    const answer = await get(`${id}/index.m3u8?player=1`)
    expect(await answer.text()).toBe('#EXTM3U\nvideo/playlist.m3u8\n')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
    await get(`${id}/video/playlist.m3u8`)
    expect(counted).toEqual([])
  })

  it('count no session that is badly formed, and none that only asked for the headers', async () => {
    await get(`${id}/video/playlist.m3u8?session=<script>`)
    await get(`${id}/video/playlist.m3u8?session=${'s'.repeat(22)}`, { method: 'HEAD' })
    expect(counted).toEqual([])
  })
})

describe('HLS media', () => {
  it('is sent whole, for good', async () => {
    const answer = await get(`${id}/video/new.m4s`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(media)).toBe(true)
    expect(answer.headers.get('content-type')).toBe('video/mp4')
    expect(answer.headers.get('content-length')).toBe('1000')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
  })

  it('is sent in part, across the pieces it is kept in', async () => {
    const answer = await get(`${id}/video/new.m4s`, { headers: { Range: 'bytes=299-302' } })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, 'bytes 299-302/1000'])
    expect(Buffer.from(await answer.arrayBuffer()).equals(media.subarray(299, 303))).toBe(true)
  })

  it('says how long it is when a range begins behind its end', async () => {
    const answer = await get(`${id}/video/new.m4s`, { headers: { Range: 'bytes=1000-' } })
    expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([416, 'bytes */1000', ''])
  })

  it('is sent whole when If-Range names other bytes, and not at all to whoever has it', async () => {
    const etag = (await get(`${id}/video/new.m4s`)).headers.get('etag') ?? ''
    const range = { Range: 'bytes=0-1' }
    expect((await get(`${id}/video/new.m4s`, { headers: { ...range, 'If-Range': '"x"' } })).status).toBe(200)
    expect((await get(`${id}/video/new.m4s`, { headers: { ...range, 'If-Range': etag } })).status).toBe(206)
    expect((await get(`${id}/video/new.m4s`, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })

  it('answers HEAD with its length and nothing else', async () => {
    const answer = await get(`${id}/video/new.m4s`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '1000', ''])
  })
})

describe('HLS refusals', () => {
  it.each([
    [`${id}/video/old.m4s`, 410, 'media-gone', 'public, max-age=60'],
    [`${id}/video/future.m4s`, 404, 'media-not-found', 'public, max-age=1'],
    [`${id}/none/playlist.m3u8`, 404, 'media-not-found', 'public, max-age=1'],
    [`ZZZZbbbbCCCCdddd/index.m3u8`, 404, 'broadcast-not-found', 'public, max-age=1'],
    [`${id}/`, 404, 'media-not-found', 'public, max-age=1'],
    [`${id}/..%2f..%2fetc%2fpasswd`, 404, 'media-not-found', 'public, max-age=1'],
    [`${id}/%E0%A4%A/x.mp4`, 400, 'bad-request', 'no-store'],
  ])('answer %s with %i %s that pages may read', async (path, status, code, caching) => {
    const answer = await get(path)
    expect(await answer.json()).toEqual({ error: { code, message: expect.any(String) } })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, caching])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each([
    ['not-live', 404],
    ['no-http-delivery', 404],
    ['broadcast-ended', 410],
  ] as const)('hand on what the directory says: %s', async (code, status) => {
    trouble = code
    const answer = await get(`${id}/index.m3u8`)
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }])
  })

  it('tell nobody what broke inside', async () => {
    trouble = new Error('secret detail')
    const answer = await get(`${id}/index.m3u8`)
    expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: 'internal' } }])
    expect(logged).toMatchObject([{ err: { message: 'secret detail' } }])
  })

  it('name the methods there are, and answer a preflight', async () => {
    const post = await get(`${id}/index.m3u8`, { method: 'POST', body: 'x' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    const preflight = await get(`${id}/index.m3u8`, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
    ])
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Range')
  })

  it('leave what is not below /hls/ to others', async () => {
    expect((await fetch(`${server.url}/hlsx`)).status).toBe(299)
  })
})
