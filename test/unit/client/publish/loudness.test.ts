import { describe, expect, it } from 'vitest'
import { LoudnessJudge, type SoundLook } from '../../../../client/publish/loudness.ts'

/** Milliseconds between two looks, as the studio takes them. */
const STEP = 80
const speech: SoundLook = { rms: -24, peak: -9 }
const room: SoundLook = { rms: -52, peak: -45 }
const nothing: SoundLook = { rms: Number.NEGATIVE_INFINITY, peak: Number.NEGATIVE_INFINITY }

/** What it says after so many milliseconds of each sound, one after the other. */
function heard(...sounds: [SoundLook, number][]) {
  const judge = new LoudnessJudge()
  let [now, view] = [1000, judge.add(1000, sounds[0]?.[0] ?? nothing)]
  for (const [look, ms] of sounds) {
    for (const end = now + ms; now < end; ) {
      now += STEP
      view = judge.add(now, look)
    }
  }
  return view
}

describe('whether a person is heard well', () => {
  it.each([
    ['speech, at once', [[speech, 160]], 'good'],
    [
      'speech with a pause for breath',
      [
        [speech, 1000],
        [room, 1500],
      ],
      'good',
    ],
    ['a quiet room, after long enough to tell', [[room, 4000]], 'quiet'],
    ['a cable that is not plugged in', [[nothing, 4000]], 'silent'],
    ['too short a time', [[nothing, 500]], null],
    ['a voice that is cut off', [[{ rms: -6, peak: 0 }, 400]], 'loud'],
    [
      'one knock on the table',
      [
        [speech, 800],
        [{ rms: -12, peak: 0 }, STEP],
        [speech, 800],
      ],
      'good',
    ],
    [
      'a voice that was too loud a while ago',
      [
        [{ rms: -6, peak: 0 }, 1000],
        [speech, 4000],
      ],
      'good',
    ],
    [
      'somebody who walked away',
      [
        [speech, 2000],
        [room, 4000],
      ],
      'quiet',
    ],
  ] as [string, [SoundLook, number][], string | null][])('says of %s: %j is %s', (_, sounds, loudness) => {
    expect(heard(...sounds).loudness).toBe(loudness)
  })

  it('holds a peak for a moment, and lets it go', () => {
    expect(heard([speech, 800], [room, 800]).peak).toBe(-9)
    expect(heard([speech, 800], [room, 2000]).peak).toBe(-45)
  })
})
