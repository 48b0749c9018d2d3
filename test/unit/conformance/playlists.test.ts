import { describe, expect, it } from 'vitest'
import { applyDelta, differences, skippable, skipped } from '../../conformance/checks/delta.ts'
import { readAttributes } from '../../conformance/playlist/attributes.ts'
import { parseMediaPlaylist } from '../../conformance/playlist/media.ts'
import { parseMultivariant } from '../../conformance/playlist/multivariant.ts'

const text = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=1.5
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:2
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.00000,
7.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PART:DURATION=0.5,URI="8.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="8.1.m4s"
#EXT-X-GAP
#EXTINF:0.90000,
8.m4s
#EXT-X-PART:DURATION=0.5,URI="9.0.m4s",GAP=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"
#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=9,LAST-PART=0
`

describe('the strict reader of media playlists', () => {
  it('reads what is there', () => {
    const playlist = parseMediaPlaylist(text)
    expect(playlist.faults).toEqual([])
    expect(playlist).toMatchObject({ version: 9, targetDuration: 2, partTarget: 0.5, ended: false, skipped: null })
    expect(
      playlist.segments.map(({ msn, dsn, uri, duration, gap, map }) => ({ msn, dsn, uri, duration, gap, map })),
    ).toEqual([
      { msn: 7, dsn: 2, uri: '7.m4s', duration: 2, gap: false, map: 'init.mp4' },
      { msn: 8, dsn: 3, uri: '8.m4s', duration: 0.9, gap: true, map: 'init.mp4' },
    ])
    expect(playlist.segments[1]?.parts).toEqual([
      { uri: '8.0.m4s', duration: 0.5, independent: true, gap: false },
      { uri: '8.1.m4s', duration: 0.4, independent: false, gap: false },
    ])
    expect(playlist.underWay).toMatchObject({ msn: 9, dsn: 3, uri: null, parts: [{ gap: true }] })
    expect(playlist.hints).toEqual([{ type: 'PART', uri: '9.1.m4s' }])
    expect(playlist.reports).toEqual([{ uri: 'audio.m3u8', lastMsn: 9, lastPart: 0 }])
    expect(playlist.serverControl).toMatchObject({
      canSkipUntil: 12,
      holdBack: 6,
      partHoldBack: 1.5,
      canBlockReload: true,
    })
  })

  it.each([
    ['no beginning', text.replace('#EXTM3U\n', ''), 'the first line is not #EXTM3U'],
    ['no target duration', text.replace(/#EXT-X-TARGET.*\n/, ''), 'EXT-X-TARGETDURATION is missing'],
    ['a fraction for a number', text.replace('TARGETDURATION:2', 'TARGETDURATION:2.5'), '"2.5" is no whole number'],
    ['a tag twice', text.replace(/(#EXT-X-PART-INF.*\n)/, '$1$1'), 'EXT-X-PART-INF stands there twice'],
    [
      'EXTINF twice',
      text.replace('#EXTINF:2.00000,\n', '#EXTINF:2.00000,\n#EXTINF:2.00000,\n'),
      'twice for one segment',
    ],
    ['no EXTINF', text.replace('#EXTINF:2.00000,\n', ''), '7.m4s has no EXTINF'],
    ['no comma', text.replace('2.00000,', '2.00000'), 'is no duration and comma'],
    ['an EXTINF and nothing', `${text}#EXTINF:1,\n`, 'the last EXTINF has no URI'],
    ['an attribute without a value', text.replace('PART-TARGET=0.5', 'PART-TARGET'), 'PART-TARGET is missing'],
    [
      'an attribute of another type',
      text.replace('DURATION=0.5,URI="9', 'DURATION=x,URI="9'),
      'DURATION=x is no float',
    ],
    ['a sequence behind segments', `${text}#EXT-X-MEDIA-SEQUENCE:7\n`, 'stands behind a segment'],
    [
      'a map behind parts',
      text.replace('#EXT-X-GAP', '#EXT-X-MAP:URI="other.mp4"\n#EXT-X-GAP'),
      'behind a part of its segment',
    ],
    ['a date without a zone', text.replace('00.000Z', '00.000'), 'is no date with a zone'],
    ['a tag of multivariant playlists', `${text}#EXT-X-MEDIA:TYPE=AUDIO\n`, 'belongs in multivariant playlists'],
  ])('complains of %s', (_, broken, what) => {
    expect(parseMediaPlaylist(broken).faults.join('\n')).toContain(what)
  })

  it('takes any text', () => {
    expect(parseMediaPlaylist('').faults.length).toBeGreaterThan(0)
    expect(parseMultivariant('<html>').faults.length).toBeGreaterThan(0)
  })
})

describe('attributes', () => {
  it('are split outside quotes, and judged by their table', () => {
    const faults: string[] = []
    const read = (list: string) =>
      readAttributes('TAG', list, { A: 'string!', B: 'integer' }, (what) => faults.push(what))
    expect(read('A="x,y=1",B=3,NEW=YES')).toEqual(
      new Map([
        ['A', 'x,y=1'],
        ['B', '3'],
        ['NEW', 'YES'],
      ]),
    )
    expect(faults).toEqual([])
    read('B=3,B=4,c=1')
    expect(faults).toEqual(['TAG: B stands there twice', 'TAG: "c=1" is no attribute', 'TAG: A is missing'])
  })
})

describe('delta updates', () => {
  const head = (sequence: number) =>
    `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${sequence}\n`
  const segments = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `#EXTINF:2.0,\n${from + index}.m4s\n`).join('')
  const map = '#EXT-X-MAP:URI="i.mp4"\n'
  const base = `${head(5)}${map}${segments(5, 13)}`
  const full = `${head(6)}${map}${segments(6, 14)}`
  const delta = `${head(6).replace('6', '9')}#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n${segments(8, 14)}`

  it('make the full playlist of what the client had, wherever the map stands', () => {
    expect(differences(applyDelta(base, delta) ?? '', full)).toBeNull()
    expect(skipped(delta)).toBe(2)
    expect(skipped(full)).toBeNull()
    expect(skippable(full, 12)).toBe(2)
    expect(skippable(full, 18)).toBe(0)
  })

  it('that leave out too much, or change something, are found', () => {
    expect(applyDelta(`${head(8)}${map}${segments(8, 13)}`, delta)).toBeNull()
    expect(applyDelta(`${head(5)}${map}${segments(5, 6)}`, delta)).toBeNull()
    expect(differences(applyDelta(base, delta.replace('9.m4s', '9b.m4s')) ?? '', full)).toContain('9b.m4s')
  })
})
