/** Decides into which rungs a picture is transcoded, and when a change of the source asks for others. Pure. */
import type { PictureSize } from './vp8Payload.ts'

export interface Rung extends PictureSize {
  /** Bits per second, at most, over a second. */
  readonly bitrate: number
}

/** 2.0 Mbit/s for 720p at 30 fps, and per pixel a little more the smaller the picture is: 0.98 for 480p, 0.35 for 270p. */
const REFERENCE = { pixels: 1280 * 720, bitrate: 2_000_000, exponent: 0.88 }
/** Rungs whose sides differ by less are one too many. */
const SMALLEST_STEP = 1.2
/** A source of another shape gets black bars; beyond this share of a side it gets rungs of its own shape. */
const TOLERATED_BARS = 0.05

/**
 * The rungs of a source, lowest first, in its shape, with even sides and never larger than it.
 * @param heights The shorter sides wanted, in pixels, in any order; at least one.
 * @param most How many rungs at most, the lowest are kept; at least 1.
 */
export function ladder(source: PictureSize, heights: readonly number[], most: number): Rung[] {
  const short = Math.min(source.width, source.height)
  const sides: number[] = []
  for (const wanted of heights.toSorted((a, b) => b - a)) {
    const side = Math.min(wanted, short)
    const above = sides.at(-1)
    if (above === undefined || above / side >= SMALLEST_STEP) sides.push(side)
  }
  const rungs = sides.map((side) => rung(source, side / short)).reverse()
  return rungs.slice(0, Math.max(1, most))
}

/** Whether a source of this size deserves other rungs than those it has: a larger top one, or another shape. */
export function outgrows(
  rungs: readonly Rung[],
  source: PictureSize,
  heights: readonly number[],
  most: number,
): boolean {
  const top = rungs.at(-1)
  const better = ladder(source, heights, most).at(-1)
  if (!top || !better) return false
  const shape = (size: PictureSize) => size.width / size.height
  if (Math.abs(shape(top) / shape(better) - 1) > TOLERATED_BARS) return true
  return Math.min(better.width, better.height) / Math.min(top.width, top.height) >= SMALLEST_STEP
}

function rung(source: PictureSize, scale: number): Rung {
  const [width, height] = [even(source.width, scale), even(source.height, scale)]
  const bitrate = REFERENCE.bitrate * ((width * height) / REFERENCE.pixels) ** REFERENCE.exponent
  return { width, height, bitrate: Math.round(bitrate / 10_000) * 10_000 }
}

/** H.264 in 4:2:0 has even sides. A side of the source that is odd loses its last line. */
function even(side: number, scale: number): number {
  return Math.max(2, 2 * Math.min(Math.round((side * scale) / 2), Math.floor(side / 2)))
}
