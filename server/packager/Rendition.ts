/** One rung of the ladder, or the sound: builds its segments on the common boundaries and keeps its live window. */
import { type Part, PartBuilder } from './PartBuilder.ts'
import type { Sample } from './partWriter.ts'
import { Rates } from './rates.ts'
import { type InitSegment, type Segment, SegmentStore } from './SegmentStore.ts'

export interface RenditionOptions {
  readonly id: string
  readonly runId: string
  /** Ticks a second of its samples. */
  readonly timescale: number
  /** Seconds. */
  readonly partTarget: number
  readonly listedSegments: number
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
  #init: InitSegment | null = null
  #inits = 0
  #head: SegmentHead | null = null
  #start = 0
  #position = 0
  #parts: Part[] = []

  constructor(options: RenditionOptions) {
    this.id = options.id
    this.timescale = options.timescale
    this.#runId = options.runId
    this.store = new SegmentStore(options.runId, options.listedSegments)
    this.#builder = new PartBuilder(options.timescale, options.partTarget)
  }

  /** End of the newest sample, in its timescale. */
  get position(): number {
    return this.#position
  }

  /** An init segment exists: it was part of the broadcast at least once. */
  get described(): boolean {
    return this.#init !== null
  }

  /** Puts a new init segment in force from the next segment on. */
  describe(bytes: Buffer): void {
    this.#init = { name: `${this.#runId}-init-${this.#inits++}.mp4`, bytes }
  }

  /** Begins a segment at a time in its timescale. */
  begin(head: SegmentHead, start: number): void {
    this.#head = head
    this.#start = start
    this.#position = start
    this.#parts = []
    this.#builder.discard()
  }

  /**
   * Adds a frame (times in its timescale). Where frames are missing before it, the last one stays; where there is no room
   * left for it, it lasts one tick.
   */
  append(frame: Omit<Sample, 'time' | 'duration'>, start: number, end: number): void {
    if (start > this.#position && this.#builder.extendTo(start)) this.#position = start
    const duration = Math.max(1, end - this.#position)
    this.#parts.push(...this.#builder.add({ ...frame, time: this.#position, duration }))
    this.#position += duration
  }

  /**
   * Ends the segment under way at a time in its timescale and returns it. Its last frame stays until then, unless that
   * would be for longer than `longestFreeze` (ticks): then the segment is a gap.
   */
  finish(end: number, longestFreeze: number): Segment | null {
    const head = this.#head
    if (!head) return null
    const missing = end - this.#position
    if (missing !== 0) this.#builder.extendTo(end)
    this.#parts.push(...this.#builder.flush())
    const gap = missing > longestFreeze || this.#parts.length === 0
    return this.#complete(head, this.#start, end - this.#start, gap ? [] : this.#parts)
  }

  /** A segment of which nothing is there. @param start and length in its timescale */
  gap(head: SegmentHead, start: number, length: number): Segment {
    return this.#complete(head, start, length, [])
  }

  #complete(head: SegmentHead, start: number, length: number, parts: readonly Part[]): Segment {
    const name = `${this.#runId}-${head.mediaSequence}.m4s`
    this.#head = null
    this.#parts = []
    const { timescale } = this
    return { ...head, name, start, length, timescale, duration: length / timescale, init: this.#init, parts }
  }

  /** Lists a finished segment. */
  list(segment: Segment): void {
    this.rates.measure(segment)
    this.store.add(segment)
  }
}
