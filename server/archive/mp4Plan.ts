/** Decides what of a recording goes where in one MP4: which rung of which segment, and how far it is moved in time. Pure. */
import { type ArchivedRendition, type ArchivedSegment, isThere } from './archiveIndex.ts'

/** One segment of one rendition. */
export interface Mp4Piece {
  readonly kind: 'video' | 'audio'
  readonly rendition: string
  /** File names. */
  readonly name: string
  readonly init: string
  /** Ticks a second, and the ticks to add to its times. */
  readonly timescale: number
  readonly shift: number
}

/** A rung that has less than this share of what the fullest one has is no main picture, however sharp it is. */
const LEAST_SHARE = 0.5

/**
 * Pieces in the order of their time, the picture of a segment before its sound. The picture is the best rung that was there
 * most of the time, and where it is missing the next best one. What was not broadcast takes no time: after a discontinuity
 * times go on where the longer of picture and sound ended, and both keep their distance.
 */
export function planMp4(renditions: readonly ArchivedRendition[], segments: readonly ArchivedSegment[]): Mp4Piece[] {
  const rungs = orderRungs(renditions, segments)
  const audio = renditions.find((rendition) => rendition.kind === 'audio')?.id
  const pieces: Mp4Piece[] = []
  let origin = 0
  let begin = 0
  let end = 0
  for (const [index, segment] of segments.entries()) {
    if (index === 0 || segment.discontinuity) {
      begin = end
      origin = Math.min(...[...segment.tracks.values()].map(({ start, timescale }) => start / timescale))
    }
    const choice = [
      { kind: 'video' as const, id: rungs.find((rung) => isThere(segment.tracks.get(rung))) },
      { kind: 'audio' as const, id: audio },
    ]
    for (const { kind, id } of choice) {
      const track = id === undefined ? undefined : segment.tracks.get(id)
      if (id === undefined || !track) continue
      const { start, length, timescale, init } = track
      end = Math.max(end, begin + (start + length) / timescale - origin)
      if (!isThere(track) || init === null) continue
      const shift = Math.round((begin - origin) * timescale)
      pieces.push({ kind, rendition: id, name: segment.name, init, timescale, shift })
    }
  }
  return pieces
}

/** The main rung first, then the others, the sharpest first. */
function orderRungs(renditions: readonly ArchivedRendition[], segments: readonly ArchivedSegment[]): string[] {
  const rungs = renditions
    .filter((rendition) => rendition.kind === 'video')
    .map(({ id, width, height }) => ({
      id,
      pixels: width * height,
      count: segments.filter((segment) => isThere(segment.tracks.get(id))).length,
    }))
    .toSorted((a, b) => b.pixels - a.pixels || (a.id < b.id ? 1 : -1))
  const fullest = Math.max(0, ...rungs.map(({ count }) => count))
  const main = rungs.find(({ count }) => count >= fullest * LEAST_SHARE)
  return [...(main ? [main] : []), ...rungs.filter((rung) => rung !== main)].map(({ id }) => id)
}
