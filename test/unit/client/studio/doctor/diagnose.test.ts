import { describe, expect, it } from 'vitest'
import type { WayId } from '../../../../../client/publish/ways.ts'
import { diagnose, type Facts, type WayFacts } from '../../../../../client/studio/doctor/diagnose.ts'
import type { LayerVitals, Vitals } from '../../../../../client/studio/doctor/vitals.ts'

const layer = (rid: string, width: number, more: Partial<LayerVitals> = {}): LayerVitals => ({
  rid,
  size: { width, height: (width * 9) / 16 },
  frameRate: 30,
  bitrate: 500_000,
  keyFrameGap: 2,
  ...more,
})
const healthy: Vitals = {
  span: 20_000,
  layers: [layer('r2', 1280), layer('r1', 640), layer('r0', 320)],
  videoCodec: 'H264',
  encoder: 'OpenH264',
  source: { size: { width: 1280, height: 720 }, frameRate: 30 },
  limited: { cpu: 0, bandwidth: 0.1 },
  sound: { bitrate: 64_000, isStereo: false, isSilent: false },
  roundTrip: 20,
  loss: 0.001,
  uplink: 3_000_000,
  path: { protocol: 'udp', relay: null },
}
const works = (id: WayId): WayFacts => ({ id, result: { kind: 'works', ms: 20 } })
const way = (id: WayId, kind: 'no-server' | 'refused' | 'not-relayed' | 'unknown'): WayFacts => ({
  id,
  result: { kind },
})
const blocked = (id: WayId): WayFacts => ({ id, result: { kind: 'blocked', port: 44400 } })
const fine: Facts = {
  isReconnecting: false,
  vitals: healthy,
  ways: [works('udp'), works('tcp'), works('turn-udp')],
  viewers: { total: 5, webrtc: 3, mse: 1, hls: 1 },
  isMuted: false,
  isScreen: false,
}
const sick = (vitals: Partial<Vitals>, facts: Partial<Facts> = {}): Facts => ({
  ...fine,
  ...facts,
  vitals: { ...healthy, ...vitals },
})
const off = { bitrate: 0, frameRate: 0, keyFrameGap: null }
const topOff = [layer('r2', 1280, off), layer('r1', 640), layer('r0', 320)]

