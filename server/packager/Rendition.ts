/** One rung of the ladder, or the sound: builds its segments on the common boundaries and keeps its live window. */
import { type Part, PartBuilder } from './PartBuilder.ts'
import type { Sample } from './partWriter.ts'
import { Rates } from './rates.ts'
import { type InitSegment, mediaName, type OpenSegment, type Segment, SegmentStore } from './SegmentStore.ts'
import { rescale } from './Timeline.ts'

export interface RenditionOptions {
  readonly id: string
  readonly runId: string
  /** Ticks a second of its samples. */
  readonly timescale: number
  /** Seconds. */
  readonly partTarget: number
  readonly listedSegments: number
  /** Seconds. */
  readonly targetDuration: number
  readonly follower?: RenditionFollower | undefined
}

/** A rendition as somebody sees it who follows it frame by frame. */
export interface FollowedRendition {
  readonly rendition: string
  readonly kind: 'video' | 'audio'
  /** RFC 6381. */
  readonly codec: string
  /** Ticks a second. */
  readonly timescale: number
  /** The init segment in force. */
  readonly init: Buffer
}

/** Is told of frames as they take their place, before they are in a part. */
export interface RenditionFollower {
  /** It is part of the segment that begins. @param timeOrigin wall clock of media time 0, milliseconds */
  begins(rendition: FollowedRendition, timeOrigin: number): void
  /** It is no part of the segment that begins. */
  misses(rendition: string): void
  /** Times in the rendition's timescale. */
  frame(rendition: string, sample: Sample): void
}

/** What all renditions of a broadcast have in common about a segment. */
export interface SegmentHead {
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  readonly discontinuity: boolean
  /** Milliseconds since the Unix epoch. */
  readonly startsAt: number
}

/** Samples follow each other without holes: each begins where the last one ended, whatever its clock said. */
export class Rendition {
  readonly id: string
  readonly timescale: number
  readonly store: SegmentStore
  readonly rates = new Rates()
  readonly #runId: string
  readonly #builder: PartBuilder
  readonly #follower: RenditionFollower | undefined
  #init: InitSegment | null = null
  #inits = 0
  #codec = ''
  #open: { head: SegmentHead; start: number; parts: Part[] | null; gapParts: number[]; shown: number } | null = null
  #revision = 0

  constructor(options: RenditionOptions) {
    this.id = options.id
    this.timescale = options.timescale
    this.#runId = options.runId
    this.store = new SegmentStore(options.runId, options.listedSegments, options.targetDuration)
    this.#builder = new PartBuilder(options.timescale, options.partTarget)
    this.#follower = options.follower
  }

  /** End of the newest sample or part, in its timescale. */
  get position(): number {
    return this.#builder.position
  }

  /** An init segment exists: it was part of the broadcast at least once. */
  get described(): boolean {
    return this.#init !== null
  }

  /** Grows whenever its playlist says something new. */
  get revision(): number {
    return this.#revision
  }

  /** The segment under way has parts, or lacks some: players know of it. */
  get shown(): boolean {
    return this.#open !== null && this.#open.shown > 0
  }

  /** Puts a new init segment in force from the next segment on. @param codec RFC 6381 */
  describe(bytes: Buffer, codec: string): void {
    this.#codec = codec
    this.#init = { name: `${this.#runId}-init-${this.#inits++}.mp4`, bytes }
  }

  /**
   * Begins a segment at a time in its timescale. What differs from the end of the last one by rounding only begins there:
   * its samples follow each other to the tick.
   */
  begin(head: SegmentHead, at: number, rounding: number): void {
    const start = Math.abs(this.position - at) <= rounding ? this.position : at
    this.#builder.begin(start)
    this.#open = { head, start, parts: [], gapParts: [], shown: 0 }
    this.#show()
    const { id: rendition, timescale } = this
    const kind = rendition === 'audio' ? 'audio' : 'video'
    const facts = this.#init && ({ rendition, kind, codec: this.#codec, timescale, init: this.#init.bytes } as const)
    if (facts) this.#follower?.begins(facts, head.startsAt - (at * 1000) / timescale)
  }

