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

/**
 * The same for what is live, where nobody waits for the second time: the newest segment that begins behind the bad picture
 * and not after where one should be by now (`sync`), else the next one. Without it hls.js goes on at the bad place, finds it
 * gone from the listed parts, and stands for five seconds. Null while there is none.
 */
export function afterBadLivePlace(
  at: number,
  sync: number | null,
  segments: readonly { readonly start: number }[],
): number | null {
  const behind = segments.filter(({ start }) => start > at)
  return (behind.findLast(({ start }) => start <= (sync ?? at)) ?? behind[0])?.start ?? null
}

function whereToGoOn({ latestLevelDetails: details, liveSyncPosition }: HlsJs, at: number, before: number | null) {
  if (!details?.live) return afterBadPlace(at, before, details?.fragments ?? [])
  // What is under way is listed by its parts alone.
  const { fragments, fragmentHint } = details
  return afterBadLivePlace(at, liveSyncPosition, fragmentHint ? [...fragments, fragmentHint] : fragments)
}

/** Goes on with another segment: in a recording where the decoder gave up twice. Returns the function that ends it. */
export function skipBadPlaces(hls: HlsJs, video: HTMLVideoElement, clock: Clock): () => void {
  let before: number | null = null
  let cancel: CancelTimer | undefined
  const onError = (): void => {
    const at = video.currentTime
    const next = whereToGoOn(hls, at, before)
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
