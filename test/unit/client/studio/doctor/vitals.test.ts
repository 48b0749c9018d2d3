import { describe, expect, it } from 'vitest'
import { type Entry, type Look, lookAt, vitalsOf } from '../../../../../client/studio/doctor/vitals.ts'

const look = (...entries: Entry[]): Look => lookAt(entries.map((entry) => [entry.id, entry] as const))
const layer = (rid: string, timestamp: number, bytesSent: number, width: number, more: Partial<Entry> = {}): Entry => ({
  id: rid,
  type: 'outbound-rtp',
  kind: 'video',
  rid,
  timestamp,
  bytesSent,
  ...(width > 0 ? { frameWidth: width, frameHeight: (width * 9) / 16 } : {}),
  framesPerSecond: 29.7,
  codecId: 'h264',
  ...more,
})
const sound = (timestamp: number, bytesSent: number, more: Partial<Entry> = {}): Entry => ({
  id: 'sound',
  type: 'outbound-rtp',
  kind: 'audio',
  timestamp,
  bytesSent,
  codecId: 'opus',
  ...more,
})
const codec = (id: string, mimeType: string, sdpFmtpLine = ''): Entry => ({
  id,
  type: 'codec',
  timestamp: 0,
  mimeType,
  sdpFmtpLine,
})

describe('what is really sent', () => {
  it('needs two looks', () => {
    expect(vitalsOf([])).toBeNull()
    expect(vitalsOf([look(sound(0, 0))])).toBeNull()
  })

  it('lists layers from the highest down, and the sound, with rates of the time since the look before', () => {
    const vitals = vitalsOf([
      look(layer('r0', 0, 0, 320), layer('r2', 0, 0, 1280), sound(0, 0)),
      look(layer('r0', 1000, 1000, 320), layer('r2', 1000, 5000, 1280), sound(1000, 0)),
      look(sound(3000, 16_000), layer('r0', 3000, 38_500, 320), layer('r2', 3000, 430_000, 1280)),
    ])
    expect(vitals?.span).toBe(3000)
    expect(vitals?.layers).toMatchObject([
      { rid: 'r2', size: { width: 1280, height: 720 }, frameRate: 30, bitrate: 1_700_000 },
      { rid: 'r0', size: { width: 320, height: 180 }, frameRate: 30, bitrate: 150_000 },
    ])
    expect(vitals?.sound).toMatchObject({ bitrate: 64_000 })
  })

  it('leaves out what was sent a second time, and shows a layer that stands still as off', () => {
    const probing = layer('r0', 2000, 50_000, 320, { retransmittedBytesSent: 12_500 })
    const vitals = vitalsOf([
      look(layer('r0', 0, 0, 320), layer('r2', 0, 500, 0)),
      look(probing, layer('r2', 2000, 500, 0)),
    ])
    expect(vitals?.layers).toEqual([
      { rid: 'r2', size: null, frameRate: 0, bitrate: 0, keyFrameGap: null },
      { rid: 'r0', size: { width: 320, height: 180 }, frameRate: 30, bitrate: 150_000, keyFrameGap: null },
    ])
  })

  it('tells key frames, loss and what holds the encoder back over all looks', () => {
    const at = (timestamp: number, keyFramesEncoded: number, cpu: number, packetsLost: number): Look =>
      look(
        layer('r0', timestamp, timestamp * 10, 320, {
          keyFramesEncoded,
          packetsSent: timestamp / 10,
          qualityLimitationDurations: { none: timestamp / 1000 - cpu, cpu, bandwidth: 0 },
        }),
        { id: 'heard', type: 'remote-inbound-rtp', timestamp: 0, kind: 'video', packetsLost, roundTripTime: 0.0414 },
      )
    const vitals = vitalsOf([at(10_000, 5, 1, 100), at(20_000, 9, 3, 100), at(30_000, 15, 6, 140)])
    expect(vitals?.layers[0]?.keyFrameGap).toBe(2)
    expect(vitals).toMatchObject({ limited: { cpu: 0.25, bandwidth: 0 }, loss: 0.02, roundTrip: 41, span: 20_000 })
  })

  it('names codec and encoder, the source, and whether the sound is stereo and heard', () => {
    const source = (timestamp: number, totalAudioEnergy: number): Entry[] => [
      { id: 'camera', type: 'media-source', kind: 'video', timestamp, width: 1280, height: 720, framesPerSecond: 29.6 },
      { id: 'microphone', type: 'media-source', kind: 'audio', timestamp, totalAudioEnergy },
    ]
    const codecs = [codec('h264', 'video/H264'), codec('opus', 'audio/opus', 'minptime=10;stereo=1;useinbandfec=1')]
    const encoderImplementation = 'SimulcastEncoderAdapter (OpenH264, OpenH264, libvpx)'
    const at = (timestamp: number, energy: number) =>
      look(
        layer('r0', timestamp, timestamp, 320, { encoderImplementation }),
        sound(timestamp, 9),
        ...codecs,
        ...source(timestamp, energy),
      )
    const heard = vitalsOf([at(0, 1), at(2000, 2)])
    expect(heard).toMatchObject({
      videoCodec: 'H264',
      encoder: 'OpenH264, libvpx',
      source: { size: { width: 1280, height: 720 }, frameRate: 30 },
      sound: { isStereo: true, isSilent: false },
    })
    expect(vitalsOf([at(0, 2), at(2000, 2)])?.sound?.isSilent).toBe(true)
  })

  const pair: Entry = { id: 'pair', type: 'candidate-pair', timestamp: 0, localCandidateId: 'local' }
  const chosen: Entry = { id: 't', type: 'transport', timestamp: 0, selectedCandidatePairId: 'pair' }
  const local = (more: Partial<Entry>): Entry => ({ id: 'local', type: 'local-candidate', timestamp: 0, ...more })
  it.each([
    ['over TCP', [chosen, pair, local({ candidateType: 'prflx', protocol: 'tcp' })], { protocol: 'tcp', relay: null }],
    [
      'by a relay that is reached by TLS',
      [chosen, pair, local({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' })],
      { protocol: 'udp', relay: 'tls' },
    ],
    ['in Firefox', [{ ...pair, selected: true }, local({ protocol: 'udp' })], { protocol: 'udp', relay: null }],
    ['nowhere', [pair, local({ protocol: 'udp' })], null],
  ] as [string, Entry[], object | null][])('knows the way: %s', (_, entries, path) => {
    expect(vitalsOf([look(...entries), look(...entries)])?.path).toEqual(path)
  })
})
