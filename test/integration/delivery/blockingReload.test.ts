import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { FakeSource } from '../../helpers/delivery/FakeSource.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const id = 'AAAAbbbbCCCCdddd'

let source: FakeSource
let clock: ManualClock
let metrics: Metrics
let server: TestHttpServer
let counted: [session: string, heldFor: number | undefined][]
let agent: Agent

beforeEach(async () => {
  source = new FakeSource()
  clock = new ManualClock()
  metrics = new Metrics()
  counted = []
  agent = new Agent({ keepAlive: true, maxSockets: 100 })
  const door = hlsRoutes({
    directory: {
      hls: () => source,
      countHttpViewer: (_id, session, heldFor) => void counted.push([session, heldFor]),
    },
    addressOf: (req) => req.headers['x-client']?.toString() ?? 'one',
    maxHeld: 8,
    maxHeldPerAddress: 6,
    metrics,
    clock,
    log: { error: (fields) => expect.fail(JSON.stringify(fields)) },
  })
  server = await startHttpServer((req, res) => void door(req, res))
})
afterEach(async () => {
  agent.destroy()
  await server[Symbol.asyncDispose]()
})

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** Asks below the broadcast; `left` closes the connection without waiting for the answer. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): { answer: Promise<Answer>; leave(): void } {
  const req = request(`${server.url}/hls/${id}/${path}`, { headers, method, agent })
  const answer = new Promise<Answer>((done, failed) => {
    req.on('error', failed).on('response', async (res) => {
      const bytes = Buffer.concat(await res.toArray())
      const body = res.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
      done({ status: res.statusCode ?? 0, headers: res.headers, text: body.toString() })
    })
  })
  req.end()
  return { answer, leave: () => req.destroy() }
}

const playlist = (query = '', rendition = 'v0') => ask(`${rendition}/playlist.m3u8${query}`)

function metric(name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics.render())?.[1])
}

function held(count: number): Promise<unknown> {
  return waitFor(`${count} requests are held`, () => metric('nearcast_hls_held') === count)
}

