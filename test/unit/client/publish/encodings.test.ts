import { describe, expect, it } from 'vitest'
import {
  bitrateFor,
  chooseVideoCodec,
  contentHintFor,
  encodingsFor,
  layerCount,
  startBitrateFor,
} from '../../../../client/publish/encodings.ts'

describe('the simulcast layers', () => {
  it.each([
    [{ width: 1920, height: 1080 }, 3],
    [{ width: 1280, height: 720 }, 3],
    [{ width: 720, height: 1280 }, 3],
    [{ width: 960, height: 540 }, 3],
    [{ width: 640, height: 480 }, 2],
    [{ width: 640, height: 360 }, 2],
    [{ width: 320, height: 240 }, 1],
  ] as const)('of a source of %j are %i', (size, count) => {
    expect(layerCount(size)).toBe(count)
    expect(encodingsFor(size)).toHaveLength(count)
  })

  it('of a 720p camera go from the smallest to the whole picture, each with the bits its size deserves', () => {
    expect(encodingsFor({ width: 1280, height: 720 })).toEqual([
      { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T1' },
      { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T1' },
      { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: 'L1T1' },
    ])
  })

  it.each([
    ['a 1080p screen', { width: 1920, height: 1080 }, 1.5],
    ['an upright 1080p screen', { width: 1080, height: 1920 }, 1.5],
    ["a notebook's screen", { width: 1512, height: 982 }, 1.5],
    ['a 4K screen', { width: 3840, height: 2160 }, 3],
    ['an ultrawide window', { width: 1920, height: 480 }, 1],
    ['a 720p camera', { width: 1280, height: 720 }, 1],
  ])('of %s take no more bits than those of a 720p camera', (_, source, scale) => {
    const camera = encodingsFor({ width: 1280, height: 720 })
    const encodings = encodingsFor(source, 3)
    expect(encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([scale * 4, scale * 2, scale])
    for (const [i, { maxBitrate }] of encodings.entries()) {
      expect(maxBitrate).toBeLessThanOrEqual(camera[i]?.maxBitrate ?? 0)
    }
  })

  it('keep their number when the source of a running producer is replaced by one of another size', () => {
    expect(
      encodingsFor({ width: 640, height: 480 }, 3).map(({ scaleResolutionDownBy }) => scaleResolutionDownBy),
    ).toEqual([4, 2, 1])
  })

  it('never ask for more bits for a smaller picture', () => {
    const heights = [90, 180, 360, 540, 720]
    const rates = heights.map((height) => bitrateFor({ width: (height * 16) / 9, height }))
    expect(rates).toEqual(rates.toSorted((a, b) => a - b))
    expect(rates[0]).toBe(100_000)
    expect(rates.at(-1)).toBe(1_700_000)
  })

  it('start from a bit rate at which each of them runs', () => {
    expect(startBitrateFor(encodingsFor({ width: 1280, height: 720 }))).toBe(1500)
  })
})

describe('the codec', () => {
  const vp8 = { mimeType: 'video/VP8' }
  const rtx = { mimeType: 'video/rtx' }
  const high = { mimeType: 'video/H264', parameters: { 'profile-level-id': '640032' } }
  const baseline = { mimeType: 'video/h264', parameters: { 'profile-level-id': '42e01f' } }

  it.each([
    ['constrained baseline where there is one', [vp8, rtx, high, baseline], baseline],
    ['any other H.264 before VP8', [vp8, high], high],
    ['VP8 for browsers without H.264', [rtx, vp8], vp8],
    ['none where nothing is common', [rtx], null],
  ])('is %s', (_, codecs, chosen) => {
    expect(chooseVideoCodec(codecs)).toBe(chosen)
  })
})

describe('the hint to the encoder', () => {
  it('keeps faces moving and screens legible', () => {
    expect(contentHintFor('camera')).toBe('motion')
    expect(contentHintFor('screen')).toBe('detail')
  })
})
