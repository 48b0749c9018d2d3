/** In charge of media as it comes: frames of each rendition as small chunks, encoded once for all who listen. */
import { mseKinds } from '../../shared/mse.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { type Sample, writePart } from './partWriter.ts'
import type { FollowedRendition, RenditionFollower } from './Rendition.ts'

export interface FeedChunk {
  /** Track id, kind, and one `moof` and one `mdat`. */
  readonly message: Buffer
  /** Begins with an IDR (or is sound). */
  readonly independent: boolean
}

export type ChunkFeedEvents = {
  /** `tracks` changed; the next frame of those that are new is an IDR. */
  layout: []
  chunk: [track: FeedTrack, chunk: FeedChunk]
  /** Nothing more will come. */
  ended: []
}

/** Frames that a newcomer can be given: far above what lies between two IDRs. Past that he waits for the next one. */
const MAX_RECENT = 600
/** Seconds of sound kept for newcomers: the longest segment, and what sound may be ahead of pictures. */
const RECENT_SOUND = 4
/** Seconds of sound that a newcomer begins with when there are no pictures. */
const SOUND_START = 0.5
/** Frames this near follow each other to the tick: seconds. */
const ROUNDING = 0.001
/** Track ids are one byte, and ids of renditions that are gone are not used again. */
const MAX_TRACKS = 256

/** One rendition for as long as its init segment stays the same. */
export class FeedTrack {
  readonly id: number
  readonly rendition: string
  readonly kind: 'video' | 'audio'
  readonly mime: string
  /** As a message. */
  readonly init: Buffer
  readonly timescale: number
  readonly #described: Buffer
  /** Not yet in a chunk. */
  #open: Sample[] = []
  /** Since the last IDR; of sound, the newest. */
  #recent: Sample[] = []
  #backlog: FeedChunk | null = null
  #sequence = 0
  /** Where the newest frame ends, in ticks. */
  #end: number | null = null

  constructor(id: number, facts: FollowedRendition) {
    this.id = id
    this.rendition = facts.rendition
    this.kind = facts.kind
    this.mime = `${facts.kind}/mp4; codecs="${facts.codec}"`
    this.timescale = facts.timescale
    this.#described = facts.init
    this.init = message(id, mseKinds.init, facts.init)
  }

  /** Media time of the oldest frame that `backlog` could hold, in seconds; null when there is none. */
  get since(): number | null {
    const first = this.#recent[0]
    return first ? first.time / this.timescale : null
  }

  isDescribedBy(init: Buffer): boolean {
    return this.#described === init
  }

  add(sample: Sample): void {
    const apart = this.#end === null ? 0 : this.#end - sample.time
    const rounded = apart !== 0 && Math.abs(apart) <= ROUNDING * this.timescale
    const placed = rounded
      ? { ...sample, time: sample.time + apart, duration: Math.max(1, sample.duration - apart) }
      : sample
    this.#end = placed.time + placed.duration
    this.#open.push(placed)
  }

