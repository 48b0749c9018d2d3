/** In charge of what a check is: one rule, a name for it, and a way to find where a recording breaks it. */
import type { MediaPlaylist } from './playlist/model.ts'
import {
  type Position,
  positionOf,
  type Recording,
  type RenditionRecord,
  type SegmentRecord,
  type Snapshot,
} from './record/Record.ts'

export interface Finding {
  readonly where: string
  readonly what: string
}

export interface Check {
  /** Unique; the topic, a slash, and what must be. */
  readonly name: string
  /** The rule in words, with its source. */
  readonly rule: string
  run(recording: Recording, look: Look): void
}

/** Findings of one check that are kept; the others are counted. */
const MOST_FINDINGS = 20

/** Collects what one check sees: how much it looked at, what is wrong with it, or why there was nothing to look at. */
export class Look {
  examined = 0
  failed = 0
  readonly findings: Finding[] = []
  /** Why it could not be judged. */
  skipped: string | null = null

  /** Counts something that was looked at, and keeps what is wrong with it unless it is as it must be. */
  expect(right: boolean, where: string, what: () => string): void {
    this.examined++
    if (right) return
    this.failed++
    if (this.findings.length < MOST_FINDINGS) this.findings.push({ where, what: what() })
  }

  /** There was nothing to judge by. A check that looked at something all the same is not skipped. */
  skip(reason: string): void {
    this.skipped ??= reason
  }
}

/** Playlists that are no I-frame playlists. */
export function mediaRenditions(recording: Recording): RenditionRecord[] {
  return [...recording.renditions.values()].filter(({ role }) => role === 'media')
}

export function snapshotsOf(recording: Recording): { rendition: RenditionRecord; snapshot: Snapshot }[] {
  return mediaRenditions(recording).flatMap((rendition) =>
    rendition.snapshots.map((snapshot) => ({ rendition, snapshot })),
  )
}

/** Those that offer low latency; none is a reason to skip. */
export function lowLatencySnapshots(recording: Recording, look: Look): ReturnType<typeof snapshotsOf> {
  const found = snapshotsOf(recording).filter(({ snapshot }) => offersParts(snapshot.playlist))
  if (found.length === 0) look.skip('low latency is not offered')
  return found
}

export function offersParts({ partTarget, underWay, segments }: MediaPlaylist): boolean {
  return partTarget !== null || underWay !== null || segments.some(({ parts }) => parts.length > 0)
}

/** Segments by number. */
export function segmentsOf({ segments }: RenditionRecord): SegmentRecord[] {
  return [...segments.values()].sort((a, b) => a.listed.msn - b.listed.msn)
}

/** Media time of a whole segment in seconds; null where it could not be read. */
export function timesOf({ init, file }: SegmentRecord): { start: number; end: number; frame: number } | null {
  const timescale = init?.facts?.timescale
  const fragments = file?.facts?.fragments.filter(({ samples }) => samples > 0) ?? []
  const [first, last] = [fragments[0], fragments.at(-1)]
  if (!timescale || !first || !last || first.decodeTime === null || last.decodeTime === null) return null
  const frame = Math.max(...fragments.map(({ longest }) => longest)) / timescale
  // A segment may end in time without a sample: its own boxes say how long, its last sample may stay for longer.
  const rest = file?.facts?.fragments.at(-1)
  const isEmpty = rest && rest.decodeTime !== null && rest.emptyFor !== null
  const end = isEmpty ? (rest.decodeTime ?? 0) + (rest.emptyFor ?? 0) : last.decodeTime + last.duration
  return { start: first.decodeTime / timescale, end: end / timescale, frame }
}

/** `video` or `audio`, by its first readable init segment. */
export function kindOf({ inits }: RenditionRecord): 'video' | 'audio' | null {
  return [...inits.values()].find(({ facts }) => facts)?.facts?.kind ?? null
}

/** Whether a rendition's playlist was away between two moments: what was listed before may be gone for good after. */
export function interrupted({ outages }: RenditionRecord, from: number, until: number): boolean {
  return outages.some((outage) => outage.until >= from && outage.from <= until)
}

/** Whether a playlist has what a blocking reload asked for (6.2.5.2). */
export function satisfies({ segments, underWay }: MediaPlaylist, { msn, part }: Position): boolean {
  const end = positionOf({ segments, underWay })
  if (!end) return false
  if (end.msn > msn) return true
  const whole = segments.some((one) => one.msn === msn)
  return part < 0 ? whole : end.msn === msn && (whole || end.part >= part)
}

export function ms(milliseconds: number): string {
  return `${Math.round(milliseconds * 10) / 10} ms`
}
