import { describe, expect, it } from 'vitest'
import { type SentReport, sentFigures } from '../../../../client/publish/sentStats.ts'

type Entry = SentReport extends Iterable<readonly [string, infer E]> ? E : never

const report = (...entries: Entry[]): SentReport => entries.map((entry) => [entry.id, entry])
const layer = (rid: string, timestamp: number, bytesSent: number, width: number): Entry => ({
  id: rid,
  type: 'outbound-rtp',
  kind: 'video',
  rid,
  timestamp,
  bytesSent,
  ...(width > 0 ? { frameWidth: width, frameHeight: (width * 9) / 16 } : {}),
  framesPerSecond: 29.7,
})
const sound = (timestamp: number, bytesSent: number): Entry => ({
  id: 'sound',
  type: 'outbound-rtp',
  kind: 'audio',
  timestamp,
  bytesSent,
})

describe('what is really sent', () => {
  it('lists layers from the highest down and then the sound, with rates of the time between two looks', () => {
    const figures = sentFigures(
      report(layer('r0', 1000, 1000, 320), layer('r2', 1000, 5000, 1280), sound(1000, 0)),
      report(sound(3000, 16_000), layer('r0', 3000, 38_500, 320), layer('r2', 3000, 430_000, 1280)),
    )
    expect(figures.streams).toEqual([
      { kind: 'video', rid: 'r2', size: { width: 1280, height: 720 }, frameRate: 30, bitrate: 1_700_000 },
      { kind: 'video', rid: 'r0', size: { width: 320, height: 180 }, frameRate: 30, bitrate: 150_000 },
      { kind: 'audio', rid: '', size: null, frameRate: 0, bitrate: 64_000 },
    ])
  })

  it('leaves out what was sent a second time', () => {
    const probing: Entry = { ...layer('r0', 2000, 50_000, 320), retransmittedBytesSent: 12_500 }
    expect(sentFigures(report(layer('r0', 0, 0, 320)), report(probing)).streams[0]?.bitrate).toBe(150_000)
  })

  it('shows a layer that stands still as off, whatever its last frame rate was', () => {
    const [stream] = sentFigures(report(layer('r2', 0, 500, 0)), report(layer('r2', 2000, 500, 0))).streams
    expect(stream).toEqual({ kind: 'video', rid: 'r2', size: null, frameRate: 0, bitrate: 0 })
  })

  it('gives no rate for what the first look lacks or what began to count anew', () => {
    const now = report(layer('r0', 2000, 400, 320))
    expect(sentFigures(report(), now).streams[0]?.bitrate).toBe(0)
    expect(sentFigures(report(layer('r0', 1000, 9000, 320)), now).streams[0]?.bitrate).toBe(0)
  })

  it('tells the longest round trip, the largest loss and the worst limitation, and nothing without reports', () => {
    const busy: Entry = { ...layer('r0', 0, 0, 320), qualityLimitationReason: 'cpu' }
    const slow: Entry = { ...layer('r1', 0, 0, 640), qualityLimitationReason: 'bandwidth' }
    const heard = (id: string, roundTripTime: number, fractionLost: number): Entry => ({
      id,
      type: 'remote-inbound-rtp',
      timestamp: 0,
      roundTripTime,
      fractionLost,
    })
    const figures = sentFigures(report(), report(busy, slow, heard('a', 0.02, 0.05), heard('b', 0.0414, 0)))
    expect(figures).toMatchObject({ limitedBy: 'cpu', roundTrip: 41, loss: 0.05 })
    expect(sentFigures(report(), report(slow)).limitedBy).toBe('bandwidth')
    expect(sentFigures(report(), report())).toEqual({ streams: [], limitedBy: null, roundTrip: null, loss: 0 })
  })
})
