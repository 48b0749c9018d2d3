/** H.264 parameter sets: what a picture is, as the encoder really says it (never as SDP promised). */
import { BitReader, unescapeNal } from './bits.ts'

export interface ParameterSets {
  readonly sps: readonly Buffer[]
  readonly pps: readonly Buffer[]
}

export interface SequenceParameters {
  /** RFC 6381 codec string, e.g. `avc1.42c01f`. */
  readonly codec: string
  /** Pixels after cropping. */
  readonly width: number
  readonly height: number
  readonly chromaFormat: number
  readonly bitDepthLuma: number
  readonly bitDepthChroma: number
}

/** Profiles whose SPS carries chroma format and scaling lists: H.264, 7.3.2.1.1. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Whether two sets are byte for byte the same, in the same order. */
export function sameParameterSets(a: ParameterSets, b: ParameterSets): boolean {
  return sameList(a.sps, b.sps) && sameList(a.pps, b.pps)
}

function sameList(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((nal, index) => b[index]?.equals(nal))
}

/** Reads a sequence parameter set NAL unit (with its header byte). @throws RangeError when it is cut short or absurd */
export function parseSps(nal: Buffer): SequenceParameters {
  const bits = new BitReader(unescapeNal(nal.subarray(1)))
  const profile = bits.read(8)
  bits.read(16)
  bits.unsignedGolomb()
  const high = HIGH_PROFILES.has(profile)
  const chromaFormat = high ? bits.unsignedGolomb() : 1
  let separatePlanes = false
  let bitDepthLuma = 8
  let bitDepthChroma = 8
  if (high) {
    separatePlanes = chromaFormat === 3 && bits.flag()
    bitDepthLuma = 8 + bits.unsignedGolomb()
    bitDepthChroma = 8 + bits.unsignedGolomb()
    bits.flag()
    if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8)
  }
  skipPictureOrder(bits)
  bits.unsignedGolomb()
  bits.flag()
  const widthInBlocks = bits.unsignedGolomb() + 1
  const heightInUnits = bits.unsignedGolomb() + 1
  const framesOnly = bits.flag()
  if (!framesOnly) bits.flag()
  bits.flag()
  const crop = bits.flag()
    ? [bits.unsignedGolomb(), bits.unsignedGolomb(), bits.unsignedGolomb(), bits.unsignedGolomb()]
    : [0, 0, 0, 0]
  const chroma = separatePlanes ? 0 : chromaFormat
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1
  const cropY = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2)
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  const width = widthInBlocks * 16 - (left + right) * cropX
  const height = heightInUnits * 16 * (framesOnly ? 1 : 2) - (top + bottom) * cropY
  if (!(width > 0 && width <= 16384 && height > 0 && height <= 16384)) {
    throw new RangeError(`a picture of ${width}×${height} pixels`)
  }
  return { codec: `avc1.${nal.toString('hex', 1, 4)}`, width, height, chromaFormat, bitDepthLuma, bitDepthChroma }
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!bits.flag()) continue
    let last = 8
    let next = 8
    for (let index = 0; index < (list < 6 ? 16 : 64); index++) {
      if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256
      if (next !== 0) last = next
    }
  }
}

function skipPictureOrder(bits: BitReader): void {
  bits.unsignedGolomb()
  const type = bits.unsignedGolomb()
  if (type === 0) bits.unsignedGolomb()
  if (type !== 1) return
  bits.flag()
  bits.signedGolomb()
  bits.signedGolomb()
  const cycle = bits.unsignedGolomb()
  if (cycle > 255) throw new RangeError('a picture order cycle longer than 255')
  for (let index = 0; index < cycle; index++) bits.signedGolomb()
}

/** The AVCDecoderConfigurationRecord of ISO/IEC 14496-15, 5.3.3.1, with four-byte NAL lengths. */
export function writeAvcConfig(sets: ParameterSets): Buffer {
  const sps = sets.sps[0]
  if (!sps || sets.pps.length === 0) throw new RangeError('a decoder configuration needs an SPS and a PPS')
  const { chromaFormat, bitDepthLuma, bitDepthChroma } = parseSps(sps)
  const parts = [Buffer.from([1]), sps.subarray(1, 4), Buffer.from([0xff, 0xe0 | sets.sps.length])]
  for (const nal of sets.sps) parts.push(lengthOf(nal), nal)
  parts.push(Buffer.from([sets.pps.length]))
  for (const nal of sets.pps) parts.push(lengthOf(nal), nal)
  if (HIGH_PROFILES.has(sps[1] ?? 0)) {
    parts.push(Buffer.from([0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0]))
  }
  return Buffer.concat(parts)
}

function lengthOf(nal: Buffer): Buffer {
  return Buffer.from([nal.length >> 8, nal.length & 0xff])
}

/** Reads the record back; an empty one, as FFmpeg writes before it saw a picture, has no sets. @throws RangeError when cut short */
export function readAvcConfig(record: Buffer): { sets: ParameterSets; nalLengthSize: number } {
  if (record.length === 0) return { sets: { sps: [], pps: [] }, nalLengthSize: 4 }
  const nalLengthSize = (record.readUInt8(4) & 3) + 1
  let offset = 5
  const list = (count: number): Buffer[] => {
    const nals: Buffer[] = []
    for (let index = 0; index < count; index++) {
      const length = record.readUInt16BE(offset)
      if (offset + 2 + length > record.length) throw new RangeError('a parameter set is cut short')
      nals.push(Buffer.from(record.subarray(offset + 2, offset + 2 + length)))
      offset += 2 + length
    }
    return nals
  }
  const sps = list(record.readUInt8(offset++) & 31)
  const pps = list(record.readUInt8(offset++))
  return { sets: { sps, pps }, nalLengthSize }
}
