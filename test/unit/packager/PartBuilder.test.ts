import { describe, expect, it } from 'vitest'
import { childBoxes, findBox } from '../../../server/packager/boxReader.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { PartBuilder } from '../../../server/packager/PartBuilder.ts'
import { writePart } from '../../../server/packager/partWriter.ts'
import { videoHeader } from '../../helpers/packager/syntheticMedia.ts'

const data = Buffer.from('x')

describe('parts', () => {
  it.each([10, 12, 15, 20, 24, 25, 30, 50, 60])(
    'at %d frames a second last 85 to 100 %% of the target, and are done one frame later',
    (rate) => {
      const duration = 90_000 / rate
      const builder = new PartBuilder(90_000, 0.35)
      const parts = Array.from({ length: rate * 4 }, (_, index) =>
        builder.add({ time: index * duration, duration, compositionOffset: 0, sync: index === 0, data }),
      ).flat()
      expect(parts.length).toBeGreaterThan(9)
      for (const part of parts) {
        expect(part.duration).toBeGreaterThanOrEqual(0.35 * 0.85)
        expect(part.duration).toBeLessThanOrEqual(0.35)
      }
      expect(builder.open).toBeLessThanOrEqual(Math.floor(0.35 * rate))
      expect(parts.map((part) => part.independent)).toEqual([true, ...parts.slice(1).map(() => false)])
    },
  )

  it('of sound last as long, in whole AAC frames', () => {
    const builder = new PartBuilder(48_000, 0.35)
    const frame = { duration: 1024, compositionOffset: 0, sync: true, data }
    const parts = Array.from({ length: 65 }, (_, index) => builder.add({ ...frame, time: index * 1024 })).flat()
    expect(parts.map((part) => part.frames)).toEqual([16, 16, 16, 16])
  })

  it('read back as the samples they were made of, composition offsets and key frames inside included', () => {
    const samples = [
      { time: 900, duration: 3000, compositionOffset: 6000, sync: true, data: Buffer.from('one') },
      { time: 3900, duration: 3001, compositionOffset: -300, sync: false, data: Buffer.from('three') },
      { time: 6901, duration: 2999, compositionOffset: 0, sync: true, data: Buffer.from('5') },
    ]
    const events = new FragmentReader().push(Buffer.concat([videoHeader(), writePart(7, samples)])).slice(1)
    expect(events).toEqual(
      samples.map(({ time, duration, compositionOffset, data }) => ({
        frame: { dts: time, duration, compositionOffset, data, reference: null },
      })),
    )
  })

  it('spend little on boxes: a third of a second at 150 kbit/s carries under 4 % of overhead', () => {
    const frame = { duration: 3000, compositionOffset: 0, sync: false, data: Buffer.alloc(625) }
    const samples = Array.from({ length: 10 }, (_, index) => ({ ...frame, time: index * 3000 }))
    expect(writePart(1, samples).length).toBeLessThan(6250 * 1.04)
  })

  it('have one moof and one mdat, whose data offset leads to the first sample', () => {
    const part = writePart(1, [{ time: 0, duration: 1, compositionOffset: 0, sync: true, data: Buffer.from('bytes') }])
    expect(childBoxes(part).map((each) => each.type)).toEqual(['moof', 'mdat'])
    const offset = findBox(part, 'moof', 'traf', 'trun')?.readUInt32BE(8) ?? 0
    expect(part.toString('latin1', offset)).toBe('bytes')
  })
})
