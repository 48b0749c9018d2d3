import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MsePlayer } from '../../../../client/player/MsePlayer.ts'
import { mediaSourceClass } from '../../../../client/player/mse/mediaSources.ts'
import { RungChoice } from '../../../../client/player/quality/RungChoice.ts'
import { Wish } from '../../../../client/player/quality/Wish.ts'
import type { WatchSession } from '../../../../client/player/WatchSession.ts'
import { ServerClock } from '../../../../client/signaling/ServerClock.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

/** A connection whose other end is the test. */
class FakeSocket extends EventTarget {
  static readonly all: FakeSocket[] = []
  closed = false
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    FakeSocket.all.push(this)
  }
  say = (data: unknown) => this.dispatchEvent(Object.assign(new Event('message'), { data }))
  end = (reason = '') => this.dispatchEvent(Object.assign(new Event('close'), { reason }))
  close(): void {
    this.closed = true
  }
}

/** Takes anything at once. */
class FakeSource extends EventTarget {
  static readonly all: FakeSource[] = []
  static isTypeSupported = (mime: string) => !mime.includes('hev1')
  readonly got: string[] = []
  readyState = 'closed'
  duration = 0
  constructor() {
    super()
    FakeSource.all.push(this)
  }
  addSourceBuffer(mime: string) {
    this.got.push(mime)
    const note = (what: string) => this.got.push(what)
    const target = new EventTarget()
    return Object.assign(target, {
      updating: false,
      buffered: { length: 0, start: () => 0 },
      appendBuffer: (bytes: Uint8Array) => {
        if (this.readyState !== 'open') throw new DOMException('closed by the decoder', 'InvalidStateError')
        note(`${Buffer.from(bytes)}`)
        queueMicrotask(() => target.dispatchEvent(new Event('updateend')))
      },
      changeType: (type: string) => note(`now ${type}`),
    })
  }
  open(): void {
    this.readyState = 'open'
    this.dispatchEvent(new Event('sourceopen'))
  }
}

const picture = 'video/mp4; codecs="avc1.42c01f"'
const sound = 'audio/mp4; codecs="mp4a.40.2"'
const init = (mimes: string[], timeOrigin = 1000) =>
  JSON.stringify({
    type: 'init',
    version: 1,
    tracks: mimes.map((mime, id) => ({ id, mime, rendition: mime === sound ? 'audio' : 'v0' })),
    timeOrigin,
  })
const media = (track: number, kind: number, text: string) => new Uint8Array([track, kind, ...Buffer.from(text)]).buffer

/** The qualities that the server tells of. */
const rungs = [180, 360].map((height, layer) => ({ id: `v${layer}`, width: (height * 16) / 9, height }))
const session = { view: { rungs }, on: () => () => {} } as unknown as WatchSession

let wish: Wish
let clock: ManualClock
let player: MsePlayer
let events: string[]

beforeEach(() => {
  FakeSocket.all.length = 0
  FakeSource.all.length = 0
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('MediaSource', FakeSource)
  vi.stubGlobal('URL', { createObjectURL: () => 'blob:1', revokeObjectURL() {} })
  clock = new ManualClock()
  const video = Object.assign(new EventTarget(), {
    currentTime: 0,
    playbackRate: 1,
    readyState: 0,
    buffered: { length: 0, start: () => 0, end: () => 0 },
  })
  const serverClock = ServerClock.create({ ask: () => Promise.reject(new Error('none')), clock })
  // As much of an element as the player asks for.
  wish = new Wish()
  player = MsePlayer.create({
    url: () => 'ws://host/mse/1?viewer=token',
    video: video as unknown as HTMLVideoElement,
    wish,
    choice: new RungChoice({ session, wish }),
    serverClock,
    from: null,
    clock,
  })
  events = []
  for (const name of ['renew', 'ended'] as const) player.on(name, () => events.push(name))
  player.on('failed', (why) => events.push(`failed: ${why}`))
})
afterEach(() => {
  player.close()
  vi.unstubAllGlobals()
})

const socket = () => FakeSocket.all.at(-1) as FakeSocket
const source = () => FakeSource.all.at(-1) as FakeSource
const pass = (ms: number) => clock.advanceTo(clock.now() + ms)

/** Playing, with both kinds. */
function begin(): void {
  socket().dispatchEvent(new Event('open'))
  socket().say(init([picture, sound]))
  socket().say(media(0, 0, 'init of pictures'))
  socket().say(media(1, 0, 'init of sound'))
  source().open()
}