describe('a media playlist', () => {
  it('comes at once to whoever asks for nothing special, or for what is there', async () => {
    for (const query of [
      '',
      '?_HLS_msn=2',
      '?_HLS_msn=3&_HLS_part=1',
      '?_HLS_msn=2&_HLS_part=6',
      '?_HLS_msn=1&_HLS_part=99',
    ]) {
      expect(await playlist(query).answer).toMatchObject({ status: 200, text: '#EXTM3U\n#3.2\n' })
    }
    expect(metric('nearcast_hls_held')).toBe(0)
  })

  it('comes with the part that is asked for, to all who wait, rendered once', async () => {
    const waiting = Array.from({ length: 5 }, () => playlist('?_HLS_msn=3&_HLS_part=2'))
    await held(5)
    const before = source.renderings
    source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).toEqual(Array(5).fill('#EXTM3U\n#3.3\n'))
    expect(source.renderings).toBe(before + 1)
    expect(metric('nearcast_hls_held')).toBe(0)
    expect(clock.timers).toBe(1)
    clock.advanceTo(START + 1_000)
    expect(clock.timers).toBe(0)
  })

  it('leaves those waiting who want a later part, or the whole segment', async () => {
    const [next, later, whole, other] = [
      playlist('?_HLS_msn=3&_HLS_part=2'),
      playlist('?_HLS_msn=3&_HLS_part=3'),
      playlist('?_HLS_msn=3'),
      playlist('?_HLS_msn=3&_HLS_part=2', 'audio'),
    ]
    await held(4)
    source.addPart()
    expect((await next.answer).text).toBe('#EXTM3U\n#3.3\n')
    expect((await other.answer).text).toBe('#EXTM3U\n#3.3\n')
    await held(2)
    source.addPart(true)
    expect((await later.answer).text).toBe('#EXTM3U\n#4.0\n')
    expect((await whole.answer).text).toBe('#EXTM3U\n#4.0\n')
  })

  it('waits for part 0 of the next segment when the one asked for ends early', async () => {
    const early = playlist('?_HLS_msn=3&_HLS_part=2')
    await held(1)
    source.finishSegment()
    expect(metric('nearcast_hls_held')).toBe(1)
    source.addPart()
    expect((await early.answer).text).toBe('#EXTM3U\n#4.1\n')
  })

  it('may be kept for six target durations when it was waited for, and for a second otherwise', async () => {
    const waiting = playlist('?_HLS_msn=3&_HLS_part=2')
    await held(1)
    source.addPart()
    const caching = (answer: Answer) => answer.headers['cache-control']
    expect(caching(await waiting.answer)).toBe('public, max-age=18')
    expect(caching(await playlist('?_HLS_msn=3&_HLS_part=2').answer)).toBe('public, max-age=18')
    expect(caching(await playlist().answer)).toBe('public, max-age=1')
  })

  it('comes unchanged after three target durations without news, for a second', async () => {
    const waiting = playlist('?_HLS_msn=3&_HLS_part=2')
    await held(1)
    clock.advanceTo(START + 8_900)
    expect(metric('nearcast_hls_held')).toBe(1)
    clock.advanceTo(START + 9_250)
    const { status, text, headers } = await waiting.answer
    expect([status, text, headers['cache-control']]).toEqual([200, '#EXTM3U\n#3.2\n', 'public, max-age=1'])
    expect(clock.timers).toBe(0)
  })

  it('comes as a delta to whoever asks for one, compressed or not, with the same tag', async () => {
    for (const skip of ['YES', 'v2']) {
      const delta = await ask(`v0/playlist.m3u8?_HLS_skip=${skip}`, { 'Accept-Encoding': 'gzip' }).answer
      expect([delta.text, delta.headers['content-encoding']]).toEqual(['#EXTM3U\n#3.2\n#skipped\n', 'gzip'])
      const plain = await playlist(`?_HLS_skip=${skip}`).answer
      expect([plain.text, plain.headers.etag]).toEqual(['#EXTM3U\n#3.2\n#skipped\n', delta.headers.etag])
    }
  })

  it('has a tag of its own in every version', async () => {
    const first = await playlist().answer
    source.addPart()
    const second = await playlist().answer
    expect(second.headers.etag).not.toBe(first.headers.etag)
    expect((await playlist('', 'audio').answer).headers.etag).not.toBe(second.headers.etag)
    const again = await ask('v0/playlist.m3u8', { 'If-None-Match': second.headers.etag ?? '' }).answer
    expect([again.status, again.text, again.headers['access-control-allow-origin']]).toEqual([304, '', '*'])
  })

  it('has headers without a body for HEAD, which waits as well', async () => {
    const waiting = ask('v0/playlist.m3u8?_HLS_msn=3&_HLS_part=2', {}, 'HEAD')
    await held(1)
    source.addPart()
    const { status, headers, text } = await waiting.answer
    expect([status, headers['content-length'], text]).toEqual([200, '13', ''])
  })

  it.each([
    '_HLS_part=1',
    '_HLS_msn=x',
    '_HLS_msn=-1',
    '_HLS_msn=3&_HLS_msn=3',
    '_HLS_msn=5',
    '_HLS_msn=3&_HLS_part=10',
    '_HLS_msn=99999999999999999999',
  ])('is refused to %s at once', async (query) => {
    const { status, text, headers } = await playlist(`?${query}`).answer
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: 'bad-request' } }])
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  it('ignores directives once it has ended, and ends the waiting', async () => {
    const waiting = playlist('?_HLS_msn=3&_HLS_part=2')
    await held(1)
    source.end()
    expect((await waiting.answer).status).toBe(200)
    for (const query of ['?_HLS_msn=4', '?_HLS_part=1', '?_HLS_msn=abc', '?_HLS_skip=YES']) {
      const { status, text, headers } = await playlist(query).answer
      expect([status, text, headers['cache-control']]).toEqual([200, '#EXTM3U\n#3.2\n', 'public, max-age=1'])
    }
  })

  it('is refused to those who wait when its packager is gone', async () => {
    const waiting = [playlist('?_HLS_msn=3&_HLS_part=2'), ask('v0/run-3.2.m4s')]
    await held(2)
    source.close()
    for (const { answer } of waiting) {
      const { status, headers, text } = await answer
      expect([status, headers['retry-after'], JSON.parse(text).error.code]).toEqual([503, '5', 'shutting-down'])
    }
    expect(metric('nearcast_hls_held')).toBe(0)
    expect((await playlist().answer).status).toBe(404)
  })

  it('answers any query with 200 or 400, and holds none for good', async () => {
    const name = fc.constantFrom('_HLS_msn', '_HLS_part', '_HLS_skip', 'session')
    const value = fc.oneof(fc.nat(6).map(String), fc.constantFrom('YES', 'v2', '', '-1'), fc.string({ maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (pairs) => {
        const { answer } = playlist(`?${new URLSearchParams(pairs)}`)
        let settled = false
        const done = answer.then((each) => {
          settled = true
          return each
        })
        await waitFor('it is answered or held', () => settled || metric('nearcast_hls_held') === 1)
        clock.advanceTo(clock.now() + 9_250)
        expect([200, 400]).toContain((await done).status)
        expect(metric('nearcast_hls_held')).toBe(0)
      }),
    )
  })
})

