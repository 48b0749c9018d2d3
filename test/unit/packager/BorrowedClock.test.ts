import { describe, expect, it } from 'vitest'
import { BorrowedClock } from '../../../server/packager/BorrowedClock.ts'
import { BoxReader } from '../../../server/packager/boxReader.ts'

const box = (type: string, ...bodies: Buffer[]) => {
  const body = Buffer.concat(bodies)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}
const TIMESCALE = 90_000
const moov = box('moov', box('trak', box('mdia', box('mdhd', Buffer.alloc(12), uint32(TIMESCALE), Buffer.alloc(8)))))
const NTP_UNIX_SECONDS = 2_208_988_800

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A reference as FFmpeg writes it: version 1, "now" for an instant. */
function prft(mediaTime: number): Buffer {
  const body = Buffer.alloc(24)
  body.writeUInt8(1)
  body.writeUInt32BE(1_800_000_000 + NTP_UNIX_SECONDS, 8)
  body.writeBigInt64BE(BigInt(mediaTime), 16)
  return box('prft', body)
}

/** Keeps what came through. */
function rung() {
  const reader = new BoxReader()
  const kept = { types: [] as string[], walls: [] as number[], bytes: [] as Buffer[], closed: 0 }
  const sink = {
    write(chunk: Buffer) {
      kept.bytes.push(chunk)
      for (const { type, body } of reader.push(chunk)) {
        kept.types.push(type)
        if (type !== 'prft') continue
        const seconds = body.readUInt32BE(8) - NTP_UNIX_SECONDS
        kept.walls.push(seconds * 1000 + (body.readUInt32BE(12) / 2 ** 32) * 1000)
      }
    },
    close() {
      kept.closed += 1
    },
  }
  return { kept, sink }
}

const frame = (mediaTime: number) => Buffer.concat([prft(mediaTime), box('moof', uint32(1)), box('mdat', uint32(2))])

describe('BorrowedClock', () => {
  it('puts the instant that was told into each reference, and leaves all else as it is', () => {
    const { kept, sink } = rung()
    const clock = new BorrowedClock([sink])
    clock.reference(10_000, 1_767_225_600_000)
    clock.reference(10_033.333, 1_767_225_600_031.5)
    const bytes = Buffer.concat([moov, frame(900_000), frame(903_000)])
    // However the bytes are cut.
    for (let at = 0; at < bytes.length; at += 7) clock.rungs[0]?.write(Buffer.from(bytes.subarray(at, at + 7)))
    expect(kept.types).toEqual(['moov', 'prft', 'moof', 'mdat', 'prft', 'moof', 'mdat'])
    expect(kept.walls.map((wall) => Math.round(wall * 10) / 10)).toEqual([1_767_225_600_000, 1_767_225_600_031.5])
    const through = Buffer.concat(kept.bytes)
    expect(through).toHaveLength(bytes.length)
    expect(through.subarray(0, moov.length)).toEqual(moov)
  })

  it('goes by the last reference before a time that none was told for', () => {
    const { kept, sink } = rung()
    const clock = new BorrowedClock([sink])
    clock.reference(10_000, 1_767_225_600_000)
    clock.rungs[0]?.write(Buffer.concat([moov, frame(900_900)]))
    expect(kept.walls).toEqual([1_767_225_600_010])
  })

  it('says how far the slowest rung is', () => {
    const [low, high] = [rung(), rung()]
    const clock = new BorrowedClock([low.sink, high.sink])
    clock.reference(10_000, 1)
    clock.rungs[0]?.write(Buffer.concat([moov, frame(903_000)]))
    expect(clock.position).toBeNull()
    clock.rungs[1]?.write(Buffer.concat([moov, frame(900_000)]))
    expect(clock.position).toBe(10_000)
  })

  it('closes what is behind it, and hands on what cannot be read as a fault', () => {
    const { kept, sink } = rung()
    const clock = new BorrowedClock([sink])
    clock.rungs[0]?.close()
    expect(kept.closed).toBe(1)
    expect(() => clock.rungs[0]?.write(Buffer.alloc(20))).toThrow('no MP4')
    expect(() => new BorrowedClock([sink]).rungs[0]?.write(box('moov', uint32(0)))).toThrow()
  })
})
