import { describe, expect, it } from 'vitest'
import { readSenderReport } from '../../../server/tap/rtpPacket.ts'

/** 2026-01-01T00:00:00.250Z in NTP. */
const report = Buffer.from('80c80006000000010000000000000000000000ff0000000a0000000a', 'hex')
report.writeUInt32BE(1_767_225_600 + 2_208_988_800, 8)
report.writeUInt32BE(2 ** 30, 12)
const description = Buffer.from('81ca000200000001' + '00000000', 'hex')

describe('readSenderReport', () => {
  it('reads instant and RTP time, wherever the report stands', () => {
    const expected = { wall: 1_767_225_600_250, timestamp: 255 }
    expect(readSenderReport(report)).toEqual(expected)
    expect(readSenderReport(Buffer.concat([description, report]))).toEqual(expected)
  })

  it.each([
    ['none', description],
    ['a cut one', report.subarray(0, 18)],
    ['one without an instant', Buffer.concat([report.subarray(0, 8), Buffer.alloc(20)])],
    ['nothing at all', Buffer.alloc(0)],
    ['three bytes', Buffer.alloc(3)],
  ])('finds none in %s', (_, bytes) => {
    expect(readSenderReport(bytes)).toBeNull()
  })
})
