/** In charge of what a change at the sender may leave out of the playlists: Chromium makes its encoders anew for it. */
import { expect } from 'vitest'
import type { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { waitFor } from '../../helpers/waitFor.ts'

/** One change. */
interface Change {
  /** Media sequence number of the newest segment before it. */
  readonly newest: number
  /** Since when it was over, on the wall clock in milliseconds. */
  readonly done: number
}

/**
 * Resolves when these renditions list media from after a change. Expects no gap in the sound, and in each layer no more than
 * two in a row: encoders pause for up to two seconds, each for another time, and a layer that fell silent comes back with a
 * segment that begins with a key frame of its own.
 */
export async function expectShortGaps(
  playlists: PlaylistWitness,
  ids: readonly string[],
  { newest, done }: Change,
): Promise<void> {
  for (const id of ids) {
    await waitFor(`${id} lists media from after the change`, () => {
      const last = playlists.last.get(id)?.segments.at(-1)
      return last !== undefined && last.startsAt >= done && !last.gap
    })
    const listed = playlists.since(id, newest + 1).map(({ gap }) => (gap ? 'gap' : 'media'))
    expect(`${id}: ${listed.join()}`).not.toMatch(id === 'audio' ? /gap/ : /gap,gap,gap/)
  }
}
