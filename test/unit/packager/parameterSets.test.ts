import { describe, expect, it } from 'vitest'
import { parseSps, readAvcConfig, writeAvcConfig } from '../../../server/packager/parameterSets.ts'

/** Parameter sets that x264 wrote for these pictures. */
const SETS = [
  ['6742c00dd901419f9f0110000003001000000303c0f142a480', '68cb83cb20', 'avc1.42c00d', 320, 180],
  ['674d401feca06c1ef3780880000003008000001e078c18cb', '68ebe3cb20', 'avc1.4d401f', 854, 480],
  ['67640028acd940780227e5c044000003000400000300f03c60c658', '68ebe3cb22c0', 'avc1.640028', 1920, 1080],
  ['67f4000d919b282a33c7c5e022000003000200000300781e28532c', '68ebe3c44848', 'avc1.f4000d', 322, 182],
  ['677a001fb6cd9405005bb0110000030001000003003c0f183196', '68ebe3cb22c0', 'avc1.7a001f', 1280, 720],
  ['6764001eacd940b424d8088000000300800000190f8a14cb', '68fba3cb22c0', 'avc1.64001e', 720, 576],
] as const

describe('H.264 parameter sets', () => {
  it.each(SETS)('%s say codec and size', (sps, _pps, codec, width, height) => {
    expect(parseSps(Buffer.from(sps, 'hex'))).toMatchObject({ codec, width, height })
  })

  it.each(SETS)('%s survive the way into a decoder configuration and back', (sps, pps) => {
    const sets = { sps: [Buffer.from(sps, 'hex')], pps: [Buffer.from(pps, 'hex')] }
    expect(readAvcConfig(writeAvcConfig(sets))).toEqual({ sets, nalLengthSize: 4 })
  })

  it('that are cut short are refused', () => {
    const sps = Buffer.from(SETS[0][0], 'hex')
    for (let length = 0; length < 8; length++) expect(() => parseSps(sps.subarray(0, length))).toThrow(RangeError)
    expect(() => readAvcConfig(Buffer.from('0142c00dffe100ff67', 'hex'))).toThrow(RangeError)
    expect(() => writeAvcConfig({ sps: [sps], pps: [] })).toThrow(RangeError)
  })
})
