/** In charge of where a browser that plays HLS by itself should be: Safari may begin 15 to 20 s behind, and stays there. Pure. */

type Seekable = Pick<TimeRanges, 'length' | 'end'>

/** Seconds behind the end of what can be played from which a jump is worth its stutter. */
const FAR_BEHIND_S = 6

/** Seconds: at the very end a browser would wait for what comes next. Three parts and a little, as for hls.js. */
const DISTANCE_S = 1.5

/** The position to jump to, in seconds of the element's time, or null to stay. An endless range is no live one. */
export function liveJump(seekable: Seekable, currentTime: number): number | null {
  const edge = liveEdge(seekable)
  return edge !== null && edge + DISTANCE_S - currentTime > FAR_BEHIND_S ? edge : null
}

/** As near to live as it can play, in seconds of the element's time; null while that is not known. */
export function liveEdge(seekable: Seekable): number | null {
  const end = seekable.length === 0 ? Number.NaN : seekable.end(seekable.length - 1)
  return Number.isFinite(end) ? end - DISTANCE_S : null
}
