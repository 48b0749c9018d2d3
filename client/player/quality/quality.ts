/**
 * In charge of one decision: which of the qualities that there are is the highest wanted. Pure. A choice is told in lines,
 * not by a number of a layer, so that it means the same by whatever transport the picture comes.
 */

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** `auto`: as good as the size of the picture on the screen makes sense. `saver`: little data. Else at most so many lines. */
export type Quality = 'auto' | 'saver' | number

export interface QualityWish {
  readonly quality: Quality
  /** Device pixels that the picture has on the screen; zero while nobody can see it, null while that is not known. */
  readonly box: Size | null
}

/** A picture may be enlarged by so much before the next better one is worth its bits: nobody sees it. */
const MAY_ENLARGE = 1.2
/** Below so many lines faces and letters are lost: the data saver goes lower only where there is nothing between. */
const SENSIBLE_LINES = 240
/** Choosing 720 means a picture of 716 lines as well: encoders round sizes to whole blocks. */
const ROUNDING = 16

/** By its short side, so that a phone held upright counts as one held level. */
export function linesOf({ width, height }: Size): number {
  return Math.min(width, height)
}

/** What an attribute, a setting or a page says; `auto` for what is none. */
export function parseQuality(text: string | null): Quality {
  if (text === 'saver') return 'saver'
  const lines = Number(text ?? '')
  return Number.isInteger(lines) && lines > 0 ? lines : 'auto'
}

/** Index of the highest wanted of some qualities, lowest first; the last one when all are, -1 when there are none. */
export function highestWanted(sizes: readonly Size[], { quality, box }: QualityWish): number {
  const top = sizes.length - 1
  if (typeof quality === 'number') {
    // What a person chose is not taken back by a small window, but nobody looks at a hidden one.
    const chosen = sizes.findLastIndex((size) => linesOf(size) <= quality + ROUNDING)
    return isHidden(box) ? Math.min(0, top) : Math.max(Math.min(0, top), chosen)
  }
  const enough = box === null ? -1 : sizes.findIndex((size) => covers(size, box))
  const bySize = enough === -1 ? top : enough
  return quality === 'saver' ? Math.min(bySize, sparing(sizes)) : bySize
}

/** The lowest that is still worth watching; the one below the top at most, or nothing would be saved. */
function sparing(sizes: readonly Size[]): number {
  const sensible = sizes.findIndex((size) => linesOf(size) >= SENSIBLE_LINES)
  const top = sizes.length - 1
  return sensible === -1 ? Math.max(0, top) : Math.max(0, Math.min(sensible, top - 1))
}

/** The picture lies whole within the box, as large as fits: `object-fit: contain`. */
function covers({ width, height }: Size, box: Size): boolean {
  return Math.min(box.width / width, box.height / height) <= MAY_ENLARGE
}

function isHidden(box: Size | null): boolean {
  return box !== null && (box.width === 0 || box.height === 0)
}

/** A number of simulcast layers, and what is known of some of them. */
export interface LayerFacts {
  readonly count: number
  /** Layer → size, where it is known. */
  readonly known: ReadonlyMap<number, Size>
}

/** What the top layer is taken for while nothing is known: our own studio's. */
const USUAL_TOP: Size = { width: 1280, height: 720 }

/** Sizes of all layers, lowest first: each has half the width and height of the next where nothing better is known. */
export function layerSizes({ count, known }: LayerFacts): Size[] {
  const [nearest, size] = [...known].at(-1) ?? [count - 1, USUAL_TOP]
  return Array.from({ length: count }, (_, layer) => {
    const factor = 2 ** (layer - nearest)
    return known.get(layer) ?? { width: size.width * factor, height: size.height * factor }
  })
}
