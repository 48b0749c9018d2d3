/**
 * In charge of pictures that a decoder gives up on: hls.js makes the decoder anew and goes on where it was, which is right
 * in front of the same picture. One that a sender left torn would hold a recording up for ever.
 */
import type HlsJs from 'hls.js'

/** Seconds within which a decoder that gives up again does so over the same picture: it is ahead of what is seen. */
const SAME_PLACE_S = 1

/** Where to go on, in seconds of the element's time. `at`: where it gave up; `before`: where it did the time before. */
export function afterBadPlace(
  at: number,
  before: number | null,
  segments: readonly { readonly start: number }[],
): number | null {
  if (before === null || Math.abs(at - before) > SAME_PLACE_S) return null
  return segments.find(({ start }) => start > at)?.start ?? null
}

/** Goes on with the next segment where it gave up twice. */
export function skipBadPlaces(
  hls: HlsJs,
  { Events, ErrorDetails }: typeof import('hls.js'),
  video: HTMLVideoElement,
): void {
  let before: number | null = null
  hls.on(Events.ERROR, (_event, { details }) => {
    if (details !== ErrorDetails.MEDIA_SOURCE_REQUIRES_RESET) return
    const { currentTime } = video
    const next = afterBadPlace(currentTime, before, hls.latestLevelDetails?.fragments ?? [])
    before = currentTime
    // After hls.js's own answer, which follows at once.
    if (next !== null) queueMicrotask(() => hls.startLoad(next))
  })
}
