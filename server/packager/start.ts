/** Decides where a run of segments starts: which renditions are there, and with which key frame they begin together. */
import { SAME_FRAME } from './boundary.ts'

export interface Forming {
  /** Milliseconds since the first frame of anything. */
  readonly elapsed: number
  /** Attempts under way. Key frames on the axis they share; none while the clock is not locked. */
  readonly video: readonly { readonly id: string; readonly keyFrames: readonly number[] }[]
  /** Null while no sound was opened. */
  readonly audio: { readonly heard: boolean } | null
  /** All clocks know the capture instants well. */
  readonly settled: boolean
}

export type Start =
  /** `ask`: there are layers whose key frames do not tell yet how they belong together. */
  | { readonly kind: 'wait'; readonly ask: boolean }
  /** With pictures, from a key frame on the shared axis. */
  | { readonly kind: 'picture'; readonly at: number; readonly kept: readonly string[] }
  /** With sound alone, from its first frame. */
  | { readonly kind: 'sound' }

/**
 * So long a stream may be later than the first. It costs no time: frames are kept meanwhile, and the first segment, which
 * lasts about as long, begins with the oldest of them. Milliseconds.
 */
const WAIT_FOR_OTHERS_MS = 2000
/** The layers of a camera begin within this of each other, when there is bandwidth for them at all. Milliseconds. */
const GATHER_MS = 700
/**
 * Layers that no sender report has set lock after a second, by two common key frames (see VideoClock): of most sources the
 * second comes only when it is asked for, and is there by then. Milliseconds.
 */
const ASK_AFTER_MS = 700

export function decideStart({ elapsed, video, audio, settled }: Forming): Start {
  const keyFrames = video.flatMap((each) => each.keyFrames).toSorted((a, b) => a - b)
  const holders = (at: number) =>
    video.filter((each) => each.keyFrames.some((time) => Math.abs(time - at) <= SAME_FRAME))
  const at = keyFrames.toSorted((a, b) => holders(b).length - holders(a).length || a - b)[0]
  const kept = at === undefined ? [] : holders(at).map((each) => each.id)
  const complete = elapsed >= GATHER_MS && settled && audio?.heard && video.length > 0 && kept.length === video.length
  const ask = elapsed >= ASK_AFTER_MS && kept.length < video.length
  if (!complete && elapsed < WAIT_FOR_OTHERS_MS) return { kind: 'wait', ask }
  if (at !== undefined) return { kind: 'picture', at, kept }
  return audio?.heard ? { kind: 'sound' } : { kind: 'wait', ask }
}
