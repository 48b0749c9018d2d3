/** In charge of the index of an archive as text: one JSON line a fact, in the order in which it became true. No I/O. */
import * as v from 'valibot'

/** One rendition in one segment. Times in ticks of its timescale. */
export interface ArchivedTrack {
  /** File name of the init segment in force; null for a gap before anything was ever there. */
  readonly init: string | null
  /** Wall clock of its first frame, milliseconds since the Unix epoch. */
  readonly startsAt: number
  readonly start: number
  readonly length: number
  readonly timescale: number
  /** Where its bytes are in the chunk's media file. */
  readonly offset: number
  /** 0 for a gap. */
  readonly bytes: number
  /** Name of the segment whose first picture, or whose silence, fills this gap: see fillHoles. Derived, never written. */
  readonly fill?: string
}

/** Whether there is anything to play of a rendition in a segment. */
export function isThere(track: ArchivedTrack | undefined): boolean {
  return track !== undefined && (track.bytes > 0 || track.fill !== undefined)
}

/** One segment of all renditions that were there: what is kept is kept of all of them, or of none. */
export interface ArchivedSegment {
  /** Counts the segments of the archive from 0, without a hole: the packager's numbers have one after a crash. */
  readonly ordinal: number
  /** Discontinuities of the archive up to and with this segment. */
  readonly discontinuitySequence: number
  /** An `EXT-X-DISCONTINUITY` stands before it. */
  readonly discontinuity: boolean
  /** Of its first track, milliseconds since the Unix epoch. Derived. */
  readonly startsAt: number
  /** Seconds: the longest of its tracks. Derived. */
  readonly duration: number
  /** File name, the same in all renditions. */
  readonly name: string
  readonly tracks: ReadonlyMap<string, ArchivedTrack>
}

/** What a playlist says about a rendition apart from what is measured. */
export interface ArchivedRendition {
  readonly id: string
  readonly kind: 'video' | 'audio'
  readonly codecs: string
  /** Pixels; 0 for audio. */
  readonly width: number
  readonly height: number
  /** Frames a second; 0 for audio. */
  readonly frameRate: number
  /** 0 for video. */
  readonly channels: number
}

/** Written first in each chunk. */
export interface ChunkHead {
  readonly type: 'chunk'
  readonly version: 1
  /** Seconds. */
  readonly targetDuration: number
}

export type IndexLine =
  | ChunkHead
  | ({ readonly type: 'rendition' } & ArchivedRendition)
  | {
      readonly type: 'init'
      readonly rendition: string
      readonly name: string
      readonly offset: number
      readonly bytes: number
    }
  | ({ readonly type: 'segment' } & ArchivedSegment)

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** What addresses are made of: see delivery/hlsAddress. */
const fileName = v.pipe(v.string(), v.regex(/^[\w-][\w.-]{0,95}$/))
const renditionId = v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/))

const trackSchema = v.pipe(
  v.strictTuple([
    renditionId,
    v.nullable(fileName),
    v.pipe(v.number(), v.minValue(0)),
    count,
    count,
    v.pipe(count, v.minValue(1)),
    count,
    count,
  ]),
  v.transform(([id, init, startsAt, start, length, timescale, offset, bytes]): [string, ArchivedTrack] => [
    id,
    { init, startsAt, start, length, timescale, offset, bytes },
  ]),
)

const lineSchema = v.variant('type', [
  v.strictObject({ type: v.literal('chunk'), version: v.literal(1), targetDuration: count }),
  v.strictObject({
    type: v.literal('rendition'),
    id: renditionId,
    kind: v.picklist(['video', 'audio']),
    codecs: v.pipe(v.string(), v.regex(/^[\w.,-]{1,64}$/)),
    width: count,
    height: count,
    frameRate: v.pipe(v.number(), v.minValue(0)),
    channels: count,
  }),
  v.strictObject({ type: v.literal('init'), rendition: renditionId, name: fileName, offset: count, bytes: count }),
  v.strictObject({
    type: v.literal('segment'),
    ordinal: count,
    discontinuitySequence: count,
    discontinuity: v.boolean(),
    name: fileName,
    tracks: v.pipe(
      v.array(trackSchema),
      v.minLength(1),
      v.transform((tracks) => new Map(tracks)),
    ),
  }),
])

/** One line with its end. */
export function writeIndexLine(line: IndexLine): string {
  if (line.type !== 'segment') return `${JSON.stringify(line)}\n`
  const { duration: _duration, startsAt: _startsAt, tracks, ...rest } = line
  const rows = [...tracks].map(([id, { init, startsAt, start, length, timescale, offset, bytes }]) => [
    id,
    init,
    startsAt,
    start,
    length,
    timescale,
    offset,
    bytes,
  ])
  return `${JSON.stringify({ ...rest, tracks: rows })}\n`
}

/**
 * All whole lines from the beginning: a server that is killed, or whose disk is full, leaves a torn last one. What follows
 * the first unreadable line is not looked at, since nothing says what it belongs to.
 */
export function readIndexLines(text: string): IndexLine[] {
  const lines: IndexLine[] = []
  for (const raw of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (raw === '') continue
    const parsed = v.safeParse(lineSchema, json(raw))
    if (!parsed.success) break
    const line = parsed.output
    lines.push(line.type === 'segment' ? { ...line, ...derived(line.tracks) } : line)
  }
  return lines
}

/** What a segment's tracks say about the segment. */
export function derived(tracks: ReadonlyMap<string, ArchivedTrack>): Pick<ArchivedSegment, 'startsAt' | 'duration'> {
  const [first] = tracks.values()
  const seconds = [...tracks.values()].map(({ length, timescale }) => length / timescale)
  return { startsAt: first?.startsAt ?? 0, duration: Math.max(0, ...seconds) }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
