/** In charge of what a Media Initialization Section says of its track: ISO/IEC 14496-12, 14496-14, 14496-15. Pure. */
import { findBox, MediaError, readBoxes } from './boxes.ts'
import { sizeOfSps } from './sps.ts'

export interface InitFacts {
  readonly kind: 'video' | 'audio'
  /** Ticks a second. */
  readonly timescale: number
  /** Type of the sample entry: `avc1`, `avc3`, `mp4a`, … */
  readonly entry: string
  /** RFC 6381. */
  readonly codec: string
  /** Pixels, from the sequence parameter set; 0 for audio. */
  readonly width: number
  readonly height: number
  /** Bytes of a NAL unit's length; 4 for audio, where it means nothing. */
  readonly lengthSize: number
  readonly parameterSets: number
}

/** Bytes of a sample entry before the boxes in it: ISO/IEC 14496-12, 12.1.3 and 12.2.3. */
const VISUAL_ENTRY = 78
const AUDIO_ENTRY = 28

/** Throws MediaError for what is no init segment of one track. */
export function readInit(bytes: Buffer): InitFacts {
  const media = findBox(bytes, 'moov/trak/mdia')
  const [header, handler, descriptions] = media
    ? [findBox(media, 'mdhd'), findBox(media, 'hdlr'), findBox(media, 'minf/stbl/stsd')]
    : []
  if (!header || !handler || !descriptions) throw new MediaError('no track is described')
  const timescale = header.readUInt32BE(header[0] === 1 ? 20 : 12)
  const [entry] = readBoxes(descriptions.subarray(8))
  if (!entry) throw new MediaError('no sample entry')
  const shared = { timescale, entry: entry.type }
  if (handler.toString('latin1', 8, 12) === 'soun') {
    const codec = entry.type === 'mp4a' ? mp4aCodec(entry.body.subarray(AUDIO_ENTRY)) : entry.type
    return { ...shared, kind: 'audio', codec, width: 0, height: 0, lengthSize: 4, parameterSets: 0 }
  }
  const config = findBox(entry.body.subarray(VISUAL_ENTRY), 'avcC')
  if (!config) {
    const [width, height] = [entry.body.readUInt16BE(24), entry.body.readUInt16BE(26)]
    return { ...shared, kind: 'video', codec: entry.type, width, height, lengthSize: 4, parameterSets: 0 }
  }
  const count = (config[5] ?? 0) & 31
  const length = count > 0 ? config.readUInt16BE(6) : 0
  const { width, height } = count > 0 ? sizeOfSps(config.subarray(8, 8 + length)) : { width: 0, height: 0 }
  // RFC 6381 3.3: profile, constraints and level as in the first sequence parameter set.
  const codec = `${entry.type}.${config.toString('hex', 1, 4)}`
  return {
    ...shared,
    kind: 'video',
    codec,
    width,
    height,
    lengthSize: ((config[4] ?? 3) & 3) + 1,
    parameterSets: count,
  }
}

/** `mp4a.40.2` and the like: RFC 6381 3.3, from the descriptors of ISO/IEC 14496-1, 7.2.6. */
function mp4aCodec(boxes: Buffer): string {
  const esds = findBox(boxes, 'esds')
  if (!esds) throw new MediaError('mp4a without esds')
  const stream = descriptor(esds.subarray(4), 3)
  const flags = stream[2] ?? 0
  const skip = 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? (stream[3] ?? 0) + 1 : 0) + (flags & 0x20 ? 2 : 0)
  const decoder = descriptor(stream.subarray(skip), 4)
  const objectType = (decoder[0] ?? 0).toString(16).padStart(2, '0')
  if (objectType !== '40') return `mp4a.${objectType}`
  const specific = descriptor(decoder.subarray(13), 5)
  const five = (specific[0] ?? 0) >> 3
  const audioType = five === 31 ? 32 + ((((specific[0] ?? 0) & 7) << 3) | ((specific[1] ?? 0) >> 5)) : five
  return `mp4a.40.${audioType}`
}

/** The body of the descriptor that stands first, which must have this tag. */
function descriptor(bytes: Buffer, tag: number): Buffer {
  if (bytes[0] !== tag) throw new MediaError(`descriptor ${bytes[0] ?? 'none'} where ${tag} belongs`)
  let [size, at] = [0, 1]
  for (;;) {
    const byte = bytes[at++] ?? 0
    size = size * 128 + (byte & 127)
    if (byte < 128 || at > 5) return bytes.subarray(at, at + size)
  }
}
