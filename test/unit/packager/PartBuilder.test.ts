import { describe, expect, it } from 'vitest'
import { childBoxes, findBox } from '../../../server/packager/boxReader.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { type Part, PartBuilder } from '../../../server/packager/PartBuilder.ts'
import { writePart } from '../../../server/packager/partWriter.ts'
import { videoHeader } from '../../helpers/packager/syntheticMedia.ts'

const data = Buffer.from('x')

const frame = { compositionOffset: 0, sync: false, data }

/** Adds frames of a rate to a segment that begins at 0, and returns the parts as they come. */
function played(builder: PartBuilder, rate: number, seconds: number): Part[] {
  builder.begin(0)
  const duration = Math.round(90_000 / rate)
  return Array.from({ length: rate * seconds }, (_, index) =>
    builder.add({ ...frame, sync: index === 0 }, index * duration, (index + 1) * duration),
  ).flat()
}

const durations = (parts: readonly Part[]) => parts.map((part) => Math.round(part.duration * 1000) / 1000)

describe('parts', () => {
  it.each([8, 9, 10, 11, 12, 15, 20, 24, 25, 30, 50, 60])(
    'at %d frames a second last 85 to 100 %% of the target',
    (rate) => {
      const parts = played(new PartBuilder(90_000, 0.35), rate, 4)
      expect(parts.length).toBeGreaterThan(9)
      for (const part of parts) {
        expect(part.duration).toBeGreaterThanOrEqual(0.35 * 0.85)
        expect(part.duration).toBeLessThanOrEqual(0.35)
      }
      expect(parts.map((part) => part.independent)).toEqual([true, ...parts.slice(1).map(() => false)])
    },
  )

  it('carry the time on without samples where frames are rarer than parts, which stay until the next one comes', () => {
    const builder = new PartBuilder(90_000, 0.35)
    const parts = played(builder, 1, 3)
    expect(durations(parts)).toEqual([0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35])
    expect(parts.map((part) => part.frames)).toEqual([1, 0, 1, 0, 0, 1, 0, 0])
    const last = builder.finish(270_000)
    expect([durations(last), last.map((part) => part.frames)]).toEqual([[0.2], [0]])
    const read = new FragmentReader().push(
      Buffer.concat([videoHeader(), ...[...parts, ...last].map((part) => part.bytes)]),
    )
    expect(read.flatMap((event) => ('frame' in event ? [[event.frame.dts, event.frame.duration]] : []))).toEqual([
      [0, 90_000],
      [90_000, 90_000],
      [180_000, 90_000],
    ])
  })

  it('are completed without a frame once others are further, with the last picture staying', () => {
    const builder = new PartBuilder(90_000, 0.35)
    builder.begin(0)
    builder.add(frame, 0, 3000)
    expect(builder.idleTo(31_499)).toEqual([])
    expect(durations(builder.idleTo(70_000))).toEqual([0.35, 0.35])
    expect(builder.position).toBe(63_000)
    expect(builder.add(frame, 60_000, 63_500)).toEqual([])
    expect(builder.position).toBe(63_500)
    const late = builder.finish(64_000)
    const read = new FragmentReader().push(Buffer.concat([videoHeader(), ...late.map((part) => part.bytes)]))
    expect(read.at(-1)).toMatchObject({ frame: { dts: 63_000, duration: 1000 } })
  })

  it.each([31_410, 31_500, 31_590, 40_000])(
    'end with the segment at %d, though its last picture said that it stays',
    (end) => {
      const builder = new PartBuilder(90_000, 0.35)
      builder.begin(0)
      builder.add({ ...frame, sync: true }, 0, 3000)
      const parts = [...builder.idleTo(end), ...builder.finish(end)]
      expect(parts.reduce((sum, part) => sum + part.duration, 0)).toBeCloseTo(end / 90_000, 9)
      expect(Math.max(...parts.map((part) => part.duration))).toBeLessThanOrEqual(0.35)
      const read = new FragmentReader().push(Buffer.concat([videoHeader(), ...parts.map((part) => part.bytes)]))
      const overstays = read.some((event) => 'frame' in event && event.frame.dts + event.frame.duration > end)
      expect(overstays ? parts.at(-1)?.frames : 0).toBe(0)
    },
  )

  it('are made without the frame that is taken back, in whose time the one before it stays', () => {
    const builder = new PartBuilder(90_000, 0.35)
    builder.begin(0)
    builder.add({ ...frame, sync: true }, 0, 3000)
    builder.add(frame, 3000, 6000)
    builder.takeBack()
    expect(builder.position).toBe(6000)
    expect(builder.finish(9000).map((part) => [part.frames, part.duration])).toEqual([[1, 0.1]])
  })

  it('keep what is taken back too late, and the key frame that they begin with', () => {
    const builder = new PartBuilder(90_000, 0.35)
    builder.begin(0)
    builder.add({ ...frame, sync: true }, 0, 3000)
    builder.takeBack()
    builder.takeBack()
    const parts = builder.add(frame, 3000, 40_000)
    builder.takeBack()
    expect([...parts, ...builder.finish(40_000)].map((part) => part.frames)).toEqual([2, 0])
  })

  it('end with the segment: its last frame stays until then, or is cut', () => {
    const builder = new PartBuilder(90_000, 0.35)
    for (const end of [5900, 6100]) {
      builder.begin(0)
      builder.add(frame, 0, 3000)
      builder.add(frame, 3000, 6000)
      expect(builder.finish(end).map((part) => Math.round(part.duration * 90_000))).toEqual([end])
    }
    builder.begin(0)
    builder.add(frame, 0, 3000)
    expect(durations(builder.finish(90_000))).toEqual([0.35, 0.35, 0.3])
  })

  it('of sound last as long, in whole AAC frames', () => {
    const builder = new PartBuilder(48_000, 0.35)
    builder.begin(0)
    const sound = { ...frame, sync: true }
    const parts = Array.from({ length: 65 }, (_, index) => builder.add(sound, index * 1024, (index + 1) * 1024)).flat()
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
