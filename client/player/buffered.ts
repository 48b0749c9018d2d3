/** Pure questions about what a media element has loaded. */

/** Whether there is media at a position and for so long behind it, in seconds of the element's time. */
export function isBuffered(
  ranges: Pick<TimeRanges, 'length' | 'start' | 'end'>,
  position: number,
  margin: number,
): boolean {
  for (let index = 0; index < ranges.length; index++) {
    if (position >= ranges.start(index) && position + margin < ranges.end(index)) return true
  }
  return false
}
