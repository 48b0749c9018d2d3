import { describe, expect, it } from 'vitest'
import { flowBetween, type InboundFacts, inboundFacts, latencyOf, noFacts } from '../../../../client/player/stats.ts'

const video = {
  type: 'inbound-rtp',
  kind: 'video',
  mid: '0',
  packetsReceived: 90,
  packetsLost: 3,
  framesDecoded: 30,
}
const audio = { type: 'inbound-rtp', kind: 'audio', mid: '1', packetsReceived: 50 }

describe('inboundFacts', () => {
  it('adds up what was received and passes over everything else', () => {
    const facts = inboundFacts([video, audio, { type: 'remote-outbound-rtp', packetsReceived: 7 }, { type: 'codec' }])
    expect(facts).toEqual({
      packets: 140,
      videoPackets: 90,
      lost: 3,
      framesDecoded: 30,
      capturedAt: null,
      takenAt: null,
    })
  })

  it("does not take mediasoup's bandwidth probes for the broadcast", () => {
    expect(inboundFacts([audio, { ...video, mid: 'probator', packetsReceived: 999 }]).packets).toBe(50)
  })

  it('reads the capture instant of the picture in NTP and in Unix time', () => {
    const unix = 1_795_000_000_000
    const ntp = unix + 2_208_988_800_000
    expect(
      inboundFacts([
        { ...audio, estimatedPlayoutTimestamp: ntp - 40 },
        { ...video, estimatedPlayoutTimestamp: ntp },
      ]),
    ).toMatchObject({ capturedAt: unix })
    expect(inboundFacts([{ ...video, estimatedPlayoutTimestamp: unix }])).toMatchObject({ capturedAt: unix })
    expect(inboundFacts([{ ...video, estimatedPlayoutTimestamp: 0 }])).toMatchObject({ capturedAt: null })
  })
})

describe('latencyOf', () => {
  // The page's clock is a minute slow.
  const [capturedAt, asked] = [1_795_000_000_000, 1_794_999_940_300]
  const facts = (takenAt: number | null) => ({ ...noFacts, capturedAt, takenAt })

  it('is of when the report was drawn up, however late the page gets it', () => {
    expect(latencyOf(facts(asked + 2), asked, asked + 4, capturedAt + 304)).toBeCloseTo(0.302)
    expect(latencyOf(facts(asked + 2), asked, asked + 800, capturedAt + 1100)).toBeCloseTo(0.302)
  })

  it('takes a report for no older than its question, and for no younger than its arrival', () => {
    expect(latencyOf(facts(asked - 9e6), asked, asked + 10, capturedAt + 310)).toBeCloseTo(0.3)
    expect(latencyOf(facts(asked + 9e6), asked, asked + 10, capturedAt + 310)).toBeCloseTo(0.31)
    expect(latencyOf(facts(null), asked, asked + 10, capturedAt + 310)).toBeCloseTo(0.31)
  })

  it('is not known before the capture is', () => {
    expect(latencyOf(noFacts, asked, asked + 1, asked)).toBeNull()
  })
})

describe('flowBetween', () => {
  /** `sound` of the packets are of the sound. */
  const at = (packets: number, framesDecoded: number, { sound = 0, lost = 0 } = {}): InboundFacts => ({
    ...noFacts,
    packets,
    videoPackets: packets - sound,
    lost,
    framesDecoded,
  })
  const soundAlone = at(20, 0, { sound: 20 })

  it.each([
    ['nothing new', at(10, 5), at(10, 5), true, { rtp: false, frames: false, stuck: false }],
    ['packets and frames', at(10, 5), at(20, 6), true, { rtp: true, frames: true, stuck: false }],
    ['packets that gave no frame', at(10, 5), at(20, 5), true, { rtp: true, frames: false, stuck: true }],
    [
      'sound, and a picture of which nothing came yet',
      noFacts,
      soundAlone,
      true,
      { rtp: true, frames: false, stuck: false },
    ],
    ['sound of a broadcast without a picture', noFacts, soundAlone, false, { rtp: true, frames: true, stuck: false }],
    ['a connection that began anew', at(900, 300), at(20, 4), true, { rtp: true, frames: true, stuck: false }],
    ['losses', at(10, 5), at(18, 6, { lost: 2 }), true, { lost: 2, expected: 10 }],
    ['a loss that was made good', at(10, 5, { lost: 3 }), at(18, 6, { lost: 2 }), true, { lost: 0, expected: 8 }],
  ])('%s', (_case, before, after, video, flow) => {
    expect(flowBetween(before, after, video)).toMatchObject(flow)
  })
})
