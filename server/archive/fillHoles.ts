/**
 * In charge of what a recording shows where it has no picture, and what is heard where it has no sound: sound goes on under
 * a picture that stands, pictures go on in silence. A gap would be the truth, but hls.js waits for ever before one that all
 * rungs have (1.7, where a playlist has its end). Pure.
 */
import { type ArchivedRendition, type ArchivedSegment, type ArchivedTrack, isThere } from './archiveIndex.ts'

/** Seconds. A picture that comes so soon is shown before it moves: whoever comes back is heard first. Else the last stays. */
const SOON = 10

/** The same segments, of which each has something of all that there is at some time. */
export function fillHoles(
  renditions: readonly ArchivedRendition[],
  segments: readonly ArchivedSegment[],
): readonly ArchivedSegment[] {
  return (['video', 'audio'] as const).reduce((filled, kind) => {
    const ids = renditions.filter((each) => each.kind === kind).map(({ id }) => id)
    return fillKind(filled, ids)
  }, segments)
}

function fillKind(segments: readonly ArchivedSegment[], ids: readonly string[]): readonly ArchivedSegment[] {
  const has = ({ tracks }: ArchivedSegment) => ids.some((id) => isThere(tracks.get(id)))
  if (segments.every(has)) return segments
  const sources = sourcesOf(segments, has)
  return segments.map((segment, index) => {
    const source = sources[index]
    if (!source) return segment
    const filled = ids.flatMap((id): [string, ArchivedTrack][] => {
      const from = source.tracks.get(id)
      return from && isThere(from) ? [[id, filledTrack(segment, segment.tracks.get(id), source.name, from)]] : []
    })
    return { ...segment, tracks: new Map([...segment.tracks, ...filled]) }
  })
}

/** For each segment that lacks it the one whose it gets; null where it has its own, or nobody has any. */
function sourcesOf(
  segments: readonly ArchivedSegment[],
  has: (segment: ArchivedSegment) => boolean,
): (ArchivedSegment | null)[] {
  let next: ArchivedSegment | null = null
  let wait = 0
  const coming = segments.toReversed().map((segment) => {
    const isNext = has(segment)
    if (isNext) next = segment
    wait = isNext ? 0 : wait + segment.duration
    return { next, wait }
  })
  let last: ArchivedSegment | null = null
  return coming.toReversed().map(({ next, wait }, index) => {
    const segment = segments[index]
    if (!segment || has(segment)) {
      last = segment ?? null
      return null
    }
    return next && wait <= SOON ? next : (last ?? next)
  })
}

/** In the time of the segment, as the other segment's is described. */
function filledTrack(
  segment: ArchivedSegment,
  own: ArchivedTrack | undefined,
  fill: string,
  { init, timescale }: ArchivedTrack,
): ArchivedTrack {
  const [given] = own ? [own] : segment.tracks.values()
  const scale = timescale / (given?.timescale ?? timescale)
  return {
    init,
    startsAt: own?.startsAt ?? segment.startsAt,
    start: Math.round((given?.start ?? 0) * scale),
    length: Math.max(1, Math.round((given?.length ?? 0) * scale)),
    timescale,
    offset: 0,
    bytes: 0,
    fill,
  }
}
