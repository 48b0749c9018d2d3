import { describe, expect, it } from 'vitest'
import { type Vp8Frame, Vp8Frames } from '../../../server/tap/Vp8Frames.ts'

interface Packet {
  sequence: number
  timestamp: number
  start?: boolean
  marker?: boolean
  data: Buffer
}

/** RFC 3550 and RFC 7741 by hand. `extended` adds every optional field there is. */
function rtp({ sequence, timestamp, start = true, marker = true, data }: Packet, extended = false): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(extended ? 0xb1 : 0x80, 0)
  header.writeUInt8(96 | (marker ? 0x80 : 0), 1)
  header.writeUInt16BE(sequence & 0xffff, 2)
  header.writeUInt32BE(timestamp >>> 0, 4)
  header.writeUInt32BE(1, 8)
  const first = start ? 0x10 : 0
  if (!extended) return Buffer.concat([header, Buffer.from([first]), data])
  const source = Buffer.from([0, 0, 0, 9])
  const extension = Buffer.from([0xbe, 0xde, 0, 1, 0x10, 1, 0, 0])
  const descriptor = Buffer.from([0x80 | first, 0xf0, 0x81, 0x23, 7, 0x20])
  return Buffer.concat([header, source, extension, descriptor, data, Buffer.from([0, 0, 3])])
}

const key = Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 1, 2, 3])
const delta = Buffer.from([0x11, 0, 0, 5])

const frame = (n: number, data: Buffer): Packet => ({
  sequence: 65_534 + n,
  timestamp: 2 ** 32 - 3000 + n * 3000,
  data,
})

/** What a list of packets, each a millisecond after the one before, is made into. */
function framesOf(packets: readonly Packet[], frames = new Vp8Frames(), from = 0): Vp8Frame[] {
  return packets.flatMap((packet, index) => frames.push(rtp(packet), from + index))
}

describe('Vp8Frames', () => {
  it('begins at a key frame, tells its size, and counts time and numbers on over their ends', () => {
    const frames = framesOf([frame(0, delta), frame(1, key), frame(2, delta), frame(3, delta)])
    expect(frames.map(({ time, size, timestamp }) => ({ time, size, timestamp }))).toEqual([
      { time: 0, size: { width: 640, height: 360 }, timestamp: 0 },
      { time: 3000, size: null, timestamp: 3000 },
      { time: 6000, size: null, timestamp: 6000 },
    ])
  })

  it('puts packets of a frame together, and in order', () => {
    const cut = [
      { ...frame(0, key.subarray(0, 4)), marker: false },
      { ...frame(0, key.subarray(4, 8)), sequence: 65_535, start: false, marker: false },
      { ...frame(0, key.subarray(8)), sequence: 65_536, start: false },
    ]
    const [a, b, c] = cut
    if (!a || !b || !c) throw new Error('three packets')
    for (const order of [
      [a, b, c],
      [a, c, b],
    ]) {
      expect(framesOf(order).map(({ data }) => data)).toEqual([key])
    }
  })

  it('reads past contributing sources, extensions, every field of the descriptor, and padding', () => {
    const [got] = new Vp8Frames().push(rtp(frame(0, key), true), 0)
    expect(got?.data).toEqual(key)
  })

  it('takes no packet twice, and none that comes after its turn', () => {
    const frames = new Vp8Frames()
    expect(framesOf([frame(0, key), frame(0, key), frame(1, delta), frame(0, key)], frames)).toHaveLength(2)
  })

  it('waits 200 ms for a packet that is missing, and gives out nothing broken: a key frame comes first', () => {
    const frames = new Vp8Frames()
    expect(framesOf([frame(0, key), frame(2, delta)], frames)).toHaveLength(1)
    expect(frames.push(rtp(frame(3, delta)), 150)).toEqual([])
    expect(frames.keyFrameNeeded).toBe(false)
    expect(frames.push(rtp(frame(4, delta)), 260)).toEqual([])
    expect(frames.keyFrameNeeded).toBe(true)
    const [next] = frames.push(rtp(frame(5, key)), 270)
    expect(next).toMatchObject({ time: 15_000, size: { width: 640 } })
    expect(frames.keyFrameNeeded).toBe(false)
  })

  it('uses what was recovered in time', () => {
    const frames = new Vp8Frames()
    framesOf([frame(0, key), frame(2, delta)], frames)
    const got = frames.push(rtp(frame(1, delta)), 160)
    expect(got.map(({ time }) => time)).toEqual([3000, 6000])
  })

  it('drops a frame whose end or beginning never came', () => {
    const frames = new Vp8Frames()
    const open = { ...frame(1, delta), marker: false }
    const headless = { ...frame(3, delta), start: false }
    expect(framesOf([frame(0, key), open, frame(2, delta)], frames).map(({ time }) => time)).toEqual([0])
    expect(framesOf([headless, frame(4, key)], frames).map(({ time }) => time)).toEqual([12_000])
  })

  it('keeps no more than 256 packets waiting', () => {
    const frames = new Vp8Frames()
    framesOf([frame(0, key)], frames)
    for (let n = 2; n < 258; n++) expect(frames.push(rtp(frame(n, key)), 1)).toEqual([])
    expect(frames.push(rtp(frame(258, key)), 1).length).toBe(257)
  })

  it('survives whatever bytes come', () => {
    const frames = new Vp8Frames()
    for (const bytes of ['', '80', '8060', 'b060000100000000000000010000', 'a0600001000000000000000100ff']) {
      expect(frames.push(Buffer.from(bytes, 'hex'), 0)).toEqual([])
    }
    for (let first = 0; first < 256; first++) frames.push(Buffer.alloc(20, first), first)
    expect(frames.push(rtp(frame(0, Buffer.from([0x10]))), 0)).toEqual([])
  })
})
