/** In charge of how long segments are to be, before their key frames have a say. Pure; in ticks of the timeline. */
import { ticks } from './Timeline.ts'

/** For so long a key frame that could end a segment may come by itself. */
const PATIENCE = ticks(0.3)

/**
 * Nobody can play before a first segment is listed, so that one is as short as a player that begins with it can bear: in
 * part targets, what it keeps from the live edge (`PART-HOLD-BACK`). A key frame is asked for at once.
 */
const FIRST_SEGMENT_PARTS = 3

export interface SegmentLength {
  /** From here on a common key frame ends the segment. */
  readonly minimum: number
  /** From here on one is asked for. */
  readonly due: number
}

/** @param usual seconds after which a common key frame ends a segment @param partTarget seconds */
export function segmentLength(usual: number, partTarget: number, isFirst: boolean): SegmentLength {
  if (!isFirst) return { minimum: ticks(usual), due: ticks(usual) + PATIENCE }
  const minimum = ticks(Math.min(usual, FIRST_SEGMENT_PARTS * partTarget))
  return { minimum, due: minimum }
}
