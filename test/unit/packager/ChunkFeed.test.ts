import { beforeEach, describe, expect, it } from 'vitest'
import { findBox } from '../../../server/packager/boxReader.ts'
import { ChunkFeed, type FeedChunk } from '../../../server/packager/ChunkFeed.ts'
import type { FollowedRendition } from '../../../server/packager/Rendition.ts'
import { mseKinds } from '../../../shared/mse.ts'

const rung = (rendition: string, init = `init ${rendition}`): FollowedRendition => ({
  rendition,
  kind: 'video',
  codec: 'avc1.42c01f',
  timescale: 90_000,
  init: Buffer.from(init),
})
const sound: FollowedRendition = {
  rendition: 'audio',
  kind: 'audio',
  codec: 'mp4a.40.2',
  timescale: 48_000,
  init: Buffer.from('i'),
}

/** A picture every 3000 ticks; `at` counts them. */
const picture = (at: number, sync = false) => {
  return { time: at * 3000, duration: 3000, compositionOffset: 0, sync, data: Buffer.from(`picture ${at}`) }
}
const noise = (at: number) => {
  return { time: at * 1024, duration: 1024, compositionOffset: 0, sync: true, data: Buffer.from(`noise ${at}`) }
}

/** Track, kind, `tfdt` and number of samples of a chunk. */
function read({ message }: FeedChunk): number[] {
  const moof = message.subarray(2 + 8, 2 + message.readUInt32BE(2))
  const [tfdt, trun] = [findBox(moof, 'traf', 'tfdt'), findBox(moof, 'traf', 'trun')]
  return [message[0] ?? -1, message[1] ?? -1, Number(tfdt?.readBigInt64BE(4)), trun?.readUInt32BE(4) ?? -1]
}

const ORIGIN = 1000
/** Init segments are the same where they are the same bytes in memory. */
const described = new Map<string, FollowedRendition>()

/** A segment begins with these renditions, and without all others that there ever were. */
function begin(renditions: readonly FollowedRendition[]): void {
  for (const facts of renditions) {
    const key = `${facts.rendition} ${facts.init}`
    described.set(key, described.get(key) ?? facts)
    feed.begins(described.get(key) ?? facts, ORIGIN)
  }
  for (const { rendition } of described.values()) {
    if (!renditions.some((facts) => facts.rendition === rendition)) feed.misses(rendition)
  }
  feed.flush()
}

let feed: ChunkFeed
let heard: (string | number[])[]
beforeEach(() => {
  feed = new ChunkFeed()
  heard = []
  described.clear()
  feed.on('layout', () => heard.push(feed.tracks.map((track) => `${track.id}:${track.rendition}`).join(' ')))
  feed.on('chunk', (_track, chunk) => heard.push(read(chunk)))
  feed.on('ended', () => heard.push('ended'))
})

