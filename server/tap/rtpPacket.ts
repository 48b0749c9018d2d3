/** Reads RTP packets (RFC 3550, 5.1) and the sender reports among RTCP packets (6.4.1). Pure. */

export interface RtpPacket {
  /** 16 bits. */
  readonly sequence: number
  /** 32 bits, ticks of the codec's clock. */
  readonly timestamp: number
  /** The last packet of a frame. */
  readonly marker: boolean
  readonly payload: Buffer
}

/** At which instant an RTP time was captured. */
export interface SenderReport {
  /** 32 bits, ticks of the codec's clock. */
  readonly timestamp: number
  /** Milliseconds since the Unix epoch. */
  readonly wall: number
}

/** Fixed header; each contributing source after it takes four bytes, and so does the header of an extension. */
const HEADER_BYTES = 12
const SENDER_REPORT = 200
/** Seconds from the NTP epoch (1900) to the Unix epoch. */
const NTP_UNIX_SECONDS = 2_208_988_800

/** Null for what is no RTP packet, or one without payload (padding alone). */
export function readRtp(packet: Buffer): RtpPacket | null {
  if (packet.length < HEADER_BYTES || packet.readUInt8(0) >> 6 !== 2) return null
  const first = packet.readUInt8(0)
  const second = packet.readUInt8(1)
  let start = HEADER_BYTES + (first & 0x0f) * 4
  if (first & 0x10) {
    if (packet.length < start + 4) return null
    start += 4 + packet.readUInt16BE(start + 2) * 4
  }
  const padding = first & 0x20 ? (packet.at(-1) ?? 0) : 0
  const end = packet.length - padding
  if (end <= start) return null
  return {
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    marker: (second & 0x80) !== 0,
    payload: packet.subarray(start, end),
  }
}

/** The first sender report in a compound packet, or null. */
export function readSenderReport(compound: Buffer): SenderReport | null {
  for (let at = 0; at + 4 <= compound.length; at += 4 + compound.readUInt16BE(at + 2) * 4) {
    if (compound.readUInt8(at + 1) !== SENDER_REPORT) continue
    if (at + 20 > compound.length) return null
    const seconds = compound.readUInt32BE(at + 8)
    // mediasoup reports 0 while it knows no capture time.
    if (seconds === 0) return null
    const wall = (seconds - NTP_UNIX_SECONDS + compound.readUInt32BE(at + 12) / 2 ** 32) * 1000
    return { wall, timestamp: compound.readUInt32BE(at + 16) }
  }
  return null
}
