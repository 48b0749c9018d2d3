/** In charge of the browsers' autoplay rules: sound where it is allowed, a silent picture where it is not. */

/**
 * `playing`: as asked. `silenced`: plays without the sound that was asked for. `blocked`: not even that; the person has
 * to press play. `superseded`: another source or another call took over.
 */
export type PlayOutcome = 'playing' | 'silenced' | 'blocked' | 'superseded'

/** What this needs of a video element. */
export type Playable = Pick<HTMLMediaElement, 'muted' | 'play'>

/** Never rejects. A browser that refuses sound says `NotAllowedError` at once, before there is anything to play. */
export async function playAsAllowed(video: Playable, withSound: boolean): Promise<PlayOutcome> {
  video.muted = !withSound
  const first = await tryToPlay(video)
  if (first !== 'blocked' || !withSound) return first
  video.muted = true
  const second = await tryToPlay(video)
  return second === 'playing' ? 'silenced' : second
}

async function tryToPlay(video: Playable): Promise<'playing' | 'blocked' | 'superseded'> {
  try {
    await video.play()
    return 'playing'
  } catch (error) {
    return error instanceof Error && error.name === 'NotAllowedError' ? 'blocked' : 'superseded'
  }
}
