import { describe, expect, it } from 'vitest'
import { lowerCap, wishedCap } from '../../../../../client/player/quality/levelCap.ts'
import { highestWanted, layerSizes, parseQuality, type Quality } from '../../../../../client/player/quality/quality.ts'

const size = (height: number) => ({ width: Math.round((height * 16) / 9), height })
const ladder = [180, 360, 720].map(size)
const upright = ladder.map(({ width, height }) => ({ width: height, height: width }))

describe('parseQuality', () => {
  it.each([
    ['360', 360],
    ['saver', 'saver'],
    ['auto', 'auto'],
    [null, 'auto'],
    ['', 'auto'],
    ['-1', 'auto'],
    ['720p', 'auto'],
  ])('reads %s', (text, quality) => {
    expect(parseQuality(text)).toBe(quality)
  })
})

describe('the highest quality wanted', () => {
  it.each<[Quality, number, number]>([
    ['auto', 1000, 2],
    ['auto', 360, 1],
    // Enlarged by a fifth it is as good as its own size.
    ['auto', 430, 1],
    ['auto', 440, 2],
    ['auto', 100, 0],
    ['auto', 0, 0],
    ['saver', 1000, 1],
    ['saver', 150, 0],
    [720, 150, 2],
    [700, 150, 1],
    [706, 150, 2],
    [100, 1000, 0],
    [720, 0, 0],
  ])('by %s in a box of %i lines is number %i', (quality, lines, index) => {
    expect(highestWanted(ladder, { quality, box: size(lines) })).toBe(index)
  })

  it('is the top while nobody knows the size of the picture', () => {
    expect(highestWanted(ladder, { quality: 'auto', box: null })).toBe(2)
  })

  it('goes by the short side, and by what of a picture fits into the box', () => {
    expect(highestWanted(upright, { quality: 360, box: null })).toBe(1)
    // A picture held upright in a box that lies: 360 lines high, whatever is beside it.
    expect(highestWanted(upright, { quality: 'auto', box: size(360) })).toBe(0)
  })

  it('is saved from where there are fewer, or none', () => {
    expect(highestWanted([180, 360].map(size), { quality: 'saver', box: null })).toBe(0)
    expect(highestWanted([180].map(size), { quality: 'saver', box: null })).toBe(0)
    for (const quality of ['auto', 'saver', 360] as const) expect(highestWanted([], { quality, box: null })).toBe(-1)
  })
})

describe('sizes of layers', () => {
  it('are what is known, and else half of the next one', () => {
    expect(layerSizes({ count: 3, known: new Map() })).toEqual(ladder)
    expect(layerSizes({ count: 2, known: new Map([[1, size(1080)]]) })).toEqual([540, 1080].map(size))
    expect(
      layerSizes({
        count: 3,
        known: new Map([
          [0, size(90)],
          [1, size(270)],
        ]),
      }),
    ).toEqual([90, 270, 540].map(size))
    expect(layerSizes({ count: 1, known: new Map() })).toEqual([size(720)])
  })
})

describe('the cap of hls.js', () => {
  it('is none where the best is wanted or sizes are not known', () => {
    expect(wishedCap(ladder, { quality: 'auto', box: null })).toBe(-1)
    expect(wishedCap([], { quality: 180, box: null })).toBe(-1)
    expect(wishedCap([{ width: 0, height: 0 }, size(360)], { quality: 180, box: null })).toBe(-1)
    expect(wishedCap(ladder, { quality: 360, box: null })).toBe(1)
  })

  it('is the lower of two', () => {
    expect([lowerCap(-1, -1), lowerCap(-1, 1), lowerCap(2, -1), lowerCap(2, 0)]).toEqual([-1, 1, 2, 0])
  })
})
