/** In charge of where a browser that plays HLS by itself should be: Safari may begin 15 to 20 s behind, and stays there. Pure. */

/** Seconds behind the end of what can be played from which a jump is worth its stutter. */
const FAR_BEHIND_S = 6

/** Seconds: at the very end a browser would wait for what comes next. Three parts and a little, as for hls.js. */
const DISTANCE_S = 1.5

/** The position to jump to, in seconds of the element's time, or null to stay. An endless range is no live one. */
export function liveJump(seekable: Pick<TimeRanges, 'length' | 'end'>, currentTime: number): number | null {
  const end = seekable.length === 0 ? Number.NaN : seekable.end(seekable.length - 1)
  return Number.isFinite(end) && end - currentTime > FAR_BEHIND_S ? end - DISTANCE_S : null
}
