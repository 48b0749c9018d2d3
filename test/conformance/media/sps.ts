/** In charge of the picture size in an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1). Pure. */
import { MediaError } from './boxes.ts'

/** Profiles whose parameter sets say the chroma format: 7.3.2.1.1. */
const withChroma = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

/** Reads bits from the payload of a NAL unit, emulation prevention bytes taken out. */
class BitReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(nal: Buffer) {
    const plain: number[] = []
    for (const byte of nal) if (!(byte === 3 && plain.at(-1) === 0 && plain.at(-2) === 0)) plain.push(byte)
    this.#bytes = Buffer.from(plain)
  }

  bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes[this.#at >> 3]
      if (byte === undefined) throw new MediaError('the sequence parameter set is too short')
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1)
      this.#at++
    }
    return value
  }

  /** ue(v). */
  exp(): number {
    let zeros = 0
    while (this.bits(1) === 0) if (++zeros > 32) throw new MediaError('the sequence parameter set is broken')
    return 2 ** zeros - 1 + this.bits(zeros)
  }
}

/** Pixels after cropping. `nal` with its header byte. Throws MediaError. */
export function sizeOfSps(nal: Buffer): { width: number; height: number } {
  const bits = new BitReader(nal.subarray(1))
  const profile = bits.bits(8)
  bits.bits(16)
  bits.exp()
  let chroma = 1
  if (withChroma.includes(profile)) {
    chroma = bits.exp()
    if (chroma === 3) bits.bits(1)
    bits.exp()
    bits.exp()
    bits.bits(1)
    if (bits.bits(1) === 1) throw new MediaError('scaling matrices are not read here')
  }
  bits.exp()
  const order = bits.exp()
  if (order === 0) bits.exp()
  else if (order === 1) {
    bits.bits(1)
    bits.exp()
    bits.exp()
    for (let left = bits.exp(); left > 0; left--) bits.exp()
  }
  bits.exp()
  bits.bits(1)
  const widthInBlocks = bits.exp() + 1
  const heightInUnits = bits.exp() + 1
  const frames = bits.bits(1)
  if (frames === 0) bits.bits(1)
  bits.bits(1)
  const crop = bits.bits(1) === 1 ? [bits.exp(), bits.exp(), bits.exp(), bits.exp()] : [0, 0, 0, 0]
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  const [unitX, unitY] = [chroma === 1 || chroma === 2 ? 2 : 1, (chroma === 1 ? 2 : 1) * (2 - frames)]
  return {
    width: widthInBlocks * 16 - (left + right) * unitX,
    height: heightInUnits * 16 * (2 - frames) - (top + bottom) * unitY,
  }
}
