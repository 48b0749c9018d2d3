import { describe, expect, it } from 'vitest'
import { readAccessUnit } from '../../../server/packager/accessUnit.ts'
import { BoxError } from '../../../server/packager/boxReader.ts'
import { IDR, PPS, SLICE, SPS, sample } from '../../helpers/packager/syntheticMedia.ts'

const DELIMITER = Buffer.from('09f0', 'hex')
const FILLER = Buffer.from('0cffff80', 'hex')
const SEI = Buffer.from('0605010180', 'hex')

describe('an access unit', () => {
  it('loses parameter sets, delimiter and filler, and keeps messages and slices', () => {
    const unit = readAccessUnit(sample(DELIMITER, SPS, PPS, SEI, IDR, FILLER), 4)
    expect(unit).toEqual({ idr: true, sps: [SPS], pps: [PPS], data: sample(SEI, IDR) })
  })

  it('is no key frame when it only has a slice', () => {
    expect(readAccessUnit(sample(SLICE), 4)).toEqual({ idr: false, sps: [], pps: [], data: sample(SLICE) })
  })

  it('gets four-byte lengths whatever it had', () => {
    expect(readAccessUnit(Buffer.concat([Buffer.from([0, SLICE.length]), SLICE]), 2).data).toEqual(sample(SLICE))
  })

  it.each(['000000', '0000000565', 'ffffffff65'])('is refused when its lengths do not fit: %s', (hex) => {
    expect(() => readAccessUnit(Buffer.from(hex, 'hex'), 4)).toThrow(BoxError)
  })
})
