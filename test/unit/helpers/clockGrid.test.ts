import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClockStamp, clockGrid, type Pixels } from '../../helpers/clockGrid.ts'

const grid = clockGrid()
const stamps = fc.record({
  ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  frame: fc.integer({ min: 0, max: 65535 }),
  source: fc.integer({ min: 0, max: 15 }),
})
const sizes = fc.record({ width: fc.integer({ min: 128, max: 400 }), height: fc.integer({ min: 72, max: 240 }) })
const stamp: ClockStamp = { ms: 1_795_244_400_123, frame: 4711, source: 3 }

/** Draws the cells as a canvas would; `level` turns a cell and its place into a grey of 0 to 255. */
function draw(
  of: ClockStamp,
  size: { width: number; height: number },
  level = (cell: number, _at: number) => cell * 255,
): Pixels {
  const cells = grid.encode(of)
  const data = new Uint8ClampedArray(size.width * size.height * 4)
  for (let at = 0; at < size.width * size.height; at++) {
    const row = Math.floor((Math.floor(at / size.width) * grid.rows) / size.height)
    const column = Math.floor(((at % size.width) * grid.columns) / size.width)
    data.fill(level(cells[row]?.[column] ?? 0.5, at), at * 4, at * 4 + 4)
  }
  return { data, ...size }
}

/** Moves every pixel to where `place` says. */
function move(
  from: Pixels,
  size: { width: number; height: number },
  place: (x: number, y: number) => [number, number],
): Pixels {
  const data = new Uint8ClampedArray(size.width * size.height * 4)
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < from.width; x++) {
      const [toX, toY] = place(x, y)
      data.fill(
        from.data[(y * from.width + x) * 4] ?? 0,
        (toY * size.width + toX) * 4,
        (toY * size.width + toX) * 4 + 4,
      )
    }
  }
  return { data, ...size }
}

describe('the code of the clock picture', () => {
  it('reads back what was drawn, at any size', () => {
    fc.assert(
      fc.property(stamps, sizes, (of, size) => {
        expect(grid.decode(draw(of, size))).toEqual({ ...of, upright: true })
      }),
      { numRuns: 40 },
    )
  })

  it('survives low contrast and strong noise', () => {
    fc.assert(
      fc.property(stamps, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (of, seed) => {
        let state = seed
        const noise = () => {
          state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
          return (state / 0x7fffffff - 0.5) * 160
        }
        const noisy = draw(of, { width: 320, height: 180 }, (cell) => 60 + cell * 110 + noise())
        expect(grid.decode(noisy)).toEqual({ ...of, upright: true })
      }),
      { numRuns: 20 },
    )
  })

  it('reads a mirrored, an upside-down and a turned picture and says that it does not stand upright', () => {
    const size = { width: 320, height: 180 }
    const tall = { width: 180, height: 320 }
    const upright = draw(stamp, size)
    const others = [
      move(upright, size, (x, y) => [319 - x, y]),
      move(upright, size, (x, y) => [x, 179 - y]),
      move(upright, size, (x, y) => [319 - x, 179 - y]),
      move(upright, tall, (x, y) => [179 - y, x]),
      move(upright, tall, (x, y) => [y, 319 - x]),
    ]
    for (const picture of others) expect(grid.decode(picture)).toEqual({ ...stamp, upright: false })
  })

  it('says nothing for a black frame, a grey frame or another picture', () => {
    const size = { width: 320, height: 180 }
    expect(grid.decode(draw(stamp, size, () => 0))).toBeNull()
    expect(grid.decode(draw(stamp, size, (cell) => 120 + cell * 20))).toBeNull()
    expect(grid.decode(draw(stamp, size, (_, at) => (at % 320 < 160 ? 255 : 0)))).toBeNull()
  })

  it('refuses a picture in which any single cell was lost', () => {
    const size = { width: 160, height: 90 }
    for (let column = 1; column < 15; column++) {
      for (let row = 1; row < 7; row++) {
        const inCell = (at: number) => Math.floor((at % 160) / 10) === column && Math.floor(at / 1600) === row
        expect(grid.decode(draw(stamp, size, (cell, at) => (inCell(at) ? 1 - cell : cell) * 255))).toBeNull()
      }
    }
  })
})
