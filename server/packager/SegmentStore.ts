/** The live window of one rendition, in memory: segments made of parts, and the init segments that they need. */
import type { Part } from './PartBuilder.ts'

export interface InitSegment {
  /** File name. */
  readonly name: string
  readonly bytes: Buffer
}

/** A segment under way: what is known of it when it begins, and the parts there are. */
export interface OpenSegment {
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  /** An `EXT-X-DISCONTINUITY` stands before it. */
  readonly discontinuity: boolean
  /** Wall clock of its first frame, milliseconds since the Unix epoch. */
  readonly startsAt: number
  /** Media time of its beginning in ticks of its timescale: what its first `tfdt` box says. */
  readonly start: number
  /** Ticks a second. */
  readonly timescale: number
  /** In force for it; null only for a gap before anything was ever there. */
  readonly init: InitSegment | null
  /** Its rendition is absent: nothing of it is there. */
  readonly gap: boolean
  /** Empty for a gap. */
  readonly parts: readonly Part[]
  /** Durations in seconds of the parts that a gap lacks. */
  readonly gapParts: readonly number[]
  /** File name. */
  readonly name: string
}

export interface Segment extends OpenSegment {
  /** In ticks of its timescale. */
  readonly length: number
  /** Seconds. */
  readonly duration: number
}

/** Parts of a segment, there or missing. */
export function countParts(segment: OpenSegment): number {
  return segment.gap ? segment.gapParts.length : segment.parts.length
}

/** File name of a segment, or of one of its parts, counted from 0: 8216bis asks for names that never come again. */
export function mediaName(runId: string, mediaSequence: number, part?: number): string {
  return `${runId}-${mediaSequence}${part === undefined ? '' : `.${part}`}.m4s`
}

/** A resource is its pieces, to be sent one after the other. */
export type Resource = readonly Buffer[]

/**
 * Target durations for which bytes stay in memory though they are on disk as well, since parts are nowhere else: they are
 * listed for three (8216bis, 4.4.4.9), until the segment as a whole is older, and can be had for three more (6.2.2).
 */
const IN_MEMORY = 7
/** In place of bytes that are not in memory any more. */
const RELEASED = Buffer.alloc(0)

/** Keeps the listed segments and as many again plus one, since players may still ask for those: RFC 8216, 6.2.2. */
export class SegmentStore {
  readonly #runId: string
  readonly #listed: number
  readonly #targetDuration: number
  #segments: Segment[] = []
  #firstEver: number | null = null
  #open: OpenSegment | null = null
  #releasedUpTo = -1

  /** @param listed how many segments playlists show @param targetDuration seconds */
  constructor(runId: string, listed: number, targetDuration: number) {
    this.#runId = runId
    this.#listed = listed
    this.#targetDuration = targetDuration
  }

  /** What playlists show, oldest first. */
  get listed(): readonly Segment[] {
    return this.#segments.slice(-this.#listed)
  }

  /** All that can be fetched whole, oldest first. */
  get kept(): readonly Segment[] {
    return this.#segments
  }

  /** The segment under way. */
  get open(): OpenSegment | null {
    return this.#open
  }

  /** The newest part that playlists show, by its segment's number and its own; null before the first segment is listed. */
  get newestPart(): { mediaSequence: number; part: number } | null {
    const last = this.#segments.at(-1)
    if (!last) return null
    const newest = this.#open && countParts(this.#open) > 0 ? this.#open : last
    return { mediaSequence: newest.mediaSequence, part: countParts(newest) - 1 }
  }

  /** Shows the segment under way; null when there is none any more. */
  show(open: OpenSegment | null): void {
    this.#open = open
  }

  /** Lists a finished segment, which is under way no more. */
  add(segment: Segment): void {
    if (this.#open?.mediaSequence === segment.mediaSequence) this.#open = null
    this.#firstEver ??= segment.mediaSequence
    this.#segments.push(segment)
    if (this.#segments.length > 2 * this.#listed + 1) this.#segments.shift()
  }

  /** Segments up to this number can be had elsewhere: the older ones of them lose their bytes, and `find` says `gone`. */
  release(upTo: number): void {
    let after = 0
    const newest = this.#segments.findLastIndex(({ duration }) => {
      const isOld = after >= IN_MEMORY * this.#targetDuration
      after += duration
      return isOld
    })
    for (const [index, segment] of this.#segments.slice(0, newest + 1).entries()) {
      if (segment.mediaSequence > upTo || segment.mediaSequence <= this.#releasedUpTo) continue
      const parts = segment.parts.map((part, at) => ({ ...part, bytes: at === 0 ? describing(part.bytes) : RELEASED }))
      this.#segments[index] = { ...segment, parts }
      this.#releasedUpTo = segment.mediaSequence
    }
  }

  /** A file by name: its bytes, `gone` when it left the window or the memory, null when it never was (or is a gap). */
  find(name: string): Resource | 'gone' | null {
    const asked = this.#parse(name)
    if (!asked) return null
    if (asked.kind === 'init') return this.#findInit(name) ?? (this.#hasLeftInit(asked.number) ? 'gone' : null)
    const { mediaSequence, part } = asked
    const oldest = this.#segments[0]?.mediaSequence
    if (oldest !== undefined && mediaSequence < oldest)
      return mediaSequence >= (this.#firstEver ?? oldest) ? 'gone' : null
    const segment = this.#segments[mediaSequence - (oldest ?? 0)] ?? null
    if (part !== undefined) {
      const parts = segment?.parts ?? (this.#open?.mediaSequence === mediaSequence ? this.#open.parts : [])
      const found = parts[part]
      return found ? this.#inMemory(mediaSequence, [found.bytes]) : null
    }
    if (!segment || segment.parts.length === 0) return null
    return this.#inMemory(
      mediaSequence,
      segment.parts.map(({ bytes }) => bytes),
    )
  }

  #inMemory(mediaSequence: number, pieces: Resource): Resource | 'gone' {
    return mediaSequence <= this.#releasedUpTo ? 'gone' : pieces
  }

  #findInit(name: string): Resource | null {
    const known = [...this.#segments, ...(this.#open ? [this.#open] : [])]
    const init = known.find((candidate) => candidate.init?.name === name)?.init
    return init ? [init.bytes] : null
  }

  #hasLeftInit(number: number): boolean {
    const oldest = this.#segments[0]
    return oldest !== undefined && number < initNumber(oldest.init)
  }

  #parse(
    name: string,
  ): { kind: 'init'; number: number } | { kind: 'media'; mediaSequence: number; part: number | undefined } | null {
    if (!name.startsWith(this.#runId)) return null
    const [found, init, media, part] =
      /^-(?:init-(\d{1,15})\.mp4|(\d{1,15})(?:\.(\d{1,4}))?\.m4s)$/.exec(name.slice(this.#runId.length)) ?? []
    if (found === undefined) return null
    if (init !== undefined) return { kind: 'init', number: Number(init) }
    return { kind: 'media', mediaSequence: Number(media), part: part === undefined ? undefined : Number(part) }
  }
}

/** Of the first part its `moof`: I-frame playlists read from it where the first picture is. A copy, which holds nothing else. */
function describing(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length < 4 ? 0 : bytes.readUInt32BE(0)))
}

function initNumber(init: InitSegment | null): number {
  return Number(/-init-(\d+)\.mp4$/.exec(init?.name ?? '')?.[1] ?? 0)
}
