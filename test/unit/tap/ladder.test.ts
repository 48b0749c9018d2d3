import { describe, expect, it } from 'vitest'
import { ladder, outgrows } from '../../../server/tap/ladder.ts'

const heights = [720, 480, 270]
const sizes = (width: number, height: number, most = 3) =>
  ladder({ width, height }, heights, most).map((rung) => `${rung.width}x${rung.height}`)

describe('ladder', () => {
  it.each<[string, number, number, string[]]>([
    ['the whole ladder of 720p', 1280, 720, ['480x270', '854x480', '1280x720']],
    ['a larger source down to the largest rung', 1920, 1080, ['480x270', '854x480', '1280x720']],
    ['a smaller source as it is, and what is below', 640, 360, ['480x270', '640x360']],
    ['a source between two rungs as it is', 960, 540, ['480x270', '960x540']],
    ['a source smaller than every rung in one', 320, 180, ['320x180']],
    ['a phone held upright by its shorter side', 720, 1280, ['270x480', '480x854', '720x1280']],
    ['a square', 600, 600, ['270x270', '480x480', '600x600']],
    ['odd sides without their last line', 641, 361, ['480x270', '640x360']],
  ])('encodes %s', (_, width, height, expected) => {
    expect(sizes(width, height)).toEqual(expected)
  })

  it('keeps the lowest rungs when the machine affords fewer, and one in any case', () => {
    expect(sizes(1280, 720, 2)).toEqual(['480x270', '854x480'])
    expect(sizes(1280, 720, 0)).toEqual(['480x270'])
  })

  it('takes heights in any order, and none twice', () => {
    const rungs = ladder({ width: 1280, height: 720 }, [270, 720, 270, 700], 4)
    expect(rungs.map(({ height }) => height)).toEqual([270, 720])
  })

  it('gives each rung the bits that its pixels deserve', () => {
    const bitrates = ladder({ width: 1280, height: 720 }, heights, 3).map(({ bitrate }) => bitrate)
    expect(bitrates).toEqual([360_000, 980_000, 2_000_000])
  })

  it.each<[string, [number, number], [number, number], boolean]>([
    ['keeps rungs of the same source', [1280, 720], [1280, 720], false],
    ['keeps them when the browser sends less for a while', [1280, 720], [640, 360], false],
    ['keeps them when a side is a few pixels off', [1280, 720], [1274, 720], false],
    ['keeps them when a larger source would get no larger rung', [1280, 720], [1920, 1080], false],
    ['wants others when the source becomes larger than the highest', [640, 360], [1280, 720], true],
    ['wants others when the source is turned', [1280, 720], [720, 1280], true],
    ['wants others for a screen of another shape', [1280, 720], [1280, 960], true],
  ])('%s', (_, before, now, expected) => {
    const [width, height] = before
    const rungs = ladder({ width, height }, heights, 3)
    expect(outgrows(rungs, { width: now[0], height: now[1] }, heights, 3)).toBe(expected)
  })

  it('wants no rungs that the machine does not afford', () => {
    const rungs = ladder({ width: 1280, height: 720 }, heights, 2)
    expect(outgrows(rungs, { width: 1280, height: 720 }, heights, 2)).toBe(false)
  })
})
