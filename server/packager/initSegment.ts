/** Writes CMAF init segments: one track, described by what the samples really carry. */
import type { AudioConfig } from './audioConfig.ts'
import { box, fullBox, u16, u32, zeros } from './boxWriter.ts'
import { type ParameterSets, parseSps, writeAvcConfig } from './parameterSets.ts'

/** The one track of every rendition's files. */
export const TRACK_ID = 1

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
/** ISO 639-2 `und`, packed: ISO/IEC 14496-12, 8.4.2.3. */
const UNDETERMINED_LANGUAGE = 0x55c4

/** Init segment of an H.264 rendition (`avc1`: parameter sets here and nowhere else). @throws RangeError for bad sets */
export function writeVideoInit(sets: ParameterSets, timescale: number): Buffer {
  const { width, height } = parseSps(sets.sps[0] ?? Buffer.alloc(0))
  const entry = box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    box('avcC', writeAvcConfig(sets)),
  )
  const tkhd = fullBox(
    'tkhd',
    0,
    7,
    u32(0, 0, TRACK_ID, 0, 0, 0, 0),
    u32(0, 0),
    UNITY_MATRIX,
    u32(width << 16, height << 16),
  )
  return writeInit('vide', 'VideoHandler', timescale, entry, tkhd, fullBox('vmhd', 0, 1, zeros(8)))
}

/** Init segment of an AAC rendition. The timescale is the sample rate in Hz. */
export function writeAudioInit(config: AudioConfig, timescale: number): Buffer {
  const entry = box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(config.channels, 16, 0, 0, timescale, 0),
    box('esds', config.esds),
  )
  const tkhd = fullBox('tkhd', 0, 7, u32(0, 0, TRACK_ID, 0, 0, 0, 0), u16(0, 1, 0x100, 0), UNITY_MATRIX, u32(0, 0))
  return writeInit('soun', 'SoundHandler', timescale, entry, tkhd, fullBox('smhd', 0, 0, zeros(4)))
}

function writeInit(
  handler: 'vide' | 'soun',
  name: string,
  timescale: number,
  entry: Buffer,
  tkhd: Buffer,
  mediaHeader: Buffer,
): Buffer {
  const brands = Buffer.from(`iso6${'\0\0\0\0'}iso6cmfcmp41`, 'latin1')
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)))
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), entry),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  )
  const mdia = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(UNDETERMINED_LANGUAGE, 0)),
    fullBox('hdlr', 0, 0, u32(0), Buffer.from(handler), zeros(12), Buffer.from(`${name}\0`)),
    box('minf', mediaHeader, dinf, stbl),
  )
  const mvhd = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x100, 0),
    zeros(8),
    UNITY_MATRIX,
    zeros(24),
    u32(2),
  )
  const mvex = box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0)))
  return Buffer.concat([box('ftyp', brands), box('moov', mvhd, box('trak', tkhd, mdia), mvex)])
}
