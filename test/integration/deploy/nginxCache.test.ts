import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { checkNginx, type RunningNginx, startNginx } from '../../helpers/nginx.ts'

/** Requests that came through, with what the cache said of them. */
let asked: { url: string; headers: Record<string, unknown> }[]
let server: TestHttpServer

beforeEach(async () => {
  asked = []
  server = await startHttpServer((req, res) => {
    const url = req.url ?? ''
    asked.push({ url, headers: req.headers })
    const cacheControl = url.startsWith('/api')
      ? null
      : url.includes('personal')
        ? 'private, no-store'
        : 'public, max-age=60'
    if (cacheControl !== null) res.setHeader('Cache-Control', cacheControl)
    res.setHeader('Vary', 'Accept-Encoding')
    res.end(`answer ${asked.length}`)
  })
})
afterEach(async () => await server[Symbol.asyncDispose]())

describe('the cache configuration', () => {
  it('has no fault that nginx finds', async () => {
    expect(await checkNginx(1234)).toBe('')
  })

  describe('in front of a server', () => {
    let nginx: RunningNginx

    beforeEach(async () => {
      nginx = await startNginx(server.port)
    })
    afterEach(async () => {
      await nginx[Symbol.asyncDispose]()
    })

    async function get(path: string, headers: Record<string, string> = {}) {
      const answer = await fetch(`http://127.0.0.1:${nginx.port}${path}`, { headers })
      return { text: await answer.text(), cache: answer.headers.get('x-cache') }
    }

    it('keeps HTTP media for as long as the server says, by path and arguments', async () => {
      const part = '/hls/AAAAbbbbCCCCdddd/v0/r-1.0.m4s'
      expect(await get(part)).toEqual({ text: 'answer 1', cache: 'MISS' })
      expect(await get(part)).toEqual({ text: 'answer 1', cache: 'HIT' })
      expect(await get(`${part}?a=2`)).toEqual({ text: 'answer 2', cache: 'MISS' })
      expect(await get('/dash/AAAAbbbbCCCCdddd/manifest.mpd')).toEqual({ text: 'answer 3', cache: 'MISS' })
      expect((await nginx.log()).trim()).toBe('')
    })

    it('lets blocking requests through, and keeps none of their answers', async () => {
      const blocking = '/hls/AAAAbbbbCCCCdddd/v0/playlist.m3u8?_HLS_msn=2&_HLS_part=0'
      expect(await get(blocking)).toEqual({ text: 'answer 1', cache: 'BYPASS' })
      expect(await get(blocking)).toEqual({ text: 'answer 2', cache: 'BYPASS' })
    })

    it('takes all wordings that accept gzip for one, and those that do not for another', async () => {
      const playlist = '/hls/AAAAbbbbCCCCdddd/v0/playlist.m3u8'
      await get(playlist, { 'Accept-Encoding': 'gzip, deflate, br' })
      expect(await get(playlist, { 'Accept-Encoding': 'br;q=1.0, gzip' })).toMatchObject({ cache: 'HIT' })
      expect(await get(playlist, { 'Accept-Encoding': 'identity' })).toMatchObject({ cache: 'MISS' })
      expect(asked.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', undefined])
    })

    it('keeps nothing that is for one viewer, and nothing of pages and API', async () => {
      for (const path of ['/hls/AAAAbbbbCCCCdddd/personal.m3u8', '/api/broadcasts']) {
        await get(path)
        await get(path)
      }
      await get('/hls/AAAAbbbbCCCCdddd/v0/r-2.m4s', { Authorization: 'Bearer x' })
      await get('/hls/AAAAbbbbCCCCdddd/v0/r-2.m4s', { Authorization: 'Bearer x' })
      expect(asked).toHaveLength(6)
    })

    it('tells the server who asks, whatever the client claims', async () => {
      await get('/hls/AAAAbbbbCCCCdddd/v0/r-3.m4s', { 'X-Forwarded-For': '203.0.113.9' })
      await get('/', { 'X-Forwarded-For': '203.0.113.9' })
      expect(asked.map(({ headers }) => headers['x-forwarded-for'])).toEqual(['127.0.0.1', '127.0.0.1'])
    })
  })
})