describe('ChunkFeed', () => {
  it('hands out what came together as one chunk a track, and an IDR as the beginning of another', () => {
    begin([rung('v0'), sound])
    feed.frame('v0', picture(0, true))
    feed.frame('audio', noise(0))
    feed.frame('audio', noise(1))
    feed.flush()
    feed.frame('v0', picture(1))
    feed.frame('v0', picture(2))
    feed.frame('v0', picture(3, true))
    feed.flush()
    feed.flush()
    expect(heard).toEqual([
      '0:v0 1:audio',
      [0, mseKinds.idr, 0, 1],
      [1, mseKinds.chunk, 0, 2],
      [0, mseKinds.chunk, 3000, 2],
      [0, mseKinds.idr, 9000, 1],
    ])
    expect(feed.timeOrigin).toBe(1000)
  })

  it('says what the tracks are', () => {
    begin([rung('v1'), sound])
    expect(feed.tracks).toMatchObject([
      { id: 0, rendition: 'v1', kind: 'video', mime: 'video/mp4; codecs="avc1.42c01f"' },
      { id: 1, rendition: 'audio', kind: 'audio', mime: 'audio/mp4; codecs="mp4a.40.2"' },
    ])
    expect(`${feed.tracks[0]?.init}`).toBe('\x00\x00init v1')
  })

  it('gives newcomers all since the last IDR, and the sound that goes with it', () => {
    begin([rung('v0'), sound])
    for (let at = 0; at < 60; at++) {
      feed.frame('v0', picture(at, at % 30 === 0))
      feed.frame('audio', noise(at))
      feed.flush()
    }
    const [video, audio] = feed.tracks
    expect(video?.since).toBe(1)
    expect(read(video?.backlog() as FeedChunk)).toEqual([0, mseKinds.idr, 90_000, 30])
    expect(read(audio?.backlog(1) as FeedChunk)).toEqual([1, mseKinds.chunk, 46 * 1024, 14])
    // On its own, half a second of it.
    expect(read(audio?.backlog() as FeedChunk)[3]).toBe(25)
  })

  it('writes a backlog once for all who come between two frames', () => {
    begin([rung('v0')])
    feed.frame('v0', picture(0, true))
    feed.flush()
    const first = feed.tracks[0]?.backlog()
    expect(feed.tracks[0]?.backlog()).toBe(first)
    feed.frame('v0', picture(1))
    feed.flush()
    expect(feed.tracks[0]?.backlog()).not.toBe(first)
  })

  it('keeps no picture group without end: who comes then waits for the next IDR', () => {
    begin([rung('v0')])
    for (let at = 0; at < 1000; at++) feed.frame('v0', picture(at, at === 0))
    feed.flush()
    expect(feed.tracks[0]?.backlog()).toBeNull()
    feed.frame('v0', picture(1000, true))
    feed.flush()
    expect(read(feed.tracks[0]?.backlog() as FeedChunk)).toEqual([0, mseKinds.idr, 3_000_000, 1])
  })

  it('keeps sound for the longest segment only', () => {
    begin([sound])
    for (let at = 0; at < 1000; at++) feed.frame('audio', noise(at))
    feed.flush()
    expect(read(feed.tracks[0]?.backlog(0) as FeedChunk)[3]).toBeLessThan(190)
  })

  it('says once that a rung has gone, has come back, or is described anew, and says nothing else', () => {
    begin([rung('v0'), rung('v1'), sound])
    begin([rung('v0'), rung('v1'), sound])
    const before = feed.tracks
    begin([rung('v0'), sound])
    begin([rung('v0'), rung('v1'), sound])
    begin([rung('v0', 'other'), rung('v1'), sound])
    expect(heard).toEqual(['0:v0 1:v1 2:audio', '0:v0 2:audio', '0:v0 1:v1 2:audio', '0:v0 1:v1 2:audio'])
    expect(feed.tracks.map((track) => before.includes(track))).toEqual([false, false, true])
  })

  it('hands out what belongs to the former segment before it tells of the next one', () => {
    begin([rung('v0')])
    feed.frame('v0', picture(0, true))
    begin([rung('v1')])
    feed.frame('v0', picture(1))
    feed.flush()
    expect(heard).toEqual(['0:v0', [0, mseKinds.idr, 0, 1], '1:v1'])
  })

  it('lets frames follow each other to the tick where only rounding parts them', () => {
    begin([rung('v0')])
    feed.frame('v0', picture(0, true))
    feed.flush()
    feed.frame('v0', { ...picture(1), time: 3001, duration: 2999 })
    feed.flush()
    feed.frame('v0', { ...picture(2), time: 9000 })
    feed.flush()
    expect(heard.slice(1).map((each) => each[2])).toEqual([0, 3000, 9000])
  })

  it('ends once, and says nothing afterwards', () => {
    begin([rung('v0')])
    feed.frame('v0', picture(0, true))
    feed.end()
    feed.end()
    feed.frame('v0', picture(1))
    feed.flush()
    expect(heard).toEqual(['0:v0', [0, mseKinds.idr, 0, 1], 'ended'])
    expect(feed.ended).toBe(true)
  })
})
