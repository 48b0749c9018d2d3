/** Writes VP8 frames as an IVF stream, the simplest container that FFmpeg reads from a pipe and that keeps our times. Pure. */
import type { PictureSize } from './vp8Payload.ts'

/** Ticks a second of frame times, those of VP8 in RTP (RFC 7741, 4.1). */
const TIMEBASE = 90_000
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 12

export function ivfHeader({ width, height }: PictureSize): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('DKIF', 0, 'latin1')
  header.writeUInt16LE(HEADER_BYTES, 6)
  header.write('VP80', 8, 'latin1')
  header.writeUInt16LE(width, 12)
  header.writeUInt16LE(height, 14)
  header.writeUInt32LE(TIMEBASE, 16)
  header.writeUInt32LE(1, 20)
  return header
}

/** @param time ticks of 90 kHz, not negative */
export function ivfFrame(time: number, data: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32LE(data.length, 0)
  header.writeBigUInt64LE(BigInt(time), 4)
  return Buffer.concat([header, data])
}
