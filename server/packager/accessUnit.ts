/** One coded picture: its NAL units sorted into what a decoder needs in the stream and what belongs into the init segment. */
import { BoxError } from './boxReader.ts'

/** nal_unit_type of H.264, table 7-1. */
const IDR = 5
const SPS = 7
const PPS = 8
const ACCESS_UNIT_DELIMITER = 9
const FILLER = 12

export interface AccessUnit {
  readonly idr: boolean
  /** Parameter sets found inside, copied; usually none but before an IDR. */
  readonly sps: readonly Buffer[]
  readonly pps: readonly Buffer[]
  /** The picture without parameter sets, delimiters and filler, each NAL unit behind a four-byte length. */
  readonly data: Buffer
}

/** Sorts a length-prefixed sample. @throws BoxError when the lengths do not fill it exactly */
export function readAccessUnit(sample: Buffer, nalLengthSize: number): AccessUnit {
  const sps: Buffer[] = []
  const pps: Buffer[] = []
  const kept: Buffer[] = []
  let idr = false
  for (let offset = 0; offset < sample.length; ) {
    if (offset + nalLengthSize > sample.length) throw new BoxError('a NAL unit length is cut short')
    const length = sample.readUIntBE(offset, nalLengthSize)
    const nal = sample.subarray(offset + nalLengthSize, offset + nalLengthSize + length)
    if (nal.length < length) throw new BoxError('a NAL unit is larger than its sample')
    offset += nalLengthSize + length
    const type = (nal[0] ?? 0) & 31
    if (length === 0 || type === ACCESS_UNIT_DELIMITER || type === FILLER) continue
    if (type === SPS) sps.push(Buffer.from(nal))
    else if (type === PPS) pps.push(Buffer.from(nal))
    else {
      idr ||= type === IDR
      const prefix = Buffer.alloc(4)
      prefix.writeUInt32BE(length)
      kept.push(prefix, nal)
    }
  }
  return { idr, sps, pps, data: Buffer.concat(kept) }
}
