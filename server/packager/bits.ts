/** Reads single bits and Exp-Golomb codes, as H.264 parameter sets and AAC configurations use them. */

/** Bits from the most significant on. Reading past the end throws a RangeError: the bytes were cut short. */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** An unsigned integer of 0–32 bits. */
  read(count: number): number {
    let value = 0
    for (let left = count; left > 0; left--) {
      const byte = this.#bytes[this.#position >> 3]
      if (byte === undefined) throw new RangeError('bits read past the end')
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1)
      this.#position++
    }
    return value
  }

  flag(): boolean {
    return this.read(1) === 1
  }

  /** ue(v) of H.264, 9.1. */
  unsignedGolomb(): number {
    let zeros = 0
    while (!this.flag()) {
      if (++zeros > 32) throw new RangeError('Exp-Golomb code longer than 32 bits')
    }
    return 2 ** zeros - 1 + this.read(zeros)
  }

  /** se(v) of H.264, 9.1.1. */
  signedGolomb(): number {
    const code = this.unsignedGolomb()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

/** Takes the emulation prevention bytes (00 00 03) out of a NAL unit: H.264, 7.3.1. */
export function unescapeNal(nal: Uint8Array): Uint8Array {
  const out = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    out[length++] = byte
  }
  return out.subarray(0, length)
}
