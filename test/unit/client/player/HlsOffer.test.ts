import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HlsOffer, highestListed, mediaPlaylistsOf } from '../../../../client/player/HlsOffer.ts'
import { ManualClock, START } from '../../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../../helpers/waitFor.ts'

const base = 'https://x.example/hls/AAAAbbbbCCCCdddd/index.m3u8?player=1'
const at = (rendition: string) => `https://x.example/hls/AAAAbbbbCCCCdddd/${rendition}/playlist.m3u8`

const group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",URI="audio/playlist.m3u8"\n'
const variant = (name: string) => `#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.42e01f"\n${name}/playlist.m3u8\n`
const trick = '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="v0/iframes.m3u8"\n'
const playlistOf = (...lines: string[]) => `#EXTM3U\n${lines.join('')}`

describe('mediaPlaylistsOf', () => {
  it.each([
    ['sound alone', [group, variant('audio')], ['audio']],
    [
      'two layers and sound',
      [group, variant('v0'), variant('v1').replace('m3u8', 'm3u8?session=a'), variant('audio')],
      ['audio', 'v0', 'v1'],
    ],
    ['pictures alone', [variant('v0'), trick], ['v0']],
    ['nothing', [], []],
  ])('finds %s', (_case, lines, names) => {
    expect([...mediaPlaylistsOf(playlistOf(...lines), base)]).toEqual(names.map(at))
  })
})

describe('highestListed', () => {
  const rungs = ['v0', 'v1', 'v2'].map((name) => ({ url: [`${at(name)}?session=x`] }))

  it.each([
    ['no bound while the top rung is there', ['v0', 'v1', 'v2'], -1],
    ['the rung below when the top one is gone', ['v0', 'v1', 'audio'], 1],
    ['the lowest when only that is left', ['v0'], 0],
    ['no bound when nothing is left', ['audio'], -1],
  ])('is %s', (_case, names, expected) => {
    expect(highestListed(rungs, new Set(names.map(at)))).toBe(expected)
  })
})

describe('HlsOffer', () => {
  let clock: ManualClock
  let playlist: string | null
  let reads: number
  let other: number
  let listed: string[][]
  let offer: HlsOffer

  beforeEach(() => {
    clock = new ManualClock()
    playlist = playlistOf(group, variant('v0'), variant('v1'), variant('audio'))
    reads = 0
    other = 0
    listed = []
    offer = new HlsOffer({
      url: base,
      clock,
      onOther: () => other++,
      onListed: (urls) => listed.push([...urls]),
      read: async () => {
        reads++
        return playlist
      },
    })
  })
  afterEach(() => offer.close())

  /** Time passes until the playlist was read so often; what follows from it has happened then. */
  async function look(seconds: number, times: number): Promise<void> {
    clock.advanceTo(clock.now() + seconds * 1000)
    await waitFor('the playlist is read', () => reads === times)
    await Promise.resolve()
  }

  it('says nothing while the player knows what is listed', async () => {
    offer.know({ pictures: [at('v0'), `${at('v1')}?x=1`], sounds: [at('audio')] })
    await look(10, 1)
    expect([other, listed]).toEqual([0, []])
  })

  it('reads once for all who miss something at the same time', async () => {
    offer.know({ pictures: [at('v0'), at('v1')], sounds: [at('audio')] })
    await Promise.all([offer.look(), offer.look(), offer.look()])
    expect(reads).toBe(1)
    await offer.look()
    expect(reads).toBe(2)
  })

  it('looks more often while picture or sound is lacking', async () => {
    offer.know({ pictures: [], sounds: [at('audio')] })
    await look(3, 1)
    expect(other).toBe(1)
  })

  it('says at each look that there is more, until the player knows it', async () => {
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    await look(10, 1)
    await look(10, 2)
    expect(other).toBe(2)
    offer.know({ pictures: [at('v0'), at('v1')], sounds: [at('audio')] })
    await look(10, 3)
    expect(other).toBe(2)
  })

  it('rests until the player knows something, and says nothing of a look that was under way', async () => {
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    const looked = offer.look()
    offer.rest()
    await looked
    clock.advanceTo(clock.now() + 60_000)
    expect([other, reads, clock.timers]).toEqual([0, 1, 0])
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    await look(10, 2)
    expect(other).toBe(1)
  })

  it('says which are left when one is gone, and when it is back', async () => {
    offer.know({ pictures: [at('v0'), at('v1')], sounds: [at('audio')] })
    playlist = playlistOf(group, variant('v0'), variant('audio'))
    await look(10, 1)
    await look(10, 2)
    expect([other, listed]).toEqual([0, [[at('audio'), at('v0')]]])
    playlist = playlistOf(group, variant('v0'), variant('v1'), variant('audio'))
    await look(10, 3)
    expect([other, listed.length, listed[1]?.length]).toEqual([0, 2, 3])
  })

  it('says so when all pictures are gone for three seconds, and not when they come back before', async () => {
    offer.know({ pictures: [at('v0'), at('v1')], sounds: [at('audio')] })
    const whole = playlist
    playlist = playlistOf(group, variant('audio'))
    await offer.look()
    await offer.look()
    playlist = whole
    await look(3, 3)
    playlist = playlistOf(group, variant('audio'))
    await offer.look()
    expect(other).toBe(0)
    await look(3, 5)
    expect(other).toBe(1)
  })

  it('concludes nothing from a playlist that cannot be had', async () => {
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    playlist = null
    await look(10, 1)
    expect([other, listed]).toEqual([0, []])
  })

  it('does nothing after it was closed, not even with an answer that was under way', async () => {
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    clock.advanceTo(START + 10_000)
    offer.close()
    await waitFor('the playlist is read', () => reads === 1)
    await Promise.resolve()
    offer.know({ pictures: [at('v0')], sounds: [at('audio')] })
    expect([other, clock.timers]).toEqual([0, 0])
  })
})
