/** What an AAC track is, and the frame of silence that closes its holes. */
import { BitReader } from './bits.ts'
import { BoxError } from './boxReader.ts'

export interface AudioConfig {
  /** RFC 6381 codec string, e.g. `mp4a.40.2`. */
  readonly codec: string
  readonly channels: number
  /** Body of the `esds` box, which holds the AudioSpecificConfig. */
  readonly esds: Buffer
}

/** PCM samples in one AAC-LC frame: ISO/IEC 14496-3. */
export const AAC_FRAME_SAMPLES = 1024

/** Raw AAC-LC access units of digital silence, as FFmpeg's encoder makes them from `anullsrc`; good at any rate. */
const SILENCE = new Map([
  [1, Buffer.from('01182007', 'hex')],
  [2, Buffer.from('211004608c1c', 'hex')],
])

/** One frame of silence for a mono or stereo track. */
export function silentFrame(channels: number): Buffer {
  return SILENCE.get(channels) ?? silentFrame(2)
}

/** Reads the body of an `esds` box: ISO/IEC 14496-1, 7.2.6. @throws BoxError when it holds no AAC-LC configuration */
export function readEsds(body: Buffer): AudioConfig {
  const specific = findDescriptor(body, 4, [3, 4, 5])
  if (!specific) throw new BoxError('an esds box without an AudioSpecificConfig')
  const bits = new BitReader(specific)
  const objectType = bits.read(5)
  if (bits.read(4) === 15) bits.read(24)
  const channels = bits.read(4)
  if (objectType !== 2 || channels < 1 || channels > 2) {
    throw new BoxError(
      `AAC of object type ${objectType} with channel configuration ${channels}; only mono or stereo LC`,
    )
  }
  return { codec: `mp4a.40.${objectType}`, channels, esds: Buffer.from(body) }
}

/** Follows nested descriptors by tag; an ES descriptor (3) has three bytes before its children, a decoder one (4) 13. */
function findDescriptor(bytes: Buffer, from: number, tags: readonly number[]): Buffer | null {
  const [tag, ...inner] = tags
  for (let offset = from; offset < bytes.length; ) {
    const found = bytes[offset++]
    let size = 0
    for (let more = true, count = 0; more && count < 4; count++) {
      const byte = bytes[offset++] ?? 0
      size = size * 128 + (byte & 127)
      more = byte > 127
    }
    const body = bytes.subarray(offset, offset + size)
    if (found === tag) return inner.length === 0 ? body : findDescriptor(body, tag === 3 ? 3 : 13, inner)
    offset += size
  }
  return null
}