  /** Chunks of what was added since; each begins at an IDR or where the last one ended. `wanted`: somebody listens. */
  take(wanted: boolean): FeedChunk[] {
    const chunks: FeedChunk[] = []
    let group: Sample[] = []
    const cut = () => {
      if (wanted && group.length > 0) chunks.push(this.#write(group))
      group = []
    }
    for (const sample of this.#open) {
      if (sample.sync && this.kind === 'video') cut()
      group.push(sample)
      this.#remember(sample)
    }
    cut()
    if (this.#open.length > 0) this.#backlog = null
    this.#open = []
    return chunks
  }

  /** All since the last IDR in one chunk; of sound, what is not before `from` (seconds), or a little. */
  backlog(from?: number): FeedChunk | null {
    if (this.kind === 'video') {
      const [first] = this.#recent
      this.#backlog ??= first?.sync ? this.#write(this.#recent) : null
      return this.#backlog
    }
    const newest = this.#recent.at(-1)
    if (!newest) return null
    const start = (from ?? newest.time / this.timescale - SOUND_START) * this.timescale
    const samples = this.#recent.filter((sample) => sample.time + sample.duration > start)
    return samples.length > 0 ? this.#write(samples) : null
  }

  #remember(sample: Sample): void {
    if (this.kind === 'video' && sample.sync) this.#recent = []
    this.#recent.push(sample)
    const oldest = sample.time - RECENT_SOUND * this.timescale
    if (this.kind === 'audio') while (this.#recent[0] && this.#recent[0].time < oldest) this.#recent.shift()
    // Without its IDR the rest is of no use.
    else if (this.#recent.length > MAX_RECENT) this.#recent = []
  }

  #write(samples: readonly Sample[]): FeedChunk {
    const independent = samples[0]?.sync ?? false
    const kind = independent && this.kind === 'video' ? mseKinds.idr : mseKinds.chunk
    return { message: message(this.id, kind, writePart(++this.#sequence, samples)), independent }
  }
}

/** Lives as long as its packager. */
export class ChunkFeed extends TypedEmitter<ChunkFeedEvents> implements RenditionFollower {
  readonly #ids = new Map<string, number>()
  #tracks: readonly FeedTrack[] = []
  /** What is in the segment that begins, until its first frame. */
  #next: Map<string, FeedTrack> | null = null
  #timeOrigin: number | null = null
  #ended = false

  /** Wall clock of media time 0, milliseconds; null before the first media. */
  get timeOrigin(): number | null {
    return this.#timeOrigin
  }

  /** What is sent now: pictures from the lowest rung up, then sound. Kept over an interruption. */
  get tracks(): readonly FeedTrack[] {
    return this.#tracks
  }

  get ended(): boolean {
    return this.#ended
  }

  /** A rendition is part of the segment that begins. */
  begins(facts: FollowedRendition, timeOrigin: number): void {
    const track = this.#track(facts)
    if (track) this.#layout().set(facts.rendition, track)
    this.#timeOrigin ??= timeOrigin
  }

  /** A rendition is no part of the segment that begins. */
  misses(rendition: string): void {
    this.#layout().delete(rendition)
  }

  /** A frame took its place on the timeline. */
  frame(rendition: string, sample: Sample): void {
    this.#settle()
    this.#tracks.find((track) => track.rendition === rendition)?.add(sample)
  }

  /** Hands out what came since the last time: to be called once a pass, so that frames that come together go together. */
  flush(): void {
    this.#settle()
    this.#handOut()
  }

  /** Nothing more will come. */
  end(): void {
    if (this.#ended) return
    this.flush()
    this.#ended = true
    this.emit('ended')
    this.removeAllListeners()
  }

  /** The renditions of the segment that begins; what belongs to the one before has been handed out. */
  #layout(): Map<string, FeedTrack> {
    if (!this.#next) {
      this.#handOut()
      this.#next = new Map(this.#tracks.map((track) => [track.rendition, track]))
    }
    return this.#next
  }

  #settle(): void {
    if (!this.#next) return
    const tracks = [...this.#next.values()].sort((a, b) => rungOf(a) - rungOf(b))
    this.#next = null
    if (tracks.length === this.#tracks.length && tracks.every((track, index) => track === this.#tracks[index])) return
    this.#tracks = tracks
    this.emit('layout')
  }

  #handOut(): void {
    const wanted = this.listenerCount('chunk') > 0
    for (const track of this.#tracks) for (const chunk of track.take(wanted)) this.emit('chunk', track, chunk)
  }

  /** The same object for as long as the init segment stays the same; null when no id is left. */
  #track(facts: FollowedRendition): FeedTrack | null {
    const known = this.#tracks.find((track) => track.rendition === facts.rendition)
    if (known?.isDescribedBy(facts.init)) return known
    const id = this.#ids.get(facts.rendition) ?? this.#ids.size
    if (id >= MAX_TRACKS) return null
    this.#ids.set(facts.rendition, id)
    return new FeedTrack(id, facts)
  }
}

/** Pictures are called `v0`, `v1` …; sound comes after them. */
function rungOf({ kind, rendition }: FeedTrack): number {
  return kind === 'audio' ? Number.POSITIVE_INFINITY : Number(rendition.slice(1))
}

function message(id: number, kind: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(id, kind), bytes])
}
