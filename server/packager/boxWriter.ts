/** Writes ISO base media boxes: the few primitives that the init segment and the parts are made of. */

/** A box of a four-character type around its parts. */
export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  const size = parts.reduce((sum, part) => sum + part.length, 8)
  header.writeUInt32BE(size, 0)
  header.write(type, 4, 4, 'latin1')
  return Buffer.concat([header, ...parts], size)
}

/** A box with version (0–255) and flags (24 bits). */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts)
}

/** Unsigned 32-bit big-endian integers, one after the other. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4)
  return bytes
}

/** Unsigned 16-bit big-endian integers, one after the other. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2)
  return bytes
}

/** A signed 64-bit big-endian integer; exact up to 2^53. */
export function i64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

/** Zero bytes. */
export function zeros(count: number): Buffer {
  return Buffer.alloc(count)
}
