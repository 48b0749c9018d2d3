import { describe, expect, it } from 'vitest'
import { cureFor, kindsListed } from '../../../../client/player/hlsConfig.ts'

describe('cureFor', () => {
  it.each([
    [
      'waits for a playlist that is not there yet',
      { kind: 'network', status: 404, isUnderWay: false },
      0,
      'reload',
      500,
    ],
    ['waits ever longer', { kind: 'network', status: 503, isUnderWay: true }, 2, 'reload', 2_000],
    ['but never longer than 4 s', { kind: 'network', status: null, isUnderWay: true }, 50, 'reload', 4_000],
    ['takes 410 for the end', { kind: 'network', status: 410, isUnderWay: false }, 0, 'ended', undefined],
    ['but not that of a segment', { kind: 'network', status: 410, isUnderWay: true }, 0, 'reload', 500],
    ['gives up for want of a codec', { kind: 'codec', status: null, isUnderWay: false }, 3, 'give-up', undefined],
    ['makes the decoder anew once', { kind: 'media', status: null, isUnderWay: true }, 0, 'recover', undefined],
    ['and everything at the second time', { kind: 'media', status: null, isUnderWay: true }, 1, 'reload', 1_000],
  ] as const)('%s', (_case, trouble, failures, kind, afterMs) => {
    expect(cureFor(trouble, failures)).toEqual(afterMs === undefined ? { kind } : { kind, afterMs })
  })
})

describe('kindsListed', () => {
  const group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",URI="audio/playlist.m3u8"\n'
  const sound = '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="mp4a.40.2",AUDIO="audio"\naudio/playlist.m3u8\n'
  const picture = '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.42e01f",RESOLUTION=320x180\nv0/playlist.m3u8\n'

  it.each([
    ['of sound alone', group + sound, ['sound']],
    ['of pictures alone', picture, ['picture']],
    ['of both', group + picture + sound, ['picture', 'sound']],
    ['that could not be had', '', []],
  ] as const)('tells what is in a playlist %s', (_case, lines, kinds) => {
    expect(kindsListed(`#EXTM3U\n${lines}`)).toEqual(kinds)
  })
})