describe('MsePlayer', () => {
  it('connects, and gives each track its media once the source is open', () => {
    expect(socket().url).toBe('ws://host/mse/1?viewer=token')
    begin()
    socket().say(media(7, 1, 'of nobody'))
    expect(source().got).toEqual([picture, sound, 'init of pictures', 'init of sound'])
    expect([source().duration, events]).toEqual([Number.POSITIVE_INFINITY, []])
  })

  it('goes on in the same source when the rung changes, with its type', async () => {
    begin()
    await Promise.resolve()
    source().got.length = 0
    const other = picture.replace('c01f', 'c020')
    socket().say(init([other, sound]))
    socket().say(media(0, 0, 'other init'))
    expect(source().got).toEqual([`now ${other}`, 'other init'])
    expect([FakeSource.all.length, events]).toEqual([1, []])
  })

  it.each([
    ['sound begins', [picture], [picture, sound], 1000],
    ['pictures end', [picture, sound], [sound], 1000],
    ['the server began anew', [picture, sound], [picture, sound], 2000],
  ])('begins anew when %s', (_what, first, then, timeOrigin) => {
    socket().say(init(first))
    source().open()
    socket().say(init(then, timeOrigin))
    source().open()
    expect([FakeSource.all.length, source().got, events]).toEqual([2, then, ['renew']])
  })

  it('begins anew, on another connection, when the decoder gave up; and gives up itself when it does so again soon', async () => {
    begin()
    await Promise.resolve()
    for (const pause of [0, 10_000]) {
      pass(pause)
      const former = socket()
      source().readyState = 'ended'
      socket().say(media(0, 2, 'torn'))
      expect([former.closed, FakeSocket.all.at(-1) === former]).toEqual([true, false])
      begin()
      await Promise.resolve()
    }
    expect([FakeSource.all.length, events]).toEqual([3, ['renew', 'renew']])
    expect(source().got).toEqual([picture, sound, 'init of pictures', 'init of sound'])
    pass(9_000)
    source().readyState = 'ended'
    socket().say(media(0, 2, 'torn'))
    expect([FakeSocket.all.length, events]).toEqual([3, ['renew', 'renew', 'failed: connection']])
  })

  it('says so when the browser cannot decode what is sent', () => {
    socket().say(init(['video/mp4; codecs="hev1.1.6"', sound]))
    expect([events, FakeSource.all.length]).toEqual([['failed: codec'], 0])
  })

  it('connects again after 0.1, 0.4 and 1 s, then gives up', () => {
    const at: number[] = []
    const start = clock.now()
    for (let attempt = 0; attempt < 4; attempt++) {
      at.push(clock.now() - start)
      socket().end()
      const before = FakeSocket.all.length
      while (FakeSocket.all.length === before && clock.now() - start < 5_000) pass(10)
    }
    expect([at, events]).toEqual([[0, 100, 500, 1_500], ['failed: connection']])
  })

  it('begins to count anew once media came, and keeps the picture that it has', () => {
    begin()
    for (let loss = 0; loss < 10; loss++) {
      socket().end('shutting-down')
      pass(100)
      socket().say(init([picture, sound]))
      socket().say(media(0, 2, `${loss}`))
    }
    expect([FakeSocket.all.length, FakeSource.all.length, events]).toEqual([11, 1, []])
  })

  it('takes a network that answers nothing for a connection that is lost', () => {
    const first = socket()
    pass(4_000)
    expect(first.closed).toBe(true)
    pass(100)
    expect(FakeSocket.all.length).toBe(2)
  })

  it.each([['too-slow'], ['broadcast-not-found'], ['bad-message']])(
    'gives up at once when the server says %s',
    (code) => {
      begin()
      socket().end(code)
      pass(10_000)
      expect([events, FakeSocket.all.length]).toEqual([['failed: connection'], 1])
    },
  )

  it('gives up on a server that speaks otherwise', () => {
    socket().say('{"type":"init","version":9}')
    expect([events, socket().closed]).toEqual([['failed: connection'], true])
  })

  it('ends with the broadcast, also before it showed anything', () => {
    socket().end('broadcast-ended')
    pass(10_000)
    expect([events, FakeSocket.all.length]).toEqual([['ended'], 1])
  })

  it('asks a managed source when it wants media', () => {
    begin()
    source().dispatchEvent(new Event('endstreaming'))
    expect(socket().closed).toBe(true)
    pass(60_000)
    expect(FakeSocket.all.length).toBe(1)
    source().dispatchEvent(new Event('startstreaming'))
    source().dispatchEvent(new Event('startstreaming'))
    expect([FakeSocket.all.length, events]).toEqual([2, []])
  })

  it('asks for another quality by a second socket, and lets the first one go when that has something', () => {
    begin()
    const first = socket()
    wish.quality = 180
    expect([socket().url, first.closed]).toEqual(['ws://host/mse/1?viewer=token&rendition=v0', false])
    socket().say(init([picture, sound]))
    expect([first.closed, FakeSource.all.length, events]).toEqual([true, 1, []])
    wish.quality = 'auto'
    const [abandoned, last] = [socket(), 'ws://host/mse/1?viewer=token&rendition=v0']
    wish.quality = 180
    expect([abandoned.closed, socket().url]).toEqual([true, last])
    expect(player.ladder).toEqual(rungs)
  })

  it('stays with one connection when both are lost on the way to another quality', () => {
    begin()
    wish.quality = 180
    const [first, second] = FakeSocket.all
    first?.end()
    second?.dispatchEvent(new Event('open'))
    second?.say(init([picture, sound]))
    pass(10_000)
    expect([FakeSocket.all.length, second?.closed, events]).toEqual([2, false, []])
  })

  it('leaves nothing behind once closed', () => {
    begin()
    const late = socket()
    player.close()
    late.end()
    pass(60_000)
    expect([late.closed, FakeSocket.all.length, events]).toEqual([true, 1, []])
    // The server clock's own.
    expect(clock.timers).toBe(1)
  })
})

describe('mediaSourceClass', () => {
  it('is the plain one, the managed one where that is all there is, or none', () => {
    class Managed extends FakeSource {}
    expect(mediaSourceClass({ MediaSource: FakeSource, ManagedMediaSource: Managed })).toBe(FakeSource)
    expect(mediaSourceClass({ ManagedMediaSource: Managed })).toBe(Managed)
    expect(mediaSourceClass({})).toBeNull()
  })
})
