/** Decides where segments end: the one policy that keeps all renditions on common boundaries and lets none wait for long. */
import { ticks } from './Timeline.ts'

/** Times in ticks of the timeline. */
export interface VideoProgress {
  readonly id: string
  /** Part of the segment under way. */
  readonly present: boolean
  /** Nothing more is to be expected of it soon. */
  readonly silent: boolean
  /** Nothing more can come: its attempt is over. Then it is silent, too. */
  readonly closed: boolean
  /** Of frames not yet used, ascending. */
  readonly keyFrames: readonly number[]
  /** End of its newest frame. */
  readonly reached: number
}

export interface Situation {
  /** Of the segment under way. */
  readonly start: number
  /** A key frame from here on may end it. */
  readonly earliest: number
  /** The horizon that was decided on last: what there is up to here may be in parts already, so it can't end before. */
  readonly committed: number
  /** The target duration: it must have ended by here. */
  readonly latest: number
  readonly video: readonly VideoProgress[]
  /** Pictures flow whose place on the timeline is not known yet. */
  readonly newcomers: boolean
  readonly audio: { readonly reached: number; readonly silent: boolean } | null
}

export type Decision =
  /** Frames that begin before the horizon surely belong to the segment under way. `pending`: a key frame is being weighed. */
  | { readonly kind: 'wait'; readonly horizon: number; readonly pending: boolean }
  /** The segment ends at `at`; the next one carries the video renditions `kept`, the others are absent. */
  | { readonly kind: 'cut'; readonly at: number; readonly kept: readonly string[] }
  /** Nothing flows any more: end the segment where it is. */
  | { readonly kind: 'stop' }

/** Key frames this near are the same picture. Frames of one camera are equal to the tick; a millisecond is for rounding. */
export const SAME_FRAME = ticks(0.001)
/** Without pictures, sound is cut by time. */
const SOUND_SEGMENT = ticks(2)
/** Pictures that end or come back end a segment at once; one shorter than this is not worth its request. */
const SHORTEST = ticks(0.5)
/** So far behind is sound put into parts while newcomers find their place, so that their first key frame can be a boundary. */
const HOLD_FOR_NEWCOMERS = ticks(1)

export function decideBoundary(situation: Situation): Decision {
  const present = situation.video.filter((each) => each.present)
  return present.length > 0 ? decideAmongPresent(situation, present) : decideWithoutPicture(situation)
}

function decideAmongPresent(situation: Situation, present: readonly VideoProgress[]): Decision {
  const { audio, committed, earliest, latest } = situation
  const live = present.filter((each) => !each.silent)
  const returning = situation.video.filter((each) => !each.present && each.reached > situation.start)
  const candidates = keyFramesOf(present, Math.max(earliest, committed), latest)
  for (const at of candidates) {
    const missing = present.filter((each) => !hasKeyFrame(each, at))
    if (missing.some((each) => mayStillBring(each, at))) return wait(at)
    if (missing.some((each) => each.reached > at + SAME_FRAME)) continue
    const late = returning.some((each) => !hasKeyFrame(each, at) && mayStillBring(each, at))
    return late ? wait(at) : cut(situation, at)
  }
  const hearing = audio && !audio.silent
  const last = Math.max(...present.map((each) => each.reached))
  if (hearing && present.every((each) => each.closed) && last >= situation.start + SHORTEST) {
    return cut(situation, Math.min(latest, Math.max(last, committed)))
  }
  if (live.length === 0 && !hearing)
    return candidates[0] === undefined ? { kind: 'stop' } : cut(situation, candidates[0])
  // Where all pictures still coming have been: a late stream may bring a key frame that the others have passed.
  const frontier = Math.min(...(live.length > 0 ? live.map((each) => each.reached) : [audio?.reached ?? 0]))
  if (frontier >= latest) {
    const share = (at: number) => present.filter((each) => hasKeyFrame(each, at)).length
    const best = candidates.toSorted((a, b) => share(b) - share(a) || a - b)[0]
    return best === undefined ? cutByTime(situation, latest) : cut(situation, best)
  }
  return { kind: 'wait', horizon: Math.min(candidates[0] ?? latest, frontier), pending: false }
}

function decideWithoutPicture(situation: Situation): Decision {
  const { audio, committed, start, latest, newcomers, video } = situation
  const coming = video.filter((each) => !each.silent && each.reached > start)
  for (const at of keyFramesOf(coming, Math.max(start + SHORTEST, committed), latest)) {
    return coming.some((each) => !hasKeyFrame(each, at) && mayStillBring(each, at)) ? wait(at) : cut(situation, at)
  }
  if (!audio || audio.silent) return { kind: 'stop' }
  const end = start + SOUND_SEGMENT
  const heard = audio.reached - (newcomers ? HOLD_FOR_NEWCOMERS : 0)
  const horizon = Math.min(end, heard, ...coming.map((each) => each.reached))
  return horizon >= end ? cutByTime(situation, end) : { kind: 'wait', horizon, pending: false }
}

/** A cut waits for the sound up to it, as long as sound is coming. */
function cut(situation: Situation, at: number): Decision {
  const { audio } = situation
  if (audio && !audio.silent && audio.reached < at) return wait(at)
  return { kind: 'cut', at, kept: situation.video.filter((each) => hasKeyFrame(each, at)).map((each) => each.id) }
}

function cutByTime(situation: Situation, at: number): Decision {
  const { audio } = situation
  return audio && !audio.silent && audio.reached < at ? wait(at) : { kind: 'cut', at, kept: [] }
}

function wait(at: number): Decision {
  return { kind: 'wait', horizon: at, pending: true }
}

function hasKeyFrame(rendition: VideoProgress, at: number): boolean {
  return rendition.keyFrames.some((time) => Math.abs(time - at) <= SAME_FRAME)
}

function mayStillBring(rendition: VideoProgress, at: number): boolean {
  return !rendition.silent && rendition.reached <= at + SAME_FRAME
}

/** Distinct key frame times within a range, ascending. */
function keyFramesOf(renditions: readonly VideoProgress[], from: number, to: number): number[] {
  const times = renditions.flatMap((each) => each.keyFrames.filter((time) => time >= from && time <= to))
  times.sort((a, b) => a - b)
  return times.filter((time, index) => index === 0 || time - (times[index - 1] ?? 0) > SAME_FRAME)
}
