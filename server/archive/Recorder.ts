/** Keeps a live broadcast on disk: takes each listed segment in order, writes beside the event loop, and knows when to stop. */
import type { RecordingStop } from '../../shared/broadcast.ts'
import type { Clock } from '../lib/clock.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { Archive, type ChunkLimits } from './Archive.ts'
import type { ArchivedRendition } from './archiveIndex.ts'
import type { ListedSegment } from './Chunk.ts'
import { type KeptMedia, keptMedia } from './KeptMedia.ts'

export interface RecorderLimits {
  /** How far viewers can go back while live, milliseconds; 0 keeps nothing but recordings. */
  readonly window: number
  /** Of a window that is not recorded. */
  readonly windowBytes: number
  /** Of one recording. */
  readonly recordingBytes: number
}

export interface RecorderLog {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface RecorderOptions {
  readonly folder: string
  readonly limits: RecorderLimits
  /** Asked again and again: a broadcaster may change their mind. */
  readonly isRecorded: () => boolean
  /** Whole seconds. */
  readonly targetDuration: number
  readonly clock: Pick<Clock, 'now'>
  readonly log: RecorderLog
}

interface Events extends Record<string, unknown[]> {
  stopped: [why: RecordingStop]
  /** Segments up to this media sequence number can be read from the disk. */
  written: [mediaSequence: number]
}

/** A disk that is so far behind is too slow for this broadcast. Bytes. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024
const MAX_CHUNK_BYTES = 64 * 1024 * 1024
/** Milliseconds. Deleting goes by whole chunks. */
const MAX_CHUNK_TIME = 300_000
/** A window and a quota are made of at least so many chunks. */
const CHUNKS = 8
/** A playlist that was fetched a moment ago may still be asked for its oldest segments. Milliseconds. */
const LINGER = 60_000

export class Recorder extends TypedEmitter<Events> {
  readonly #options: RecorderOptions
  readonly #queue = new SerialQueue()
  #archive: Archive | null = null
  #waiting = 0
  #stopped: RecordingStop | null = null
  #ended = false
  #closed = false

  /** Touches the disk only when there is something to do. */
  constructor(options: RecorderOptions) {
    super()
    this.#options = options
  }

  /** Why no more is recorded, or null. */
  get stopped(): RecordingStop | null {
    return this.#stopped
  }

  /** Viewers can go back. */
  get keepsWindow(): boolean {
    return this.#options.limits.window > 0 && (this.#stopped === null || this.#stopped === 'too-large')
  }

  /** Bytes handed over and not written yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** On disk. */
  get bytes(): number {
    return this.#archive?.bytes ?? 0
  }

  /** What viewers of a broadcast that is not over may fetch; null when there is nothing. */
  async kept(): Promise<KeptMedia | null> {
    const { window } = this.#options.limits
    const archive = this.#archive ?? (await this.#queue.push(() => this.#open()).catch(() => null))
    const newest = archive?.segments.at(-1)
    if (!archive || !newest) return null
    const from = newest.startsAt + newest.duration * 1000 - window
    return keptMedia(
      archive,
      this.keepsWindow ? { window: { kind: this.#ended ? 'ended-window' : 'window', from } } : {},
    )
  }

  /** Takes one segment of all renditions; returns at once. What cannot be kept ends the archive, never the broadcast. */
  add(listed: readonly ListedSegment[], facts: readonly ArchivedRendition[]): void {
    if (this.#ended || this.#closed || !this.#takes()) return
    const bytes = listed.reduce((sum, { segment }) => sum + sizeOf(segment.parts), 0)
    if (this.#waiting + bytes > MAX_WAITING_BYTES) {
      this.#stop('disk-failed', 'the disk is too slow')
      return
    }
    this.#waiting += bytes
    this.#push(async () => {
      this.#waiting -= bytes
      if (this.#takes()) await this.#write(listed, facts)
    })
  }

  /** The broadcast is over and all that came is written. Resolves with what there is, to be kept or removed. */
  async end(): Promise<Archive | null> {
    this.#ended = true
    return this.#queue.push(async () => {
      const archive = await this.#open()
      await archive.seal()
      if (this.#stopped === 'too-large') await archive.dropAfterKept()
      return archive.segments.length > 0 ? archive : null
    })
  }

  /** Deletes all of it. */
  async remove(): Promise<void> {
    this.#ended = true
    await this.#queue.push(async () => (await this.#open()).remove())
  }

  /** The server stops: what is on disk stays, and the next start goes on from it. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    await this.#queue.push(() => this.#archive?.seal())
    await this.#queue.close('closed')
  }

  #takes(): boolean {
    const { isRecorded, limits } = this.#options
    if (this.#stopped === 'disk-full' || this.#stopped === 'disk-failed') return false
    return limits.window > 0 || (isRecorded() && this.#stopped === null)
  }

  async #open(): Promise<Archive> {
    this.#archive ??= await Archive.open(this.#options.folder)
    return this.#archive
  }

  async #write(listed: readonly ListedSegment[], facts: readonly ArchivedRendition[]): Promise<void> {
    const { isRecorded, limits, targetDuration, clock } = this.#options
    const archive = await this.#open()
    const records = isRecorded() && this.#stopped === null
    await archive.append(listed, facts, { targetDuration, limits: this.#chunkLimits(records) })
    const [first] = listed
    if (first && limits.window > 0) this.emit('written', first.segment.mediaSequence)
    if (records && archive.bytes > limits.recordingBytes) {
      await archive.keepSoFar()
      this.#stop('too-large', 'the recording has reached its largest size')
    }
    if (records && this.#stopped === null) return
    await archive.trim({ before: clock.now() - limits.window - LINGER, bytes: limits.windowBytes })
  }

  #chunkLimits(records: boolean): ChunkLimits {
    const { window, windowBytes, recordingBytes } = this.#options.limits
    return {
      bytes: Math.min(MAX_CHUNK_BYTES, (records ? recordingBytes : windowBytes) / CHUNKS),
      time: window > 0 ? Math.min(MAX_CHUNK_TIME, window / CHUNKS) : MAX_CHUNK_TIME,
    }
  }

  #push(task: () => Promise<void>): void {
    this.#queue.push(task).catch((error: unknown) => {
      if (this.#closed) return
      const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
      this.#stop(isFull ? 'disk-full' : 'disk-failed', String(error))
    })
  }

  #stop(why: RecordingStop, text: string): void {
    if (this.#stopped === why || this.#stopped === 'disk-full' || this.#stopped === 'disk-failed') return
    this.#stopped = why
    this.#options.log.error({ why, error: text }, 'no more is kept of this broadcast, which goes on')
    this.emit('stopped', why)
  }
}

function sizeOf(parts: readonly { bytes: Buffer }[]): number {
  return parts.reduce((sum, part) => sum + part.bytes.length, 0)
}
