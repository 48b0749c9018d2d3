import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, HlsDoor } from '../../helpers/delivery/HlsDoor.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let door: HlsDoor

beforeEach(async () => {
  door = await HlsDoor.create()
})
afterEach(() => door[Symbol.asyncDispose]())

describe('a media playlist', () => {
  it('comes at once to whoever asks for nothing special, or for what is there', async () => {
    for (const query of [
      '',
      '?_HLS_msn=2',
      '?_HLS_msn=3&_HLS_part=1',
      '?_HLS_msn=2&_HLS_part=6',
      '?_HLS_msn=1&_HLS_part=99',
    ]) {
      expect(await door.playlist(query).answer).toMatchObject({ status: 200, text: '#EXTM3U\n#3.2\n' })
    }
    expect(door.metric('nearcast_hls_held')).toBe(0)
  })

  it('comes with the part that is asked for, to all who wait, rendered once', async () => {
    const waiting = Array.from({ length: 5 }, () => door.playlist('?_HLS_msn=3&_HLS_part=2'))
    await door.held(5)
    const before = door.source.renderings
    door.source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).toEqual(Array(5).fill('#EXTM3U\n#3.3\n'))
    expect(door.source.renderings).toBe(before + 1)
    expect(door.metric('nearcast_hls_held')).toBe(0)
    expect(door.clock.timers).toBe(1)
    door.clock.advanceTo(START + 1_000)
    expect(door.clock.timers).toBe(0)
  })

  it('leaves those waiting who want a later part, or the whole segment', async () => {
    const [next, later, whole, other] = [
      door.playlist('?_HLS_msn=3&_HLS_part=2'),
      door.playlist('?_HLS_msn=3&_HLS_part=3'),
      door.playlist('?_HLS_msn=3'),
      door.playlist('?_HLS_msn=3&_HLS_part=2', 'audio'),
    ]
    await door.held(4)
    door.source.addPart()
    expect((await next.answer).text).toBe('#EXTM3U\n#3.3\n')
    expect((await other.answer).text).toBe('#EXTM3U\n#3.3\n')
    await door.held(2)
    door.source.addPart(true)
    expect((await later.answer).text).toBe('#EXTM3U\n#4.0\n')
    expect((await whole.answer).text).toBe('#EXTM3U\n#4.0\n')
  })

  it('waits for part 0 of the next segment when the one asked for ends early', async () => {
    const early = door.playlist('?_HLS_msn=3&_HLS_part=2')
    await door.held(1)
    door.source.finishSegment()
    expect(door.metric('nearcast_hls_held')).toBe(1)
    door.source.addPart()
    expect((await early.answer).text).toBe('#EXTM3U\n#4.1\n')
  })

  it('may be kept for six target durations when it was waited for, and for a second otherwise', async () => {
    const waiting = door.playlist('?_HLS_msn=3&_HLS_part=2')
    await door.held(1)
    door.source.addPart()
    const caching = (answer: Answer) => answer.headers['cache-control']
    expect(caching(await waiting.answer)).toBe('public, max-age=18')
    expect(caching(await door.playlist('?_HLS_msn=3&_HLS_part=2').answer)).toBe('public, max-age=18')
    expect(caching(await door.playlist().answer)).toBe('public, max-age=1')
  })

  it('comes unchanged after three target durations without news, for a second', async () => {
    const waiting = door.playlist('?_HLS_msn=3&_HLS_part=2')
    await door.held(1)
    door.clock.advanceTo(START + 8_900)
    expect(door.metric('nearcast_hls_held')).toBe(1)
    door.clock.advanceTo(START + 9_250)
    const { status, text, headers } = await waiting.answer
    expect([status, text, headers['cache-control']]).toEqual([200, '#EXTM3U\n#3.2\n', 'public, max-age=1'])
    expect(door.clock.timers).toBe(0)
  })

  it('comes as a delta to whoever asks for one, compressed or not, with the same tag', async () => {
    for (const skip of ['YES', 'v2']) {
      const delta = await door.ask(`v0/playlist.m3u8?_HLS_skip=${skip}`, { 'Accept-Encoding': 'gzip' }).answer
      expect([delta.text, delta.headers['content-encoding']]).toEqual(['#EXTM3U\n#3.2\n#skipped\n', 'gzip'])
      const plain = await door.playlist(`?_HLS_skip=${skip}`).answer
      expect([plain.text, plain.headers.etag]).toEqual(['#EXTM3U\n#3.2\n#skipped\n', delta.headers.etag])
    }
  })

  it('has a tag of its own in every version', async () => {
    const first = await door.playlist().answer
    door.source.addPart()
    const second = await door.playlist().answer
    expect(second.headers.etag).not.toBe(first.headers.etag)
    expect((await door.playlist('', 'audio').answer).headers.etag).not.toBe(second.headers.etag)
    const again = await door.ask('v0/playlist.m3u8', { 'If-None-Match': second.headers.etag ?? '' }).answer
    expect([again.status, again.text, again.headers['access-control-allow-origin']]).toEqual([304, '', '*'])
  })

  it('has headers without a body for HEAD, which waits as well', async () => {
    const waiting = door.ask('v0/playlist.m3u8?_HLS_msn=3&_HLS_part=2', {}, 'HEAD')
    await door.held(1)
    door.source.addPart()
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
    const { status, text, headers } = await door.playlist(`?${query}`).answer
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: 'bad-request' } }])
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  it('ignores directives once it has ended, and ends the waiting', async () => {
    const waiting = door.playlist('?_HLS_msn=3&_HLS_part=2')
    await door.held(1)
    door.source.end()
    expect((await waiting.answer).status).toBe(200)
    for (const query of ['?_HLS_msn=4', '?_HLS_part=1', '?_HLS_msn=abc', '?_HLS_skip=YES']) {
      const { status, text, headers } = await door.playlist(query).answer
      expect([status, text, headers['cache-control']]).toEqual([200, '#EXTM3U\n#3.2\n', 'public, max-age=1'])
    }
  })

  it('is refused to those who wait when its packager is gone', async () => {
    const waiting = [door.playlist('?_HLS_msn=3&_HLS_part=2'), door.ask('v0/run-3.2.m4s')]
    await door.held(2)
    door.source.close()
    for (const { answer } of waiting) {
      const { status, headers, text } = await answer
      expect([status, headers['retry-after'], JSON.parse(text).error.code]).toEqual([503, '5', 'shutting-down'])
    }
    expect(door.metric('nearcast_hls_held')).toBe(0)
    expect((await door.playlist().answer).status).toBe(404)
  })

  it('answers any query with 200 or 400, and holds none for good', async () => {
    const name = fc.constantFrom('_HLS_msn', '_HLS_part', '_HLS_skip', 'session')
    const value = fc.oneof(fc.nat(6).map(String), fc.constantFrom('YES', 'v2', '', '-1'), fc.string({ maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (pairs) => {
        const { answer } = door.playlist(`?${new URLSearchParams(pairs)}`)
        let settled = false
        const done = answer.then((each) => {
          settled = true
          return each
        })
        await waitFor('it is answered or held', () => settled || door.metric('nearcast_hls_held') === 1)
        door.clock.advanceTo(door.clock.now() + 9_250)
        expect([200, 400]).toContain((await done).status)
        expect(door.metric('nearcast_hls_held')).toBe(0)
      }),
    )
  })
})

