/**
 * In charge of pictures that a decoder gives up on, as a sender may leave where it makes its encoder anew: hls.js makes the
 * decoder anew (not once all is buffered) and goes on where it was, which is right in front of the same picture. One of
 * those would hold a recording up for ever.
 */
import type HlsJs from 'hls.js'
import type { CancelTimer, Clock } from '../lib/clock.ts'

/** Seconds within which a decoder that gives up again does so over the same picture: it is ahead of what is seen. */
const SAME_PLACE_S = 1
/** Milliseconds that hls.js has to answer: it does when the media source closes, in the same moment. */
const ANSWER_MS = 100

/** Where to go on, in seconds of the element's time. `at`: where it gave up; `before`: where it did the time before. */
export function afterBadPlace(
  at: number,
  before: number | null,
  segments: readonly { readonly start: number }[],
): number | null {
  if (before === null || Math.abs(at - before) > SAME_PLACE_S) return null
  return segments.find(({ start }) => start > at)?.start ?? null
}

/** Goes on with the next segment where the decoder gave up twice. Returns the function that ends it. */
export function skipBadPlaces(hls: HlsJs, video: HTMLVideoElement, clock: Clock): () => void {
  let before: number | null = null
  let cancel: CancelTimer | undefined
  const onError = (): void => {
    const at = video.currentTime
    const next = afterBadPlace(at, before, hls.latestLevelDetails?.fragments ?? [])
    before = at
    cancel?.()
    cancel = clock.after(ANSWER_MS, () => {
      if (video.error) hls.recoverMediaError()
      if (next !== null) hls.startLoad(next)
    })
  }
  video.addEventListener('error', onError)
  return () => {
    cancel?.()
    video.removeEventListener('error', onError)
  }
}
