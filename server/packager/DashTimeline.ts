/** What a DASH manifest lists: segments of the live window, grouped into Periods that never change once they are told. */
import { FragmentReader } from './fragmentReader.ts'
import { parseSps } from './parameterSets.ts'
import type { Segment } from './SegmentStore.ts'

/** One rendition within a Period. */
export interface DashTrack {
  readonly id: string
  readonly kind: 'video' | 'audio'
  /** RFC 6381, from the init segment. */
  readonly codecs: string
  /** Pixels; 0 for audio. */
  readonly width: number
  readonly height: number
  /** Audio channels; 0 for video. */
  readonly channels: number
  /** Ticks a second. */
  readonly timescale: number
  /** Media time, in ticks, of the Period's beginning: the presentationTimeOffset. */
  readonly offset: number
  /** File names: of the init segment, and of segments with `$Number$` for their number. */
  readonly init: string
  readonly media: string
  /** Numbered from the Period's first one on, without a hole. Times in ticks. */
  readonly segments: readonly { readonly start: number; readonly length: number }[]
}

export interface DashPeriod {
  /** Never used again for another one. */
  readonly id: string
  /** Wall clock of its beginning and of its end so far, milliseconds since the Unix epoch. */
  readonly startsAt: number
  readonly endsAt: number
  /** Media sequence number of the first segment that it still lists. */
  readonly firstNumber: number
  /** Video from the lowest rung up, then audio. */
  readonly tracks: readonly DashTrack[]
}

/**
 * A Period is a run of segments in which the same renditions are there with the same init segments, and no discontinuity:
 * the numbers of each are then without a hole, and a rung that is absent is one that its Periods don't offer. Its
 * beginning and offsets are those of its first segment, kept when that has left the window, since a manifest's updates
 * must not contradict it (ISO/IEC 23009-1, 5.4).
 */
export class DashTimeline {
  readonly #maxSegments: number
  #periods: DashPeriod[] = []
  /** Numbers go on from here; null where the next segment can't belong to the last Period. */
  #next: number | null = null

  /** @param maxSegments so many segments of a rendition are listed, the newest ones */
  constructor(maxSegments: number) {
    this.#maxSegments = maxSegments
  }

  /** Oldest first. */
  get periods(): readonly DashPeriod[] {
    return this.#periods
  }

  /** Takes the segments of all renditions with one media sequence number, in the order of the ladder. */
  add(segments: ReadonlyMap<string, Segment>): void {
    const present = [...segments].filter(([, segment]) => segment.parts.length > 0 && segment.init !== null)
    const [first] = present.map(([, segment]) => segment)
    if (!first) {
      this.#next = null
      return
    }
    const last = this.#periods.at(-1)
    if (last && !first.discontinuity && first.mediaSequence === this.#next && continues(last, present)) {
      this.#periods.splice(-1, 1, extend(last, present))
    } else {
      this.#periods.push(begin(first, present))
    }
    this.#next = first.mediaSequence + 1
    this.#trim()
  }

  #trim(): void {
    let surplus = this.#periods.reduce((sum, period) => sum + length(period), 0) - this.#maxSegments
    while (surplus > 0) {
      const [oldest] = this.#periods
      if (!oldest) return
      const left = Math.min(surplus, length(oldest))
      surplus -= left
      if (left === length(oldest)) this.#periods.shift()
      else this.#periods.splice(0, 1, shorten(oldest, left))
    }
  }
}

type Present = readonly (readonly [id: string, segment: Segment])[]

function length(period: DashPeriod): number {
  return period.tracks[0]?.segments.length ?? 0
}

function continues({ tracks }: DashPeriod, present: Present): boolean {
  return (
    tracks.length === present.length &&
    present.every(([id, { init }]) => tracks.some((track) => track.id === id && track.init === init?.name))
  )
}

function endOf(segment: Segment): number {
  return segment.startsAt + segment.duration * 1000
}

/** The Period begins with the picture; sound, which is cut between its own frames, may begin a few milliseconds off. */
function begin(first: Segment, present: Present): DashPeriod {
  const tracks = present.map(([id, segment]): DashTrack => {
    const { timescale, start, startsAt, name, mediaSequence, init } = segment
    return {
      id,
      ...describe(init?.bytes ?? Buffer.alloc(0)),
      timescale,
      offset: Math.round(start - ((startsAt - first.startsAt) * timescale) / 1000),
      init: init?.name ?? '',
      media: name.replace(new RegExp(`${mediaSequence}\\.m4s$`), '$$Number$$.m4s'),
      segments: [{ start, length: segment.length }],
    }
  })
  const { startsAt, mediaSequence } = first
  return { id: `p${mediaSequence}`, startsAt, endsAt: endOf(first), firstNumber: mediaSequence, tracks }
}

function extend(period: DashPeriod, present: Present): DashPeriod {
  const news = new Map(present)
  const tracks = period.tracks.map((track) => {
    const segment = news.get(track.id)
    return segment
      ? { ...track, segments: [...track.segments, { start: segment.start, length: segment.length }] }
      : track
  })
  const [, first] = present[0] ?? []
  return { ...period, endsAt: first ? endOf(first) : period.endsAt, tracks }
}

function shorten(period: DashPeriod, by: number): DashPeriod {
  const tracks = period.tracks.map((track) => ({ ...track, segments: track.segments.slice(by) }))
  return { ...period, firstNumber: period.firstNumber + by, tracks }
}

/** What an init segment of ours describes. @throws BoxError or RangeError for one that is none */
function describe(init: Buffer): Pick<DashTrack, 'kind' | 'codecs' | 'width' | 'height' | 'channels'> {
  for (const event of new FragmentReader().push(init)) {
    if (!('track' in event)) continue
    const { track } = event
    if (track.kind === 'avc') {
      const { codec, width, height } = parseSps(track.sets.sps[0] ?? Buffer.alloc(0))
      return { kind: 'video', codecs: codec, width, height, channels: 0 }
    }
    if (track.kind === 'aac') {
      const { codec, channels } = track.config
      return { kind: 'audio', codecs: codec, width: 0, height: 0, channels }
    }
  }
  throw new RangeError('an init segment without a track')
}
