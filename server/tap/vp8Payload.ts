/** Reads what stands before VP8 data in an RTP payload (RFC 7741, 4.2), and the size that a key frame tells. Pure. */

export interface Vp8Payload {
  /** The first bytes of a frame are in here. */
  readonly start: boolean
  readonly data: Buffer
}

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Null when the payload ends within its descriptor. */
export function readVp8Payload(payload: Buffer): Vp8Payload | null {
  const first = payload[0]
  if (first === undefined) return null
  let at = 1
  if (first & 0x80) {
    const extensions = payload[at++]
    if (extensions === undefined) return null
    if (extensions & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1
    if (extensions & 0x40) at += 1
    if (extensions & 0x30) at += 1
  }
  if (at >= payload.length) return null
  // S: start of a partition; PID: of which one. A frame begins with its partition 0.
  return { start: (first & 0x10) !== 0 && (first & 0x07) === 0, data: payload.subarray(at) }
}

/** The size of the picture when these bytes begin a key frame (RFC 6386, 9.1), else null. */
export function keyFrameSize(frame: Buffer): PictureSize | null {
  if (frame.length < 10 || (frame.readUInt8(0) & 1) !== 0) return null
  if (frame.readUIntBE(3, 3) !== 0x9d012a) return null
  const [width, height] = [frame.readUInt16LE(6) & 0x3fff, frame.readUInt16LE(8) & 0x3fff]
  return width > 0 && height > 0 ? { width, height } : null
}
