/** Turns the byte stream of one FFmpeg attempt into a track description and frames with their capture instants. */
import { type AudioConfig, readEsds } from './audioConfig.ts'
import { BoxError, BoxReader, childBoxes, findBox } from './boxReader.ts'
import { type ParameterSets, readAvcConfig } from './parameterSets.ts'

export type Track =
  | { readonly kind: 'avc'; readonly timescale: number; readonly sets: ParameterSets; readonly nalLengthSize: number }
  | { readonly kind: 'aac'; readonly timescale: number; readonly config: AudioConfig }
  | { readonly kind: 'opus'; readonly timescale: number }

/** When a media time was captured: a `prft` box, ISO/IEC 14496-12, 8.16.5. */
export interface Reference {
  /** Track timescale. */
  readonly mediaTime: number
  /** Milliseconds since the Unix epoch. */
  readonly wall: number
}

/** All times in the track's timescale; decode times may be negative (an encoder's priming). */
export interface Frame {
  readonly dts: number
  readonly duration: number
  /** Presentation minus decode time. */
  readonly compositionOffset: number
  readonly reference: Reference | null
  readonly data: Buffer
}

export type FragmentEvent = { readonly track: Track } | { readonly frame: Frame }

/** Seconds from the NTP epoch (1900) to the Unix epoch. */
const NTP_UNIX_SECONDS = 2_208_988_800

interface Fragment {
  readonly dts: number
  readonly samples: readonly { duration: number; size: number; compositionOffset: number }[]
}

/** Single-track fragmented MP4 in, events out. After a BoxError every push throws it again. */
export class FragmentReader {
  readonly #boxes = new BoxReader()
  #track: Track | null = null
  #reference: Reference | null = null
  #fragment: Fragment | null = null

  /** Takes any number of bytes. @throws BoxError */
  push(chunk: Buffer): FragmentEvent[] {
    const events: FragmentEvent[] = []
    for (const { type, body } of this.#boxes.push(chunk)) {
      try {
        this.#read(type, body, events)
      } catch (error) {
        throw error instanceof BoxError ? error : new BoxError(`a ${type} box is malformed: ${String(error)}`)
      }
    }
    return events
  }

  #read(type: string, body: Buffer, events: FragmentEvent[]): void {
    switch (type) {
      case 'moov':
        this.#track = readTrack(body)
        events.push({ track: this.#track })
        return
      case 'prft':
        this.#reference = readReference(body)
        return
      case 'moof':
        if (!this.#track) throw new BoxError('a fragment before its moov box')
        this.#fragment = readFragment(body)
        return
      case 'mdat':
        if (!this.#fragment) throw new BoxError('media data before its moof box')
        for (const frame of cutFrames(this.#fragment, this.#reference, body)) events.push({ frame })
        this.#fragment = null
        this.#reference = null
    }
  }
}

function readTrack(moov: Buffer): Track {
  const mdia = findBox(moov, 'trak', 'mdia')
  const mdhd = mdia && findBox(mdia, 'mdhd')
  const stsd = mdia && findBox(mdia, 'minf', 'stbl', 'stsd')
  if (!mdhd || !stsd) throw new BoxError('a moov box without a track')
  const timescale = mdhd.readUInt32BE(mdhd.readUInt8(0) === 1 ? 20 : 12)
  if (timescale < 1) throw new BoxError('a track without a timescale')
  const entry = childBoxes(stsd, 8)[0]
  switch (entry?.type) {
    case 'avc1': {
      const record = childBoxes(entry.body, 78).find((box) => box.type === 'avcC')
      return { kind: 'avc', timescale, ...readAvcConfig(record?.body ?? Buffer.alloc(0)) }
    }
    case 'mp4a': {
      const esds = childBoxes(entry.body, 28).find((box) => box.type === 'esds')
      if (!esds) throw new BoxError('an mp4a sample entry without esds')
      return { kind: 'aac', timescale, config: readEsds(esds.body) }
    }
    case 'Opus':
      return { kind: 'opus', timescale }
    default:
      throw new BoxError(`a sample entry ${entry?.type ?? '(none)'} that is not avc1, mp4a or Opus`)
  }
}

function readReference(body: Buffer): Reference {
  const long = body.readUInt8(0) === 1
  const seconds = body.readUInt32BE(8) - NTP_UNIX_SECONDS
  const wall = (seconds + body.readUInt32BE(12) / 2 ** 32) * 1000
  return { wall, mediaTime: long ? Number(body.readBigInt64BE(16)) : body.readInt32BE(16) }
}

function readFragment(moof: Buffer): Fragment {
  const traf = findBox(moof, 'traf')
  const tfhd = traf && findBox(traf, 'tfhd')
  const tfdt = traf && findBox(traf, 'tfdt')
  const trun = traf && findBox(traf, 'trun')
  if (!tfhd || !tfdt) throw new BoxError('a fragment without tfhd or tfdt')
  const dts = tfdt.readUInt8(0) === 1 ? Number(tfdt.readBigInt64BE(4)) : tfdt.readUInt32BE(4)
  if (!trun) return { dts, samples: [] }
  const defaults = readDefaults(tfhd)
  const flags = trun.readUInt32BE(0) & 0xffffff
  const count = trun.readUInt32BE(4)
  if (count > trun.length) throw new BoxError(`a fragment that claims ${count} samples`)
  let offset = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)
  const next = (present: number, otherwise: number): number => {
    if (!(flags & present)) return otherwise
    offset += 4
    return trun.readUInt32BE(offset - 4)
  }
  const samples = Array.from({ length: count }, () => {
    const duration = next(0x100, defaults.duration)
    const size = next(0x200, defaults.size)
    next(0x400, 0)
    return { duration, size, compositionOffset: next(0x800, 0) | 0 }
  })
  return { dts, samples }
}

/** Default duration and size of a `tfhd` box, whose flags say which fields are there. */
function readDefaults(tfhd: Buffer): { duration: number; size: number } {
  const flags = tfhd.readUInt32BE(0) & 0xffffff
  let offset = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0)
  const duration = flags & 0x8 ? tfhd.readUInt32BE(offset) : 0
  if (flags & 0x8) offset += 4
  return { duration, size: flags & 0x10 ? tfhd.readUInt32BE(offset) : 0 }
}

/** The samples of a fragment lie one after the other in its `mdat`; the reference belongs to the first. */
function cutFrames(fragment: Fragment, reference: Reference | null, mdat: Buffer): Frame[] {
  let { dts } = fragment
  let offset = 0
  return fragment.samples.map(({ duration, size, compositionOffset }, index) => {
    const data = mdat.subarray(offset, offset + size)
    if (data.length < size) throw new BoxError('a sample is larger than its mdat box')
    const frame = { dts, duration, compositionOffset, reference: index === 0 ? reference : null, data }
    dts += duration
    offset += size
    return frame
  })
}
