/** In charge of the highest level that hls.js may choose. Pure. Levels are numbered from the lowest; -1 is any, as there. */
import { highestWanted, type QualityWish, type Size } from './quality.ts'

/** What a level of hls.js says of its size; 0 for what is not known. */
export function wishedCap(levels: readonly Size[], wish: QualityWish): number {
  if (levels.some(({ height }) => !height)) return -1
  const highest = highestWanted(levels, wish)
  return highest === levels.length - 1 ? -1 : highest
}

export function lowerCap(a: number, b: number): number {
  return a === -1 || b === -1 ? Math.max(a, b) : Math.min(a, b)
}