describe('the part that a playlist hints at', () => {
  it('is sent to all who asked for it the moment it is there', async () => {
    const waiting = [door.ask('v0/run-3.2.m4s'), door.ask('v0/run-3.2.m4s'), door.ask('audio/run-3.2.m4s')]
    await door.held(3)
    door.source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).toEqual(['v0 run-3.2.m4s', 'v0 run-3.2.m4s', 'audio run-3.2.m4s'])
    expect(answers[0]?.headers).toMatchObject({
      'content-type': 'video/mp4',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
    })
  })

  it('is not found when its segment ended without it', async () => {
    const waiting = door.ask('v0/run-3.2.m4s')
    await door.held(1)
    door.source.finishSegment()
    const { status, headers } = await waiting.answer
    expect([status, headers['cache-control']]).toEqual([404, 'public, max-age=1'])
  })

  it('is not found when it has not come in three target durations', async () => {
    const waiting = door.ask('v0/run-3.2.m4s')
    await door.held(1)
    door.clock.advanceTo(START + 9_250)
    expect((await waiting.answer).status).toBe(404)
  })

  it.each(['run-3.3.m4s', 'run-4.0.m4s', 'run-3.m4s', 'run-99999.0.m4s', 'other-3.2.m4s'])(
    'is the only one that is waited for: not %s',
    async (name) => {
      expect((await door.ask(`v0/${name}`).answer).status).toBe(404)
    },
  )

  it('may be asked for in part', async () => {
    const waiting = door.ask('v0/run-3.2.m4s', { Range: 'bytes=3-5' })
    await door.held(1)
    door.source.addPart()
    const { status, text } = await waiting.answer
    expect([status, text]).toEqual([206, 'run'])
  })
})
