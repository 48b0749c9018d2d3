/** In charge of telling a video element that somebody stopped from one that cannot go on. Pure. */

/** What this needs of a video element. */
export type Playing = Pick<HTMLMediaElement, 'paused' | 'ended' | 'error' | 'readyState'>

/** `readyState` of an element that has nothing to show or play. */
const HAVE_NOTHING = 0

/**
 * Whether a person, a media key or the browser's rules stopped it. An element is paused as well, without anyone's wish, at
 * its end, by a fatal error (Chromium: half a frame is one), and from then on until a new source has something to play.
 */
export function isStopped({ paused, ended, error, readyState }: Playing): boolean {
  return paused && !ended && error === null && readyState > HAVE_NOTHING
}
