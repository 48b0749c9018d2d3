/** Small streams of pictures and sound as cues of a stage. */
import { START } from './ManualClock.ts'
import type { Cue, Stage } from './Stage.ts'
import {
  aacHeader,
  fragment,
  IDR,
  keyPicture,
  OTHER_PPS,
  OTHER_SPS,
  opusHeader,
  picture,
  sample,
  TORN,
  videoHeader,
} from './syntheticMedia.ts'

/** From capture to the packager, milliseconds. */
const DELAY = 50

export interface Pictures {
  readonly layer?: number
  readonly from?: number
  readonly until: number
  /** Seconds at which key frames are due. */
  readonly keyFrames: readonly number[]
  /** From here on with other parameter sets. */
  readonly changesAt?: number
  /** The frame at this second lacks its end. */
  readonly tornAt?: number
  /** Before the frames at these seconds comes another that lasts half a millisecond. */
  readonly slivers?: readonly number[]
  /** The frame at the first second stays until the next one, which comes at the other second. */
  readonly pause?: readonly [number, number]
  /** Seconds in which nothing comes. */
  readonly without?: readonly [number, number]
  /** From a second on media time is so many seconds further than the instants say. */
  readonly leap?: { readonly at: number; readonly by: number }
  readonly close?: boolean
  readonly cause?: 'start' | 'restart'
}

/** 10 frames a second between two times in seconds. */
export function pictures(stage: Stage, { layer = 0, from = 0, until, keyFrames, ...more }: Pictures): Cue[] {
  const {
    changesAt = 1e9,
    slivers = [],
    without: [gone, back] = [0, 0],
    close = false,
    cause = 'start',
    leap,
    tornAt = -1,
    pause = [0, 0],
  } = more
  const arrivals = [{ at: START + from * 1000, bytes: videoHeader() }]
  for (let index = Math.round(from * 10); index < until * 10; index++) {
    const key = keyFrames.some((time) => Math.round(time * 10) === index)
    const between = index === Math.round(tornAt * 10) ? sample(TORN) : picture()
    const data = !key ? between : index < changesAt * 10 ? keyPicture() : sample(OTHER_SPS, OTHER_PPS, IDR)
    const wall = START + index * 100
    if (index >= gone * 10 && index < back * 10) continue
    if (index > pause[0] * 10 && index < pause[1] * 10) continue
    const paused = index > 0 && index === Math.round(pause[0] * 10)
    const duration = paused ? Math.round((pause[1] - pause[0]) * 90_000) : 9000
    if (slivers.some((time) => Math.round(time * 10) === index)) {
      const sliver = { time: (index - Math.round(from * 10)) * 9000 - 45, duration: 45, wall, data: picture() }
      arrivals.push({ at: wall + 100 + DELAY, bytes: fragment(sliver) })
    }
    const leapt = leap && index >= leap.at * 10 ? leap.by * 90_000 : 0
    const frame = { time: (index - Math.round(from * 10)) * 9000 + leapt, duration, wall, data }
    arrivals.push({ at: wall + duration / 90 + DELAY, bytes: fragment(frame) })
  }
  return stage.video(layer, arrivals, { close, cause })
}

/** 48 kHz between two times in seconds. */
export function sound(stage: Stage, until: number, from = 0, close = false): Cue[] {
  const aac = [{ at: START + from * 1000, bytes: aacHeader() }]
  const opus = [{ at: START + from * 1000, bytes: opusHeader() }]
  for (let time = 0; time < (until - from) * 48_000; time += 1024) {
    const wall = START + from * 1000 + time / 48
    const frame = { time, duration: 1024, wall, data: Buffer.from('sound') }
    opus.push({ at: wall + 21 + DELAY, bytes: fragment(frame) })
    aac.push({ at: wall + 21 + DELAY, bytes: fragment({ ...frame, wall: wall + 80 }) })
  }
  return stage.audio({ aac, opus }, { close })
}

/** Multiples of a step below a time. */
export function every(step: number, until: number): number[] {
  return Array.from({ length: Math.ceil(until / step) }, (_, index) => index * step)
}
