import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoxError } from '../../../server/packager/boxReader.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { VideoAttempt } from '../../../server/packager/VideoAttempt.ts'
import { VideoClock } from '../../../server/packager/VideoClock.ts'
import {
  aacHeader,
  fragment,
  keyPicture,
  OTHER_PPS,
  OTHER_SPS,
  opusHeader,
  PPS,
  picture,
  SPS,
  STEREO,
  videoHeader,
} from '../../helpers/packager/syntheticMedia.ts'

const frame = { time: -1024, duration: 1024, wall: 1_767_225_600_123, data: Buffer.from('frame') }

describe('FragmentReader', () => {
  it('reads tracks, frames with negative times, and capture instants to the millisecond', () => {
    const [track, first] = new FragmentReader().push(Buffer.concat([aacHeader(), fragment(frame)]))
    expect(track).toEqual({ track: { kind: 'aac', timescale: 48_000, config: STEREO } })
    expect(first).toMatchObject({
      frame: { dts: -1024, duration: 1024, data: frame.data, reference: { mediaTime: -1024 } },
    })
    expect(first && 'frame' in first ? first.frame.reference?.wall : 0).toBeCloseTo(frame.wall, 2)
    expect(new FragmentReader().push(opusHeader())).toEqual([{ track: { kind: 'opus', timescale: 48_000 } }])
    expect(new FragmentReader().push(videoHeader())).toMatchObject([{ track: { sets: { sps: [SPS], pps: [PPS] } } }])
  })

  it('refuses a fragment before its header', () => {
    expect(() => new FragmentReader().push(fragment(frame))).toThrow(BoxError)
  })

  it('survives any damage to its bytes with a BoxError at most', () => {
    const pictures = [0, 1, 2, 3].map((index) => {
      const data = index === 0 ? keyPicture() : picture()
      return fragment({ time: index * 3000, duration: 3000, wall: frame.wall + index * 33, data })
    })
    const intact = Buffer.concat([videoHeader(), ...pictures])
    const damage = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 })
    fc.assert(
      fc.property(damage, (places) => {
        const bytes = Buffer.from(intact)
        for (const [place, value] of places) bytes[place] = value
        try {
          new VideoAttempt(new VideoClock()).write(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(BoxError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an attempt', () => {
  it.each([
    ['back by more than a second', 0],
    ['ahead by more than ten', 2_000_000],
  ])('is over when media time leaps %s', (_where, time) => {
    const attempt = new VideoAttempt(new VideoClock())
    attempt.write(
      Buffer.concat([videoHeader(), fragment({ ...frame, time: 900_000, duration: 3000, data: keyPicture() })]),
    )
    expect(() => attempt.write(fragment({ ...frame, time, duration: 3000, data: picture() }))).toThrow('leapt')
  })

  it('ends with a BoxError when parameter sets in the stream can not be read', () => {
    const attempt = new VideoAttempt(new VideoClock())
    const [sps, pps] = [OTHER_SPS.subarray(0, 5), OTHER_PPS]
    const nals = [sps, pps, Buffer.from('6588', 'hex')].flatMap((nal) => [Buffer.from([0, 0, 0, nal.length]), nal])
    const data = Buffer.concat(nals)
    expect(() => attempt.write(Buffer.concat([videoHeader(), fragment({ ...frame, data })]))).toThrow(BoxError)
  })
})
