/** A sender report without report blocks: RFC 3550, section 6.4.1. */

const SENDER_REPORT = 200
/** From the epoch of NTP (1900) to that of Unix: RFC 3550, section 4. */
const NTP_UNIX_SECONDS = 2_208_988_800

/** Says that what has this RTP timestamp was captured at an instant of `performance.now()`. */
export function senderReport(ssrc: number, timestamp: number, at: number): Buffer {
  const seconds = (performance.timeOrigin + at) / 1000 + NTP_UNIX_SECONDS
  const report = Buffer.alloc(28)
  report.writeUInt8(0x80, 0)
  report.writeUInt8(SENDER_REPORT, 1)
  report.writeUInt16BE(report.length / 4 - 1, 2)
  report.writeUInt32BE(ssrc, 4)
  report.writeUInt32BE(Math.floor(seconds), 8)
  report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12)
  report.writeUInt32BE(timestamp, 16)
  return report
}
