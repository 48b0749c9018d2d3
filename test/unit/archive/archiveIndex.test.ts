import { describe, expect, it } from 'vitest'
import {
  type ArchivedTrack,
  type IndexLine,
  readIndexLines,
  writeIndexLine,
} from '../../../server/archive/archiveIndex.ts'
import { VIDEO } from '../../helpers/archive/segments.ts'

const track = {
  init: 'r-init-0.mp4',
  startsAt: 1000.25,
  start: 0,
  length: 180_000,
  timescale: 90_000,
  offset: 40,
  bytes: 9,
}
const lines: IndexLine[] = [
  { type: 'chunk', version: 1, targetDuration: 3 },
  { type: 'rendition', ...VIDEO },
  { type: 'init', rendition: 'v0', name: 'r-init-0.mp4', offset: 0, bytes: 40 },
  {
    type: 'segment',
    ordinal: 0,
    discontinuitySequence: 0,
    discontinuity: false,
    startsAt: 1000.25,
    duration: 2,
    name: 'r-7.m4s',
    tracks: new Map<string, ArchivedTrack>([
      ['v0', track],
      ['audio', { ...track, init: null, bytes: 0 }],
    ]),
  },
]
const text = lines.map(writeIndexLine).join('')

describe('the index of an archive', () => {
  it('is read as it was written', () => {
    expect(readIndexLines(text)).toEqual(lines)
  })

  it('loses no more than its last line wherever it is torn', () => {
    const ends = [...text.matchAll(/\n/g)].map((match) => match.index + 1)
    for (let length = 0; length <= text.length; length++) {
      const whole = ends.filter((end) => end <= length).length
      expect(readIndexLines(text.slice(0, length))).toEqual(lines.slice(0, whole))
    }
  })

  it.each([
    ['no JSON', 'nonsense\n'],
    ['another version', `${JSON.stringify({ type: 'chunk', version: 2, targetDuration: 3 })}\n`],
    ['a name that is a path', writeIndexLine({ type: 'init', rendition: 'v0', name: '../x', offset: 0, bytes: 1 })],
    ['a negative place', writeIndexLine({ type: 'init', rendition: 'v0', name: 'x', offset: -1, bytes: 1 })],
    ['zero bytes, as a power cut leaves them', '\0\0\0\0\n'],
  ])('ends before a line that is %s', (_what: string, bad: string) => {
    const [head = ''] = text.split(/(?<=\n)/)
    expect(readIndexLines(`${head}${bad}${text}`)).toEqual(lines.slice(0, 1))
  })
})
