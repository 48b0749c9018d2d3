/** In charge of the media of the synthetic origin: valid fragmented MP4 of a few bytes, made without the server's code. Pure. */

/** Sequence and picture parameter sets as x264 made them, with what they say. */
export interface Picture {
  readonly sps: string
  readonly pps: string
  readonly width: number
  readonly height: number
  readonly codec: string
}

export const small: Picture = {
  sps: '6742c00dd901419f9f0110000003001000000303c0f142a480',
  pps: '68cb83cb20',
  width: 320,
  height: 180,
  codec: 'avc1.42c00d',
}
export const large: Picture = {
  sps: '674d401feca06c1ef3780880000003008000001e078c18cb',
  pps: '68ebe3cb20',
  width: 854,
  height: 480,
  codec: 'avc1.4d401f',
}

/** Elementary stream descriptor of FFmpeg's AAC encoder: stereo LC at 48 kHz. */
const esds = '0000000003808080250001000480808017401500000000017700000177000580808005119056e500068080800102'

export const VIDEO_TIMESCALE = 90_000
export const AUDIO_TIMESCALE = 48_000

export interface Sample {
  /** Ticks. */
  readonly duration: number
  readonly data: Buffer
}

export function videoInit({ sps, pps, width, height }: Picture): Buffer {
  const [one, two] = [Buffer.from(sps, 'hex'), Buffer.from(pps, 'hex')]
  const config = [
    Buffer.of(1),
    one.subarray(1, 4),
    Buffer.of(0xff, 0xe1),
    u16(one.length),
    one,
    Buffer.of(1),
    u16(two.length),
    two,
  ]
  const size = Buffer.concat([u16(width), u16(height)])
  const entry = [zeros(6), u16(1), zeros(16), size, zeros(46), u16(0x18), u16(0xffff), box('avcC', ...config)]
  return init('vide', VIDEO_TIMESCALE, box('avc1', ...entry))
}

export function audioInit(): Buffer {
  const entry = [
    zeros(6),
    u16(1),
    zeros(8),
    u16(2),
    u16(16),
    zeros(4),
    u32(AUDIO_TIMESCALE * 65_536),
    box('esds', Buffer.from(esds, 'hex')),
  ]
  return init('soun', AUDIO_TIMESCALE, box('mp4a', ...entry))
}

/** One `moof` and one `mdat`. Without samples, duration-is-empty. */
export function chunk(time: number, duration: number, samples: readonly Sample[]): Buffer {
  const empty = samples.length === 0
  const tfhd = box('tfhd', u32(0x020008 | (empty ? 0x010000 : 0)), u32(1), u32(duration))
  const tfdt = box('tfdt', u32(0x01000000), u64(time))
  const rows = samples.flatMap(({ duration: length, data }) => [u32(length), u32(data.length)])
  const trun = (offset: number) => (empty ? [] : [box('trun', u32(0x301), u32(samples.length), u32(offset), ...rows)])
  const moof = (offset: number) => box('moof', box('mfhd', u32(0), u32(1)), box('traf', tfhd, tfdt, ...trun(offset)))
  const mdat = box('mdat', ...samples.map(({ data }) => data))
  return Buffer.concat([moof(moof(0).length + 8), mdat])
}

/** A sample of one NAL unit: an IDR or another slice. */
export function frame(key: boolean, size: number): Buffer {
  return Buffer.concat([u32(size), Buffer.of(key ? 0x65 : 0x41), Buffer.alloc(size - 1, 0x88)])
}

function init(handler: string, timescale: number, entry: Buffer): Buffer {
  const mdhd = box('mdhd', u32(0), zeros(8), u32(timescale), u32(0), u16(0x55c4), u16(0))
  const hdlr = box('hdlr', u32(0), u32(0), Buffer.from(handler), zeros(13))
  const stbl = box('stbl', box('stsd', u32(0), u32(1), entry))
  const mdia = box('mdia', mdhd, hdlr, box('minf', stbl))
  return Buffer.concat([box('ftyp', Buffer.from('cmfc'), u32(0)), box('moov', box('trak', mdia))])
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

function zeros(count: number): Buffer {
  return Buffer.alloc(count)
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
