import { describe, expect, it } from 'vitest'
import { flowBetween, inboundFacts } from '../../../../client/player/stats.ts'

const video = { type: 'inbound-rtp', kind: 'video', mid: '0', packetsReceived: 90, framesDecoded: 30 }
const audio = { type: 'inbound-rtp', kind: 'audio', mid: '1', packetsReceived: 50 }

describe('inboundFacts', () => {
  it('adds up what was received and passes over everything else', () => {
    const facts = inboundFacts([video, audio, { type: 'remote-outbound-rtp', packetsReceived: 7 }, { type: 'codec' }])
    expect(facts).toEqual({ packets: 140, framesDecoded: 30, capturedAt: null })
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

describe('flowBetween', () => {
  const at = (packets: number, framesDecoded: number) => ({ packets, framesDecoded, capturedAt: null })

  it.each([
    ['nothing new', at(10, 5), at(10, 5), true, { rtp: false, frames: false }],
    ['packets and frames', at(10, 5), at(20, 6), true, { rtp: true, frames: true }],
    ['packets that gave no frame', at(10, 5), at(20, 5), true, { rtp: true, frames: false }],
    ['sound, and a picture of which nothing has come yet', at(0, 0), at(20, 0), true, { rtp: true, frames: false }],
    ['sound of a broadcast without a picture', at(10, 0), at(20, 0), false, { rtp: true, frames: true }],
    ['a connection that began anew', at(900, 300), at(20, 4), true, { rtp: true, frames: true }],
  ])('%s', (_case, before, after, video, flow) => {
    expect(flowBetween(before, after, video)).toEqual(flow)
  })
})
