/** The static DASH manifest of a recording: the same files and Periods as while it was live, one after the other. */
import { type DashPeriod, DashTimeline } from '../packager/DashTimeline.ts'
import { renderDashManifest } from '../packager/dashManifest.ts'
import type { RenditionFacts } from '../packager/multivariantPlaylist.ts'
import type { Segment } from '../packager/SegmentStore.ts'
import { type ArchivedSegment, type ArchivedTrack, isThere } from './archiveIndex.ts'

export interface ArchiveManifestOptions {
  /** Oldest first; at least one with media. */
  readonly segments: readonly ArchivedSegment[]
  readonly offered: readonly RenditionFacts[]
  /** Whole seconds. */
  readonly targetDuration: number
  /** Bytes of an init segment. */
  readonly init: (rendition: string, name: string) => Buffer
  /** Where the renditions' folders are, relative to the manifest; ends with a slash. */
  readonly baseUrl: string
}

/** @throws RangeError when there is nothing to play */
export function renderArchiveManifest({ segments, offered, init, ...rest }: ArchiveManifestOptions): string {
  const begin = segments[0]?.startsAt ?? 0
  const periods = inARow(cutPeriods(segments, offered, init), begin)
  return renderDashManifest({
    ...rest,
    periods,
    rates: offered,
    availabilityStart: Math.floor(begin),
    publishedAt: periods.at(-1)?.endsAt ?? begin,
    depth: 0,
    ended: true,
  })
}

/** Runs of segments with the same renditions and init segments: see DashTimeline, which makes the first of each. */
function cutPeriods(
  segments: readonly ArchivedSegment[],
  offered: readonly RenditionFacts[],
  init: ArchiveManifestOptions['init'],
): DashPeriod[] {
  const periods: DashPeriod[] = []
  let growing: { segments: { start: number; length: number }[]; id: string }[] = []
  let before = ''
  for (const segment of segments) {
    const present = offered.flatMap(({ id }): [string, ArchivedTrack][] => {
      const track = segment.tracks.get(id)
      return track && isThere(track) && track.init !== null ? [[id, track]] : []
    })
    const kind = present.map(([id, track]) => `${id} ${track.init}`).join()
    if (present.length > 0 && (kind !== before || segment.discontinuity)) {
      const timeline = new DashTimeline(1)
      timeline.add(new Map(present.map(([id, track]) => [id, toSegment(segment, track, init(id, track.init ?? ''))])))
      const [period] = timeline.periods
      if (!period) continue
      growing = period.tracks.map(({ id, segments: first }) => ({ id, segments: [...first] }))
      const tracks = period.tracks.map((track, index) => ({ ...track, segments: growing[index]?.segments ?? [] }))
      periods.push({ ...period, tracks })
    } else if (present.length > 0) {
      for (const track of growing) {
        const { start, length } = segment.tracks.get(track.id) ?? { start: 0, length: 0 }
        track.segments.push({ start, length })
      }
    }
    before = kind
    const last = periods.pop()
    if (last) periods.push({ ...last, endsAt: present.length > 0 ? endOf(segment) : last.endsAt })
  }
  return periods
}

/** Interruptions take no time in a recording. */
function inARow(periods: readonly DashPeriod[], begin: number): DashPeriod[] {
  let at = begin
  return periods.map((period) => {
    const startsAt = at
    at += period.endsAt - period.startsAt
    return { ...period, startsAt, endsAt: at }
  })
}

function endOf({ startsAt, duration }: ArchivedSegment): number {
  return startsAt + duration * 1000
}

function toSegment(segment: ArchivedSegment, track: ArchivedTrack, init: Buffer): Segment {
  const { name, discontinuity, discontinuitySequence } = segment
  const { startsAt, start, length, timescale } = track
  return {
    mediaSequence: Number(/-(\d+)\.m4s$/.exec(name)?.[1] ?? 0),
    ...{ name, discontinuity, discontinuitySequence, startsAt, start, length, timescale },
    duration: length / timescale,
    init: { name: track.init ?? '', bytes: init },
    gap: false,
    gapParts: [],
    parts: [{ bytes: init, duration: length / timescale, independent: true, frames: 1 }],
  }
}
