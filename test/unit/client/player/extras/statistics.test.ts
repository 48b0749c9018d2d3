import { describe, expect, it } from 'vitest'
import { extras } from '../../../../../client/i18n/en/extras.ts'
import { translator } from '../../../../../client/i18n/translate.ts'
import { ratesBetween, type Statistics } from '../../../../../client/player/extras/statistics.ts'
import { statisticsRows } from '../../../../../client/player/extras/statisticsRows.ts'
import { webRtcFigures } from '../../../../../client/player/extras/webRtcFigures.ts'
import { NO_FIGURES } from '../../../../../client/player/figures.ts'

const t = translator<typeof extras>(extras, 'en')

const moment = (more: Partial<Statistics> = {}): Statistics => ({
  ...NO_FIGURES,
  at: 1_000,
  transport: 'webrtc',
  width: 1280,
  height: 720,
  latency: 0.214,
  switches: 1,
  ...more,
})

describe('rates between two moments', () => {
  const before = moment({ bytes: 1_000, frames: 10, packets: 90, packetsLost: 0, waited: { seconds: 1, frames: 10 } })

  it('are what was added in the time between', () => {
    const added = { bytes: 401_000, frames: 70, packets: 180, packetsLost: 10, waited: { seconds: 4, frames: 70 } }
    const now = moment({ at: 3_000, ...added })
    expect(ratesBetween(before, now)).toEqual({
      framesPerSecond: 30,
      bitsPerSecond: 1_600_000,
      loss: 0.1,
      buffer: 0.05,
    })
  })

  it.each([
    ['there is one moment only', null, {}],
    ['the transport is another', before, { transport: 'mse' as const, at: 2_000 }],
    ['no time passed', before, {}],
    ['it began anew', before, { at: 2_000, bytes: 10, frames: 1, packets: 3, packetsLost: 0 }],
  ])('are not known when %s', (_why, first, more) => {
    const nothing = { framesPerSecond: null, bitsPerSecond: null, loss: null, buffer: 0.4 }
    expect(ratesBetween(first, moment({ buffer: 0.4, ...more }))).toEqual(nothing)
  })
})

describe('figures of WebRTC', () => {
  const entries = [
    { id: 'v', type: 'inbound-rtp', kind: 'video', bytesReceived: 900, packetsReceived: 9, packetsLost: 1 },
    { id: 'a', type: 'inbound-rtp', kind: 'audio', bytesReceived: 100, packetsReceived: 5, packetsLost: 0 },
    { id: 'p', type: 'inbound-rtp', kind: 'video', mid: 'probator', bytesReceived: 7_000, packetsReceived: 7 },
    { id: 'pair', type: 'candidate-pair', nominated: true, state: 'succeeded', localCandidateId: 'l' },
    { id: 'old', type: 'candidate-pair', nominated: false, state: 'succeeded', localCandidateId: 'none' },
    { id: 'c', type: 'codec', mimeType: 'video/H264' },
  ]
  const video = {
    framesDecoded: 60,
    framesDropped: 2,
    jitterBufferDelay: 3,
    jitterBufferEmittedCount: 60,
    codecId: 'c',
  }

  it('add up picture and sound, without probes', () => {
    const [first, ...rest] = entries
    const local = { id: 'l', type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }
    expect(webRtcFigures([{ ...first, ...video, id: 'v', type: 'inbound-rtp' }, ...rest, local])).toEqual({
      ...NO_FIGURES,
      bytes: 1_000,
      packets: 14,
      packetsLost: 1,
      frames: 60,
      dropped: 2,
      waited: { seconds: 3, frames: 60 },
      path: 'TURN (tls)',
      codec: 'H264',
    })
  })

  it('are none before anything came', () => {
    expect(webRtcFigures([])).toEqual(NO_FIGURES)
  })
})

describe('rows of the panel', () => {
  it('say what is known in plain numbers, and keep their places', () => {
    const rates = { framesPerSecond: 29.97, bitsPerSecond: 1_712_000, loss: 0.0034, buffer: 0.0512 }
    const full = statisticsRows(moment({ path: 'udp', roundTrip: 0.0123, dropped: 3, codec: 'H264' }), rates, t)
    expect(full.map(({ value }) => value)).toEqual([
      'WebRTC, UDP',
      '1280 × 720',
      '30 per second',
      '1.71 Mbit/s',
      '0.21 sec',
      '0.05 sec',
      '0.3%',
      '0.012 sec',
      '3',
      'H264',
      '1',
    ])
    const none = { framesPerSecond: null, bitsPerSecond: null, loss: null, buffer: null }
    const empty = statisticsRows(moment({ transport: null, width: 0, latency: null }), none, t)
    expect(empty.map(({ name }) => name)).toEqual(full.map(({ name }) => name))
    expect(new Set(empty.slice(0, -1).map(({ value }) => value))).toEqual(new Set(['–']))
  })
})
