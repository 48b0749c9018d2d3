import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoxError, BoxReader, childBoxes, MAX_BOX_BYTES } from '../../../server/packager/boxReader.ts'
import { box, u32 } from '../../../server/packager/boxWriter.ts'

const types = fc.constantFrom('ftyp', 'moov', 'prft', 'moof', 'mdat', 'free')
const boxes = fc.array(fc.record({ type: types, body: fc.uint8Array({ maxLength: 200 }) }), { maxLength: 12 })

describe('BoxReader', () => {
  it('gives the same boxes however the bytes are cut', () => {
    fc.assert(
      fc.property(boxes, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (wanted, sizes) => {
        const bytes = Buffer.concat(wanted.map(({ type, body }) => box(type, Buffer.from(body))))
        const reader = new BoxReader()
        const found = []
        for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          found.push(...reader.push(bytes.subarray(offset, offset + size)))
          offset += size
        }
        expect(found.map(({ type, body }) => [type, body.toString('hex')])).toEqual(
          wanted.map(({ type, body }) => [type, Buffer.from(body).toString('hex')]),
        )
        expect(reader.buffered).toBe(0)
      }),
    )
  })

  it('either reads random bytes or refuses them with a BoxError, and never holds more than one box', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        const reader = new BoxReader()
        try {
          for (const chunk of chunks) reader.push(Buffer.from(chunk))
        } catch (error) {
          expect(error).toBeInstanceOf(BoxError)
        }
        expect(reader.buffered).toBeLessThanOrEqual(MAX_BOX_BYTES)
      }),
    )
  })

  it('reads a box whose size has 64 bits', () => {
    const bytes = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 17), Buffer.from([7])])
    expect(new BoxReader().push(bytes)).toEqual([{ type: 'mdat', body: Buffer.from([7]) }])
  })

  it.each([
    ['larger than its bound', Buffer.concat([u32(MAX_BOX_BYTES + 1), Buffer.from('mdat')])],
    ['smaller than its header', Buffer.concat([u32(7), Buffer.from('mdat')])],
    ['without an end', Buffer.concat([u32(0), Buffer.from('mdat')])],
    ['whose type is no text', Buffer.concat([u32(16), Buffer.from([0, 1, 2, 3])])],
  ])('refuses a box %s, and everything after it', (_what, bytes) => {
    const reader = new BoxReader()
    expect(() => reader.push(bytes)).toThrow(BoxError)
    expect(() => reader.push(box('free'))).toThrow(BoxError)
    expect(reader.buffered).toBe(0)
  })

  it('refuses a child that is larger than the box around it', () => {
    expect(() => childBoxes(Buffer.concat([u32(100), Buffer.from('trak')]))).toThrow(BoxError)
  })
})
