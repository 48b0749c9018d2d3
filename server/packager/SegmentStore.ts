/** The live window of one rendition, in memory: segments made of parts, and the init segments that they need. */
import type { Part } from './PartBuilder.ts'

export interface InitSegment {
  /** File name. */
  readonly name: string
  readonly bytes: Buffer
}

export interface Segment {
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  /** An `EXT-X-DISCONTINUITY` stands before it. */
  readonly discontinuity: boolean
  /** Wall clock of its first frame, milliseconds since the Unix epoch. */
  readonly startsAt: number
  /** Media time of its beginning, and its length, in ticks of its timescale: what `tfdt` boxes say. */
  readonly start: number
  readonly length: number
  /** Ticks a second. */
  readonly timescale: number
  /** Seconds. */
  readonly duration: number
  /** In force for it; null only for a gap before anything was ever there. */
  readonly init: InitSegment | null
  /** Empty for a gap. */
  readonly parts: readonly Part[]
  readonly name: string
}

/** A resource is its pieces, to be sent one after the other. */
export type Resource = readonly Buffer[]

/** Keeps the listed segments and as many again plus one, since players may still ask for those: RFC 8216, 6.2.2. */
export class SegmentStore {
  readonly #runId: string
  readonly #listed: number
  #segments: Segment[] = []
  #firstEver: number | null = null

  /** @param listed how many segments playlists show */
  constructor(runId: string, listed: number) {
    this.#runId = runId
    this.#listed = listed
  }

  /** What playlists show, oldest first. */
  get listed(): readonly Segment[] {
    return this.#segments.slice(-this.#listed)
  }

  /** All that can be fetched, oldest first. */
  get kept(): readonly Segment[] {
    return this.#segments
  }

  add(segment: Segment): void {
    this.#firstEver ??= segment.mediaSequence
    this.#segments.push(segment)
    if (this.#segments.length > 2 * this.#listed + 1) this.#segments.shift()
  }

  /** A file by name: its bytes, `gone` when it left the window, null when it never was (or is a gap). */
  find(name: string): Resource | 'gone' | null {
    const segment = this.#segments.find((candidate) => candidate.name === name)
    if (segment) return segment.parts.length > 0 ? segment.parts.map((part) => part.bytes) : null
    const init = this.#segments.find((candidate) => candidate.init?.name === name)?.init
    if (init) return [init.bytes]
    return this.#hasLeft(name) ? 'gone' : null
  }

  #hasLeft(name: string): boolean {
    const oldest = this.#segments[0]
    const number = /^-(init-)?(\d{1,15})\.(?:m4s|mp4)$/.exec(
      name.startsWith(this.#runId) ? name.slice(this.#runId.length) : '',
    )
    if (!number || !oldest || this.#firstEver === null) return false
    const value = Number(number[2])
    if (number[1]) return value < initNumber(oldest.init)
    return value >= this.#firstEver && value < oldest.mediaSequence
  }
}

function initNumber(init: InitSegment | null): number {
  return Number(/-init-(\d+)\.mp4$/.exec(init?.name ?? '')?.[1] ?? 0)
}