describe('the doctor', () => {
  it('finds nothing where nothing is wrong, and nothing before it has looked', () => {
    expect(diagnose(fine)).toEqual([])
    expect(diagnose({ ...fine, vitals: null, ways: null })).toEqual([])
    expect(
      diagnose(sick({ span: 4_000, limited: { cpu: 1, bandwidth: 1 }, loss: 0.5, layers: topOff, sound: null })),
    ).toEqual([])
  })

  it.each([
    [
      'a slow uplink',
      sick({ limited: { cpu: 0, bandwidth: 0.4 }, layers: topOff, uplink: 640_000 }),
      { code: 'uplinkSlow', severity: 'warning', uplink: 640_000, best: '640×360' },
    ],
    ['a very slow uplink', sick({ limited: { cpu: 0, bandwidth: 0.9 } }), { code: 'uplinkSlow', severity: 'problem' }],
    [
      'an uplink whose browser does not measure it',
      sick({ limited: { cpu: 0, bandwidth: 0.5 }, uplink: null }),
      { code: 'uplinkSlow', uplink: 1_500_000 },
    ],
    [
      'a busy computer, whatever the uplink',
      sick({ limited: { cpu: 0.5, bandwidth: 0.5 } }),
      { code: 'cpuSlow', severity: 'warning', frameRate: 30 },
    ],
    ['a layer that is off for no reason known', sick({ layers: topOff }), { code: 'layerOff', best: '640×360' }],
    [
      'a picture that does not leave',
      sick({ layers: [layer('r0', 320, off)] }),
      { code: 'nothingSent', severity: 'problem' },
    ],
    [
      'a camera in the dark',
      sick({ source: { size: { width: 1280, height: 720 }, frameRate: 12 } }),
      { code: 'sourceSlow', frameRate: 12 },
    ],
    ['some loss', sick({ loss: 0.034 }), { code: 'loss', severity: 'warning', percent: 3 }],
    ['much loss', sick({ loss: 0.2 }), { code: 'loss', severity: 'problem', percent: 20 }],
    ['a server far away', sick({ roundTrip: 420 }), { code: 'farAway', ms: 420 }],
    ['a microphone that is not there', sick({ sound: null }), { code: 'noSound' }],
    [
      'a microphone that is switched off',
      sick({ sound: { bitrate: 1, isStereo: false, isSilent: true } }),
      { code: 'soundSilent' },
    ],
    [
      'key frames that nobody gets',
      sick({ layers: [layer('r0', 320, { keyFrameGap: 12 })] }),
      { code: 'keyFramesRare', seconds: 12 },
    ],
    [
      'key frames all the time',
      sick({ layers: [layer('r0', 320, { keyFrameGap: 0.5 })] }),
      { code: 'keyFramesOften', seconds: 0.5 },
    ],
    ['another codec', sick({ videoCodec: 'VP8' }), { code: 'notCopied', codec: 'VP8', severity: 'note' }],
    ['a way over TCP', sick({ path: { protocol: 'tcp', relay: null } }), { code: 'sentByTcp', severity: 'note' }],
    ['a way by TURN', sick({ path: { protocol: 'udp', relay: 'tcp' } }), { code: 'sentByRelay', severity: 'note' }],
    [
      'a network without UDP',
      { ...fine, ways: [blocked('udp'), works('tcp'), works('turn-udp')] },
      { code: 'udpBlocked', severity: 'warning', port: 44400 },
    ],
    [
      'a network without TCP',
      { ...fine, ways: [works('udp'), blocked('tcp'), works('turn-udp')] },
      { code: 'tcpBlocked', severity: 'note', port: 44400 },
    ],
    [
      'a network without anything',
      { ...fine, ways: [blocked('udp'), blocked('tcp'), way('turn-udp', 'no-server')] },
      { code: 'nothingThrough', severity: 'problem' },
    ],
    ['no TURN server', { ...fine, ways: [works('udp'), works('tcp')] }, { code: 'noTurn', severity: 'note' }],
    [
      'a TURN server that is down',
      { ...fine, ways: [works('udp'), way('turn-tcp', 'no-server')] },
      { code: 'turnDown', way: 'turn-tcp' },
    ],
    [
      'a TURN server with another secret',
      { ...fine, ways: [works('udp'), way('turn-tcp', 'refused')] },
      { code: 'turnRefused', way: 'turn-tcp' },
    ],
    [
      'a TURN server that may not relay to us',
      { ...fine, ways: [works('udp'), way('turn-udp', 'not-relayed')] },
      { code: 'turnBlocked', way: 'turn-udp' },
    ],
    [
      'an audience on strict networks',
      { ...fine, viewers: { total: 9, webrtc: 2, mse: 4, hls: 3 } },
      { code: 'mostlyHttp', severity: 'note' },
    ],
  ] as [string, Facts, object][])('names %s, and nothing else', (_, facts, finding) => {
    expect(diagnose(facts)).toMatchObject([finding])
  })

  it.each([
    ['a muted microphone', sick({ sound: null }, { isMuted: true })],
    [
      'a shared screen on which nothing moves',
      sick({ source: { size: { width: 9, height: 9 }, frameRate: 1 } }, { isScreen: true }),
    ],
    ['ways that could not be tried', { ...fine, ways: [way('udp', 'unknown'), way('turn-udp', 'unknown')] }],
    ['two of three viewers over HTTP', { ...fine, viewers: { total: 3, webrtc: 1, mse: 2, hls: 0 } }],
  ] as [string, Facts][])('leaves %s in peace', (_, facts) => {
    expect(diagnose(facts)).toEqual([])
  })

  it('says of a lost connection that it is lost and which ways are, and nothing of old figures', () => {
    const facts = sick({ loss: 0.5 }, { isReconnecting: true, ways: [blocked('udp'), blocked('tcp')] })
    expect(diagnose(facts).map(({ code }) => code)).toEqual(['interrupted', 'nothingThrough'])
  })

  it('begins with the worst', () => {
    const facts = sick(
      { loss: 0.3, roundTrip: 500, path: { protocol: 'tcp', relay: null } },
      { ways: [blocked('udp'), works('tcp')] },
    )
    expect(diagnose(facts).map(({ severity }) => severity)).toEqual(['problem', 'warning', 'warning', 'note', 'note'])
  })
})
