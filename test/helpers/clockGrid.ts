/** In charge of the code of the clock picture: time, frame number and source as large black and white cells, and back. */

/** What one frame of the clock picture says about itself. */
export interface ClockStamp {
  /** Wall clock in milliseconds since the Unix epoch when the frame was drawn, an integer below 2^48. */
  ms: number
  /** Number of the frame, 0 to 65535, then from 0 again. */
  frame: number
  /** Which picture it is, 0 to 15, so that a test knows the camera from the screen and one broadcast from another. */
  source: number
}

/** A stamp read back, and whether the picture stood as it was drawn (neither mirrored nor turned). */
export interface ClockReading extends ClockStamp {
  upright: boolean
}

/** Pixels as a canvas hands them out: four bytes each, rows from the top. */
export interface Pixels {
  data: ArrayLike<number>
  width: number
  height: number
}

/**
 * Makes the encoder and the decoder. Everything is inside this one function and refers to nothing outside it, because
 * tests send its source text into pages.
 *
 * The picture is 16 × 9 cells stretched over the frame (20 × 20 pixels at 320×180, larger than H.264's macroblocks).
 * Top row and right column are white, bottom row and left column black: that tells which way the picture stands and
 * gives the levels of black and white. Rows 1 to 6 inside carry 84 bits: 48 ms, 16 frame, 4 source, 16 check. Row 7
 * inside is left to moving colours.
 */
export function clockGrid() {
  const columns = 16
  const rows = 9
  /** Least difference, of 255, between the white and the black border; below it there is no picture to read. */
  const leastContrast = 48

  /** CRC-16/CCITT-FALSE over single bits. */
  function checksum(bits: number[]): number {
    let crc = 0xffff
    for (const bit of bits) {
      const high = (crc >> 15) & 1
      crc = (crc << 1) & 0xffff
      if (high !== bit) crc ^= 0x1021
    }
    return crc
  }

  function toBits(value: number, length: number): number[] {
    return Array.from({ length }, (_, index) => Math.floor(value / 2 ** (length - 1 - index)) % 2)
  }

  function toNumber(bits: number[]): number {
    return bits.reduce((value, bit) => value * 2 + bit, 0)
  }

  /** The border's colour, or undefined inside. */
  function border(row: number, column: number): number | undefined {
    if (row === 0) return 1
    if (row === rows - 1) return 0
    if (column === 0) return 0
    return column === columns - 1 ? 1 : undefined
  }

  /** The cells row by row: 1 white, 0 black, undefined where the moving colours are. */
  function encode(stamp: ClockStamp): (number | undefined)[][] {
    const bits = [...toBits(stamp.ms, 48), ...toBits(stamp.frame, 16), ...toBits(stamp.source, 4)]
    bits.push(...toBits(checksum(bits), 16))
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => {
        const edge = border(row, column)
        if (edge !== undefined) return edge
        return row < rows - 2 ? bits[(row - 1) * (columns - 2) + column - 1] : undefined
      }),
    )
  }

  /** Mean luma of the middle half of each cell, when the frame is cut into `down` × `across` of them. */
  function cellMeans(pixels: Pixels, down: number, across: number): number[][] {
    const middle = (index: number, count: number, size: number) => {
      const from = Math.floor(((index + 0.25) * size) / count)
      return { from, to: Math.max(from + 1, Math.floor(((index + 0.75) * size) / count)) }
    }
    return Array.from({ length: down }, (_, row) =>
      Array.from({ length: across }, (_, column) => {
        const y = middle(row, down, pixels.height)
        const x = middle(column, across, pixels.width)
        let sum = 0
        for (let line = y.from; line < y.to; line++) {
          for (let dot = x.from; dot < x.to; dot++) {
            const at = (line * pixels.width + dot) * 4
            const [red = 0, green = 0, blue = 0] = [pixels.data[at], pixels.data[at + 1], pixels.data[at + 2]]
            sum += 0.299 * red + 0.587 * green + 0.114 * blue
          }
        }
        return sum / ((y.to - y.from) * (x.to - x.from))
      }),
    )
  }

  /** Reads cells that stand as they were drawn; null where the border or the checksum says that they do not. */
  function decodeCells(cells: number[][]): ClockStamp | null {
    const white: number[] = []
    const black: number[] = []
    cells.forEach((line, row) => {
      line.forEach((level, column) => {
        const edge = border(row, column)
        if (edge !== undefined) (edge === 1 ? white : black).push(level)
      })
    })
    const mean = (levels: number[]) => levels.reduce((sum, level) => sum + level, 0) / levels.length
    const threshold = (mean(white) + mean(black)) / 2
    if (mean(white) - mean(black) < leastContrast) return null
    if (white.some((level) => level < threshold) || black.some((level) => level > threshold)) return null

    const bits = cells
      .slice(1, rows - 2)
      .flatMap((line) => line.slice(1, columns - 1).map((level) => Number(level > threshold)))
    if (toNumber(bits.slice(68)) !== checksum(bits.slice(0, 68))) return null
    return {
      ms: toNumber(bits.slice(0, 48)),
      frame: toNumber(bits.slice(48, 64)),
      source: toNumber(bits.slice(64, 68)),
    }
  }

  /** Reads a frame of any size, standing any of the eight ways; null when it holds no readable clock picture. */
  function decode(pixels: Pixels): ClockReading | null {
    const wide = cellMeans(pixels, rows, columns)
    const tall = cellMeans(pixels, columns, rows)
    const turned = Array.from({ length: rows }, (_, row) => tall.map((line) => line[row] ?? 0))
    for (const cells of [wide, turned]) {
      const mirrored = cells.map((line) => [...line].reverse())
      for (const candidate of [cells, mirrored, [...cells].reverse(), [...mirrored].reverse()]) {
        const stamp = decodeCells(candidate)
        if (stamp) return { ...stamp, upright: candidate === wide }
      }
    }
    return null
  }

  return { columns, rows, encode, decode }
}
