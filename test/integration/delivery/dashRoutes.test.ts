import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DashDirectory } from '../../../server/delivery/DashDirectory.ts'
import { dashRoutes } from '../../../server/delivery/dashRoutes.ts'
import type { KeptDirectory } from '../../../server/delivery/KeptDirectory.ts'
import { systemClock } from '../../../server/lib/clock.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { type ErrorCode, NearcastError } from '../../../shared/errors.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'

const id = 'AAAAbbbbCCCCdddd'
const shared = `<MPD>${'<S d="180000"/>'.repeat(100)}</MPD>`
const session = 's'.repeat(22)

/** What the directory throws instead of finding the broadcast; `empty` when nothing was listed yet. */
let trouble: ErrorCode | Error | 'empty' | undefined
const counted: string[] = []
const logged: object[] = []
const directory: DashDirectory & Pick<KeptDirectory, 'kept' | 'isRecording'> = {
  kept: async () => null,
  isRecording: () => false,
  dash(asked) {
    if (trouble instanceof Error) throw trouble
    if (asked !== id) throw new NearcastError('broadcast-not-found')
    if (trouble && trouble !== 'empty') throw new NearcastError(trouble)
    const written = (baseUrl: string, location?: string) => `${baseUrl} ${location ?? ''}${shared}`
    return { manifest: ({ baseUrl, location }) => (trouble ? null : written(baseUrl, location)) }
  },
  countHttpViewer: (broadcast, viewer) => void counted.push(`${broadcast} ${viewer}`),
}

let server: TestHttpServer
beforeEach(async () => {
  trouble = undefined
  counted.length = 0
  logged.length = 0
  const log = { error: (fields: object) => logged.push(fields) }
  const door = dashRoutes({ directory, metrics: new Metrics(), clock: systemClock, log })
  server = await startHttpServer((req, res) => {
    if (!door(req, res)) res.writeHead(299).end()
  })
})
afterEach(() => server[Symbol.asyncDispose]())

const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}/dash/${path}`, init)

describe('the DASH manifest', () => {
  it('is made for each player the first time: it names the address by which the player is counted later', async () => {
    const answers = await Promise.all([get(`${id}/manifest.mpd`), get(`${id}/manifest.mpd`)])
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    const sessions = texts.map((text) => /manifest\.mpd\?session=([\w-]{22})</.exec(text)?.[1])
    expect(new Set(sessions).size).toBe(2)
    expect(texts[0]).toContain(`../../hls/${id}/ `)
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(Array(2).fill('private, no-store'))
    expect(counted).toEqual([])
  })

  it('is the same for all afterwards, with its type, for any page, for a second; each request counts its viewer', async () => {
    const answer = await get(`${id}/manifest.mpd?session=${session}`)
    expect(await answer.text()).toBe(`../../hls/${id}/ ${shared}`)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/dash+xml',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=1',
      vary: 'Accept-Encoding',
    })
    expect(counted).toEqual([`${id} ${session}`])
    await get(`${id}/manifest.mpd?session=${session}`, { method: 'HEAD' })
    expect(counted).toHaveLength(1)
  })

  it('names no address for a player that is counted by signaling already', async () => {
    expect(await (await get(`${id}/manifest.mpd?player=1`)).text()).toBe(`../../hls/${id}/ ${shared}`)
    expect(counted).toEqual([])
  })

  it('is compressed for whoever takes gzip, and not sent again to whoever has it', async () => {
    const path = `${server.url}/dash/${id}/manifest.mpd?session=${session}`
    const body = await new Promise<Buffer>((done, failed) => {
      request(path, { headers: { 'Accept-Encoding': 'gzip' } }, async (answer) => {
        expect(answer.headers['content-encoding']).toBe('gzip')
        done(Buffer.concat(await answer.toArray()))
      })
        .on('error', failed)
        .end()
    })
    expect(gunzipSync(body).toString()).toBe(`../../hls/${id}/ ${shared}`)
    const etag = (await fetch(path)).headers.get('etag') ?? ''
    const again = await fetch(path, { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it('answers HEAD with its length and nothing else', async () => {
    const answer = await get(`${id}/manifest.mpd?session=${session}`, {
      method: 'HEAD',
      headers: { 'Accept-Encoding': 'identity' },
    })
    expect([answer.status, Number(answer.headers.get('content-length')), await answer.text()]).toEqual([
      200,
      `../../hls/${id}/ ${shared}`.length,
      '',
    ])
  })
})

describe('the clock of DASH players', () => {
  it("is the server's, to the millisecond, and never from a cache", async () => {
    const before = systemClock.now()
    const answer = await get('time')
    const told = await answer.text()
    expect(told).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Date.parse(told)).toBeGreaterThanOrEqual(Math.floor(before))
    expect(Date.parse(told)).toBeLessThanOrEqual(systemClock.now())
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('DASH refusals', () => {
  it.each([
    ['ZZZZbbbbCCCCdddd/manifest.mpd', 404, 'broadcast-not-found', 'public, max-age=1'],
    [`${id}/other.mpd`, 404, 'media-not-found', 'public, max-age=1'],
    [`${id}/../../etc/passwd`, 404, 'media-not-found', 'public, max-age=1'],
    [`${id}/%E0%A4%A`, 404, 'media-not-found', 'public, max-age=1'],
    ['', 404, 'media-not-found', 'public, max-age=1'],
  ])('answer %s with %i %s that pages may read', async (path, status, code, caching) => {
    const answer = await new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
      (done, failed) => {
        request({ port: server.port, host: '127.0.0.1', path: `/dash/${path}` }, async (got) => {
          done({
            status: got.statusCode ?? 0,
            headers: got.headers,
            body: Buffer.concat(await got.toArray()).toString(),
          })
        })
          .on('error', failed)
          .end()
      },
    )
    expect(JSON.parse(answer.body)).toEqual({ error: { code, message: expect.any(String) } })
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, caching])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  it.each([
    ['not-live', 404, 'not-live'],
    ['empty', 404, 'not-live'],
    ['no-http-delivery', 404, 'no-http-delivery'],
    ['broadcast-ended', 410, 'broadcast-ended'],
  ] as const)('hand on what the directory says: %s', async (what, status, code) => {
    trouble = what
    const answer = await get(`${id}/manifest.mpd`)
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }])
  })

  it('say nothing of what went wrong inside, but log it', async () => {
    trouble = new Error('a secret')
    const answer = await get(`${id}/manifest.mpd`)
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')])
    expect(logged).toHaveLength(1)
  })

  it('take GET, HEAD and OPTIONS only, and leave other addresses alone', async () => {
    const post = await get(`${id}/manifest.mpd`, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await get(`${id}/manifest.mpd`, { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(`${server.url}/dashboard`)).status).toBe(299)
  })
})
