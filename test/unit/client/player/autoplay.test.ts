import { describe, expect, it } from 'vitest'
import { type Playable, playAsAllowed } from '../../../../client/player/autoplay.ts'

/** A video element of a browser with the given autoplay rule. */
function videoWhere(allows: (muted: boolean) => boolean, refusal = 'NotAllowedError'): Playable {
  const video = {
    muted: false,
    play: async () => {
      if (!allows(video.muted)) throw Object.assign(new Error('no'), { name: refusal })
    },
  }
  return video
}

describe('playAsAllowed', () => {
  it.each([
    ['plays with sound where that is allowed', () => true, true, 'playing', false],
    ['plays without the sound that needs a touch first', (muted: boolean) => muted, true, 'silenced', true],
    ['plays in silence when no sound is asked for', (muted: boolean) => muted, false, 'playing', true],
    ['says when not even silence is allowed', () => false, true, 'blocked', true],
  ] as const)('%s', async (_case, allows, withSound, outcome, muted) => {
    const video = videoWhere(allows)
    expect(await playAsAllowed(video, withSound)).toBe(outcome)
    expect(video.muted).toBe(muted)
  })

  it('does not mute because another source took over', async () => {
    const video = videoWhere(() => false, 'AbortError')
    expect(await playAsAllowed(video, true)).toBe('superseded')
    expect(video.muted).toBe(false)
  })
})
