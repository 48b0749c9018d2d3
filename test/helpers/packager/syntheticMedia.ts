/** Streams made of a few bytes, in the tap's format, for tests that need hours of them. */
import { type AudioConfig, readEsds } from '../../../server/packager/audioConfig.ts'
import { fullBox, i64, u32 } from '../../../server/packager/boxWriter.ts'
import { writeAudioInit, writeVideoInit } from '../../../server/packager/initSegment.ts'
import { writePart } from '../../../server/packager/partWriter.ts'

/** From x264: baseline, 320×180. */
export const SPS = Buffer.from('6742c00dd901419f9f0110000003001000000303c0f142a480', 'hex')
export const PPS = Buffer.from('68cb83cb20', 'hex')
/** From x264: main, 854×480. */
export const OTHER_SPS = Buffer.from('674d401feca06c1ef3780880000003008000001e078c18cb', 'hex')
export const OTHER_PPS = Buffer.from('68ebe3cb20', 'hex')

/** From FFmpeg's AAC encoder: stereo LC at 48 kHz. */
export const STEREO: AudioConfig = readEsds(
  Buffer.from('0000000003808080250001000480808017401500000000017700000177000580808005119056e500068080800102', 'hex'),
)

export const videoHeader = (): Buffer => writeVideoInit({ sps: [SPS], pps: [PPS] }, 90_000)
export const aacHeader = (): Buffer => writeAudioInit(STEREO, 48_000)

export function opusHeader(): Buffer {
  const header = aacHeader()
  header.write('Opus', header.indexOf('mp4a', header.indexOf('stsd')), 'latin1')
  return header
}

export interface SyntheticFrame {
  /** Track timescale. */
  readonly time: number
  readonly duration: number
  /** Capture instant, milliseconds since the Unix epoch. */
  readonly wall: number
  readonly data: Buffer
}

/** One fragment: reference, header and one sample. */
export function fragment({ time, duration, wall, data }: SyntheticFrame): Buffer {
  const seconds = Math.floor(wall / 1000)
  const ntp = u32(seconds + 2_208_988_800, Math.floor((wall / 1000 - seconds) * 2 ** 32))
  const reference = fullBox('prft', 1, 24, u32(1), ntp, i64(time))
  const sample = { time, duration, compositionOffset: 0, sync: false, data }
  return Buffer.concat([reference, writePart(1, [sample])])
}

/** A sample of NAL units behind four-byte lengths. */
export function sample(...nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [u32(nal.length), nal]))
}

export const IDR = Buffer.from('65888080', 'hex')
export const SLICE = Buffer.from('419a0001', 'hex')
/** A slice that is no other's beginning. */
export const TORN = Buffer.from('419a7e12c3', 'hex')

export const keyPicture = (): Buffer => sample(SPS, PPS, IDR)
export const picture = (): Buffer => sample(SLICE)
