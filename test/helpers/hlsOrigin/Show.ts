/**
 * In charge of what the synthetic origin broadcasts: two layers of video, one of them with fewer frames than parts, and
 * sound, in segments of 0.8 s and parts of 0.2 s, as a pure function of time.
 */
import { AUDIO_TIMESCALE, audioInit, chunk, frame, large, small, VIDEO_TIMESCALE, videoInit } from './media.ts'

export type RenditionId = 'v0' | 'v1' | 'audio'

/** Seconds. */
export const PART = 0.2
export const PARTS = 4
export const SEGMENT = PART * PARTS
/** The segment that begins with a discontinuity and a new init segment. */
export const BREAK = 13

/** Samples of one AAC frame, and how many frames fill a part (0.192 s). */
const AAC = 1024
const AAC_PER_PART = 9

export interface ShownPart {
  /** Seconds. */
  readonly duration: number
  readonly independent: boolean
  readonly bytes: Buffer
}

/** What may be wrong with the media. */
export interface ShowFaults {
  /** Ticks by which all sound is later than it should be. */
  readonly audioLater?: number
  /** Ticks by which decode times of every second segment of `v1` are late; below 0: too early. */
  readonly hole?: number
  /** `v1` begins with no IDR. */
  readonly noIdr?: boolean
}

/** Seconds of media time at which a segment begins. */
export function startOf(id: RenditionId, segment: number): number {
  return id === 'audio' ? (audioFrame(segment) * AAC) / AUDIO_TIMESCALE : segment * SEGMENT
}

/** The parts of a whole segment. */
export function partsOf(id: RenditionId, segment: number, faults: ShowFaults = {}): ShownPart[] {
  return id === 'audio' ? audioParts(segment, faults) : videoParts(id, segment, faults)
}

/** How many parts there are after so many parts' time of the segment. */
export function partsAfter(id: RenditionId, segment: number, steps: number): number {
  return steps >= PARTS ? partsOf(id, segment).length : steps
}

export function initOf(id: RenditionId): Buffer {
  if (id === 'audio') return audioInit()
  return videoInit(id === 'v0' ? small : large)
}

function videoParts(id: 'v0' | 'v1', segment: number, { hole = 0, noIdr = false }: ShowFaults): ShownPart[] {
  const ticks = PART * VIDEO_TIMESCALE
  const late = id === 'v1' && segment % 2 === 1 ? hole : 0
  return Array.from({ length: PARTS }, (_, index) => {
    const key = index === 0 && !(noIdr && id === 'v1')
    const time = Math.round((segment * PARTS + index) * ticks) + late
    // Frames rarer than parts say that they stay for two of them: for the first it is so, the second is cut short by the last.
    const length = index === PARTS - 1 ? ticks : 2 * ticks
    const sparse = index === 1 ? [] : [{ duration: length, data: frame(key, 900) }]
    const dense = Array.from({ length: 5 }, (_unused, at) => ({
      duration: ticks / 5,
      data: frame(key && at === 0, at === 0 ? 900 : 200),
    }))
    const samples = id === 'v0' ? sparse : dense
    return {
      duration: PART,
      independent: index === 0,
      bytes: chunk(time, id !== 'v0' ? ticks / 5 : samples.length > 0 ? length : ticks, samples),
    }
  })
}

function audioParts(segment: number, { audioLater = 0 }: ShowFaults): ShownPart[] {
  const [first, end] = [audioFrame(segment), audioFrame(segment + 1)]
  const parts: ShownPart[] = []
  for (let at = first; at < end; at += AAC_PER_PART) {
    const count = Math.min(AAC_PER_PART, end - at)
    const samples = Array.from({ length: count }, () => ({ duration: AAC, data: Buffer.alloc(160, 0x21) }))
    const duration = (count * AAC) / AUDIO_TIMESCALE
    parts.push({ duration, independent: true, bytes: chunk(at * AAC + audioLater, AAC, samples) })
  }
  return parts
}

/** Number of the AAC frame nearest to the beginning of a segment. */
function audioFrame(segment: number): number {
  return Math.round((segment * SEGMENT * AUDIO_TIMESCALE) / AAC)
}
