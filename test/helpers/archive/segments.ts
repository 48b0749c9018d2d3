/** Segments as the packager lists them, of bytes that say what they are: for tests of what is kept on disk. */
import type { ArchivedRendition } from '../../../server/archive/archiveIndex.ts'
import type { ListedSegment } from '../../../server/archive/Chunk.ts'
import type { Segment } from '../../../server/packager/SegmentStore.ts'

export const VIDEO: ArchivedRendition = {
  id: 'v0',
  kind: 'video',
  codecs: 'avc1.42c01f',
  width: 640,
  height: 360,
  frameRate: 30,
  channels: 0,
}
export const AUDIO: ArchivedRendition = {
  id: 'audio',
  kind: 'audio',
  codecs: 'mp4a.40.2',
  width: 0,
  height: 0,
  frameRate: 0,
  channels: 2,
}
export const FACTS = [VIDEO, AUDIO]

/** Milliseconds since the Unix epoch. */
export const BEGIN = 1_700_000_000_000

export interface SegmentOptions {
  readonly runId?: string
  readonly discontinuity?: boolean
  /** Renditions that are there but have nothing. */
  readonly gaps?: readonly string[]
  readonly renditions?: readonly string[]
  /** Counts the inits of the video. */
  readonly init?: number
  /** Of the video's media. */
  readonly bytes?: number
}

/** Two seconds from `2 × number` on. */
export function listed(number: number, options: SegmentOptions = {}): ListedSegment[] {
  const { runId = 'run', discontinuity = false, gaps = [], renditions = ['v0', 'audio'] } = options
  return renditions.map((rendition) => {
    const isAudio = rendition === 'audio'
    const timescale = isAudio ? 48_000 : 90_000
    const text = `${rendition} ${runId} ${number}|`
    const media = [Buffer.from(text), Buffer.alloc(isAudio ? 100 : (options.bytes ?? 1000), text)]
    const segment: Segment = {
      mediaSequence: number,
      discontinuitySequence: 0,
      discontinuity,
      startsAt: BEGIN + 2000 * number + (isAudio ? 3.5 : 0),
      start: 2 * timescale * number,
      length: 2 * timescale,
      timescale,
      duration: 2,
      init: {
        name: `${runId}-init-${isAudio ? 0 : (options.init ?? 0)}.mp4`,
        bytes: Buffer.from(`init of ${rendition}`),
      },
      gap: gaps.includes(rendition),
      gapParts: [],
      parts: gaps.includes(rendition)
        ? []
        : media.map((bytes) => ({ bytes, duration: 1, independent: true, frames: 1 })),
      name: `${runId}-${number}.m4s`,
    }
    return { rendition, segment }
  })
}

/** What the file of a listed segment holds. */
export function bytesOf(segments: readonly ListedSegment[], rendition: string): Buffer {
  const { segment } = segments.find((each) => each.rendition === rendition) ?? {}
  return Buffer.concat(segment?.parts.map((part) => part.bytes) ?? [])
}
