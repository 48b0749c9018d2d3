import { beforeEach, describe, expect, it } from 'vitest'
import { chooseTracks } from '../../../server/delivery/MseFeed.ts'
import { MseSession, type MseSocket } from '../../../server/delivery/MseSession.ts'
import { MOST_WAITING, STALE_AFTER_MS } from '../../../server/delivery/Outflow.ts'
import { FakeMseFeed, fakeTrack } from '../../helpers/fakeMseFeed.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'

const [low, high, sound] = [fakeTrack(0, 'v0'), fakeTrack(1, 'v1'), fakeTrack(2, 'audio')]

/** Takes all at once, unless it is told to hold. */
class FakeSocket implements MseSocket {
  readonly got: string[] = []
  bufferedAmount = 0
  holds = false
  readonly #held: (() => void)[] = []
  send(data: Buffer | string, done?: () => void): void {
    const words = typeof data === 'string' ? JSON.parse(data) : `${data[0]}/${data[1]} ${data.subarray(2)}`
    this.got.push(
      typeof words === 'string' ? words : words.tracks.map((each: { rendition: string }) => each.rendition).join(),
    )
    if (this.holds) this.bufferedAmount += data.length
    if (this.holds && done) this.#held.push(done)
    else done?.()
  }
  drain(): void {
    this.bufferedAmount = 0
    for (const done of this.#held.splice(0)) done()
  }
  close = (code: number, reason: string) => void this.got.push(`close ${code} ${reason}`)
  terminate = () => void this.got.push('cut')
}

let clock: ManualClock
let feed: FakeMseFeed
let socket: FakeSocket
beforeEach(() => {
  clock = new ManualClock()
  feed = new FakeMseFeed()
  socket = new FakeSocket()
  feed.tracks = [low, high, sound]
})

const watch = (wanted: string | null = null) => MseSession.create({ socket, feed, wanted, clock })
const pass = (ms: number) => clock.advanceTo(clock.now() + ms)
/** What came since it was asked last. */
const news = () => socket.got.splice(0)

describe('chooseTracks', () => {
  it.each([
    [null, [high, sound]],
    ['v0', [low, sound]],
    ['v1', [high, sound]],
    ['v7', [high, sound]],
    ['audio', [sound]],
    ['nonsense', [high, sound]],
  ])('gives who wants %s the rung asked for, or the next lower one, with the sound', (wanted, expected) => {
    expect(chooseTracks([low, high, sound], wanted)).toEqual(expected)
  })

  it('gives the lowest rung to who wants a lower one, and sound alone where there is no picture', () => {
    expect(chooseTracks([high, sound], 'v0')).toEqual([high, sound])
    expect(chooseTracks([sound], null)).toEqual([sound])
    expect(chooseTracks([], null)).toEqual([])
  })
})

describe('MseSession', () => {
  it('describes the tracks, then sends what there is since the last IDR, then what comes', () => {
    watch()
    expect(news()).toEqual(['v1,audio', '1/0 init v1', '2/0 init audio', '1/2 backlog v1', '2/2 backlog audio from 7'])
    feed.send(high, false)
    feed.send(low, false)
    feed.send(sound, true)
    expect(news()).toEqual(['1/1 media', '2/2 media'])
  })

  it('waits for media, and for its IDR', () => {
    feed.tracks = []
    watch()
    expect(news()).toEqual([])
    pass(60_000)
    feed.show(high, sound)
    feed.send(sound, true)
    feed.send(high, false)
    expect(news()).toEqual([])
    feed.send(high, true)
    feed.send(sound, true)
    expect(news()).toEqual(['v1,audio', '1/0 init v1', '2/0 init audio', '1/2 media', '2/2 media'])
  })

  it('goes to the next lower rung when its own is gone, and back, without describing the sound again', () => {
    watch()
    news()
    feed.show(low, sound)
    feed.send(low, true)
    expect(news()).toEqual(['v0,audio', '0/0 init v0', '0/2 media'])
    const again = fakeTrack(1, 'v1')
    feed.show(low, again, sound)
    feed.send(low, true)
    feed.send(again, true)
    expect(news()).toEqual(['v1,audio', '1/0 init v1', '1/2 media'])
  })

  it('tells of a rung that has other parameter sets', () => {
    watch('v0')
    news()
    const other = { ...low, init: Buffer.concat([Buffer.of(0, 0), Buffer.from('other')]) }
    feed.show(other, high, sound)
    feed.send(other, true)
    expect(news()).toEqual(['v0,audio', '0/0 other', '0/2 media'])
  })

  it('describes all tracks anew when sound or pictures come or go, since the player has to begin anew', () => {
    feed.tracks = [low]
    watch()
    news()
    feed.show(low, sound)
    feed.send(low, true)
    feed.send(sound, true)
    expect(news()).toEqual(['v0,audio', '0/0 init v0', '2/0 init audio', '0/2 media', '2/2 media'])
    feed.show(sound)
    feed.send(sound, true)
    expect(news()).toEqual(['audio', '2/0 init audio', '2/2 media'])
  })

  it('brings a socket that takes too little to the next IDR that finds it empty', () => {
    let skipped = 0
    watch().on('skipped', () => skipped++)
    news()
    socket.holds = true
    feed.send(high, false)
    pass(STALE_AFTER_MS + 1)
    feed.send(high, false)
    feed.send(high, true)
    feed.send(sound, true)
    expect(news()).toEqual(['1/1 media'])
    socket.drain()
    socket.holds = false
    feed.send(sound, true)
    feed.send(high, false)
    feed.send(high, true)
    expect([news(), skipped]).toEqual([['1/2 media'], 1])
  })

  it('brings a socket to the next IDR when too many bytes wait, however new they are', () => {
    watch()
    news()
    socket.bufferedAmount = MOST_WAITING + 1
    feed.send(high, false)
    expect(news()).toEqual([])
  })

  it('closes a socket that takes nothing for ten seconds, and cuts it a second later', () => {
    const codes: unknown[] = []
    watch().on('closed', (code) => codes.push(code))
    news()
    socket.holds = true
    feed.send(high, false)
    pass(STALE_AFTER_MS + 1)
    feed.send(high, false)
    pass(10_000)
    feed.send(high, true)
    news()
    pass(1)
    feed.send(high, true)
    expect([news(), codes]).toEqual([['close 4408 too-slow'], ['too-slow']])
    pass(1_000)
    expect(news()).toEqual(['cut'])
  })

  it('does not blame a socket for an interruption', () => {
    watch()
    news()
    socket.bufferedAmount = MOST_WAITING + 1
    feed.send(high, false)
    socket.drain()
    pass(600_000)
    feed.send(high, false)
    expect(news()).toEqual([])
    feed.send(high, true)
    expect(news()).toEqual(['1/2 media'])
  })

  it('closes with the reason when the broadcast has ended, and listens no more', () => {
    watch()
    news()
    feed.end()
    feed.send(high, true)
    expect(news()).toEqual(['close 4410 broadcast-ended'])
    expect([feed.listenerCount('chunk'), feed.listenerCount('layout'), feed.listenerCount('ended')]).toEqual([0, 0, 0])
  })

  it('is quiet once its socket is gone, and cuts nothing after it', () => {
    const session = watch()
    news()
    session.close('shutting-down')
    session.socketClosed()
    session.close('internal')
    feed.send(high, true)
    pass(5_000)
    expect(news()).toEqual(['close 4503 shutting-down'])
    expect(feed.listenerCount('chunk')).toBe(0)
  })
})