  /** Begins a segment of which nothing comes, at a time in its timescale: a gap, unless something stands in for it. */
  beginGap(head: SegmentHead, start: number, isStoodFor = false): void {
    this.#builder.begin(start)
    this.#open = { head, start, parts: isStoodFor ? [] : null, gapParts: [], shown: 0 }
    this.#show()
    this.#follower?.misses(this.id)
  }

  /** A key frame stands in for what does not come before a horizon: once a part, so that each can be begun with. */
  standIn(frame: Pick<Sample, 'compositionOffset' | 'data'>, horizon: number): void {
    while (this.position < horizon) {
      const start = this.position
      this.#take(this.#builder.add({ ...frame, sync: true }, start, start + this.#builder.target, horizon))
    }
  }

  /** Adds a frame (times in its timescale). */
  append(frame: Omit<Sample, 'time' | 'duration'>, start: number, end: number, horizon?: number): void {
    this.#follower?.frame(this.id, { ...frame, time: start, duration: Math.max(1, end - start) })
    this.#take(this.#builder.add(frame, start, end, horizon))
  }

  /** The segment under way lasts beyond a time in its timescale: completes the parts that its frames fill until then. */
  goOnTo(horizon: number): void {
    this.#take(this.#builder.cutTo(horizon))
  }

  /** Forgets the newest frame, if nobody knows of it yet: the picture before it stays. */
  takeBack(): void {
    this.#builder.takeBack()
  }

  /** Nothing more begins before a time in its timescale: the last picture stays, what is absent stays away. */
  idleTo(time: number): void {
    this.#take(this.#builder.idleTo(time))
  }

  /** Ends the segment under way at a time in its timescale and returns it; null when there is none. */
  finish(end: number, rounding: number): Segment | null {
    if (!this.#open) return null
    const { head, start } = this.#open
    const reached = this.position
    const exact = Math.abs(reached - end) <= rounding ? reached : end
    this.#take(this.#builder.finish(exact))
    const { parts, gapParts } = this.#open
    const length = Math.max(1, exact - start)
    const duration = length / this.timescale
    this.#open = null
    const gap = parts === null || parts.length === 0
    return { ...this.#describeOpen(head, start, parts, gapParts), gap, length, duration }
  }

  /** Gives up the segment under way, of which nobody knows. */
  drop(): void {
    this.#open = null
    this.store.show(null)
  }

  /**
   * Lists what others listed before this one was there, as gaps, so that all playlists begin with the same segment. hls.js 1.7
   * lets its time begin with the playlist that it reads first: of one that began earlier it clamps what lies before to 0, and
   * from the next delta update on plays it seconds away from where it belongs.
   */
  backfill(earlier: readonly Segment[]): void {
    const { timescale } = this
    for (const { mediaSequence, discontinuitySequence, discontinuity, startsAt, duration, name, ...other } of earlier) {
      const inTicks = (time: number) => rescale(time, other.timescale, timescale)
      const gapParts = other.gap ? other.gapParts : other.parts.map((part) => part.duration)
      const head = { mediaSequence, discontinuitySequence, discontinuity, startsAt, duration, name, timescale }
      this.store.add({
        ...head,
        start: inTicks(other.start),
        length: inTicks(other.length),
        init: this.#init,
        gap: true,
        parts: [],
        gapParts,
      })
    }
  }

  /** Lists a finished segment. */
  list(segment: Segment): void {
    this.rates.measure(segment)
    this.store.add(segment)
    this.#revision++
  }

  #take(parts: readonly Part[]): void {
    const open = this.#open
    if (!open || parts.length === 0) return
    if (open.parts) open.parts.push(...parts)
    else open.gapParts.push(...parts.map((part) => part.duration))
    open.shown += parts.length
    this.#revision++
  }

  #show(): void {
    const open = this.#open
    this.store.show(open && this.#describeOpen(open.head, open.start, open.parts, open.gapParts))
  }

  #describeOpen(
    head: SegmentHead,
    start: number,
    parts: readonly Part[] | null,
    gapParts: readonly number[],
  ): OpenSegment {
    const name = mediaName(this.#runId, head.mediaSequence)
    const { timescale } = this
    return { ...head, name, start, timescale, init: this.#init, gap: parts === null, parts: parts ?? [], gapParts }
  }
}
