import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PosterPicture, posterRoutes } from '../../../server/delivery/posterRoutes.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { type ErrorCode, NearcastError } from '../../../shared/errors.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'

const id = 'AAAAbbbbCCCCdddd'
let picture: PosterPicture | null
let trouble: ErrorCode | Error | undefined
let server: TestHttpServer

beforeEach(async () => {
  picture = { bytes: Buffer.from('a picture'), etag: '"tag"' }
  trouble = undefined
  const poster = async (asked: string) => {
    if (trouble instanceof Error) throw trouble
    if (trouble || asked !== id) throw new NearcastError(trouble ?? 'broadcast-not-found')
    return picture
  }
  const door = posterRoutes({ directory: { poster }, metrics: new Metrics(), log: { error: () => {} } })
  server = await startHttpServer((req, res) => {
    if (!door(req, res)) res.writeHead(299).end()
  })
})
afterEach(() => server[Symbol.asyncDispose]())

const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}/hls/${path}`, init)

describe('the picture of a broadcast', () => {
  it('is sent for any page, for ten seconds, whatever query a page adds', async () => {
    for (const query of ['', '?t=5']) {
      const answer = await get(`${id}/poster.jpg${query}`)
      expect(await answer.text()).toBe('a picture')
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/jpeg',
        'content-length': '9',
        'cache-control': 'public, max-age=10',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        etag: '"tag"',
      })
    }
  })

  it('is not sent again to whoever has it, nor to whoever asks for the headers', async () => {
    const again = await get(`${id}/poster.jpg`, { headers: { 'If-None-Match': '"tag"' } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const head = await get(`${id}/poster.jpg`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '9', ''])
  })

  it('is missing, for a moment, while there is none', async () => {
    picture = null
    const answer = await get(`${id}/poster.jpg`)
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'media-not-found' } }])
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
  })

  it('is nothing at all to our own player while there is none, which no console complains of', async () => {
    expect(await (await get(`${id}/poster.jpg?player=1`)).text()).toBe('a picture')
    picture = null
    for (const of of [id, 'ZZZZbbbbCCCCdddd']) {
      const answer = await get(`${of}/poster.jpg?player=1`)
      expect([answer.status, answer.headers.get('cache-control'), await answer.text()]).toEqual([204, 'no-store', ''])
    }
  })

  it('is not told of for a broadcast that is not there, or when something broke inside', async () => {
    expect(await (await get('ZZZZbbbbCCCCdddd/poster.jpg')).json()).toMatchObject({
      error: { code: 'broadcast-not-found' },
    })
    trouble = new Error('secret')
    const answer = await get(`${id}/poster.jpg`)
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')])
  })

  it('takes GET, HEAD and OPTIONS only, and leaves other addresses alone', async () => {
    expect((await get(`${id}/poster.jpg`, { method: 'POST' })).status).toBe(405)
    expect((await get(`${id}/poster.jpg`, { method: 'OPTIONS' })).status).toBe(204)
    for (const other of [`${id}/index.m3u8`, `${id}/poster.jpg/x`, `${id}x/poster.jpg`]) {
      expect((await get(other)).status).toBe(299)
    }
  })
})