describe('the part that a playlist hints at', () => {
  it('is sent to all who asked for it the moment it is there', async () => {
    const waiting = [ask('v0/run-3.2.m4s'), ask('v0/run-3.2.m4s'), ask('audio/run-3.2.m4s')]
    await held(3)
    source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).toEqual(['v0 run-3.2.m4s', 'v0 run-3.2.m4s', 'audio run-3.2.m4s'])
    expect(answers[0]?.headers).toMatchObject({
      'content-type': 'video/mp4',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
    })
  })

  it('is not found when its segment ended without it', async () => {
    const waiting = ask('v0/run-3.2.m4s')
    await held(1)
    source.finishSegment()
    const { status, headers } = await waiting.answer
    expect([status, headers['cache-control']]).toEqual([404, 'public, max-age=1'])
  })

  it('is not found when it has not come in three target durations', async () => {
    const waiting = ask('v0/run-3.2.m4s')
    await held(1)
    clock.advanceTo(START + 9_250)
    expect((await waiting.answer).status).toBe(404)
  })

  it.each(['run-3.3.m4s', 'run-4.0.m4s', 'run-3.m4s', 'run-99999.0.m4s', 'other-3.2.m4s'])(
    'is the only one that is waited for: not %s',
    async (name) => {
      expect((await ask(`v0/${name}`).answer).status).toBe(404)
    },
  )

  it('may be asked for in part', async () => {
    const waiting = ask('v0/run-3.2.m4s', { Range: 'bytes=3-5' })
    await held(1)
    source.addPart()
    const { status, text } = await waiting.answer
    expect([status, text]).toEqual([206, 'run'])
  })
})

describe('requests that are held', () => {
  it('are bounded for one address and in all, and counted when refused', async () => {
    const query = '?_HLS_msn=3&_HLS_part=2'
    const waiting = Array.from({ length: 6 }, () => playlist(query))
    await held(6)
    const refused = await playlist(query).answer
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
    expect(JSON.parse(refused.text).error.code).toBe('too-many-waiting')
    waiting.push(...['two', 'three'].map((client) => ask(`v0/playlist.m3u8${query}`, { 'X-Client': client })))
    await held(8)
    expect((await ask(`v0/playlist.m3u8${query}`, { 'X-Client': 'four' }).answer).status).toBe(503)
    expect((await playlist().answer).status).toBe(200)
    expect(metric('nearcast_hls_not_held_total')).toBe(2)
    source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  })

  it('make room when their client goes away', async () => {
    const waiting = [playlist('?_HLS_msn=3&_HLS_part=2'), ask('v0/run-3.2.m4s')]
    await held(2)
    const gone = waiting.map(({ answer }) => expect(answer).rejects.toThrow())
    for (const { leave } of waiting) leave()
    await held(0)
    await Promise.all(gone)
    source.addPart()
    expect(source.renderings).toBe(0)
  })

  it('make room when a connection goes away that had sent several at once', async () => {
    const line = `GET /hls/${id}/v0/playlist.m3u8?_HLS_msn=3&_HLS_part=2 HTTP/1.1\r\nHost: x\r\n\r\n`
    const socket = connect(server.port, '127.0.0.1')
    socket.write(line.repeat(4))
    await held(4)
    socket.destroy()
    await waitFor('the first is noticed', () => metric('nearcast_hls_held') < 4)
    clock.advanceTo(START + 500)
    expect(metric('nearcast_hls_held')).toBe(0)
  })

  it('keep a player without our signaling counted while it waits', async () => {
    const session = 's'.repeat(22)
    const waiting = playlist(`?session=${session}&_HLS_msn=3&_HLS_part=2`)
    await held(1)
    expect(counted).toEqual([[session, 9_000]])
    source.addPart()
    await waiting.answer
    expect(counted).toEqual([
      [session, 9_000],
      [session, 0],
    ])
  })
})
