/** What is kept of one broadcast: its window and recording while it goes on, and what becomes of them when it is over. */
import type { RecordingState } from '../../shared/broadcast.ts'
import type { ArchivedRendition } from '../archive/archiveIndex.ts'
import type { ListedSegment } from '../archive/Chunk.ts'
import type { Recorder } from '../archive/Recorder.ts'
import type { Recordings } from '../archive/Recordings.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'

export interface KeepingOptions {
  readonly id: string
  readonly recordings: Recordings
  /** Asked again and again: a broadcaster may change their mind. */
  readonly isRecorded: () => boolean
  /** Whole seconds. */
  readonly targetDuration: number
  readonly log: Logger
}

interface Events extends Record<string, unknown[]> {
  /** `state` has changed. */
  changed: []
  /** Segments up to this media sequence number can be read from the disk. */
  written: [mediaSequence: number]
}

export class Keeping extends TypedEmitter<Events> {
  readonly #options: KeepingOptions
  readonly #recorder: Recorder
  #isOver = false

  constructor(options: KeepingOptions) {
    super()
    this.#options = options
    const { id, recordings } = options
    this.#recorder = recordings.recorder(id, options)
    this.#recorder.on('stopped', () => this.emit('changed'))
    this.#recorder.on('written', (mediaSequence) => this.emit('written', mediaSequence))
  }

  get state(): RecordingState {
    const { id, recordings, isRecorded } = this.#options
    if (recordings.find(id)) return 'kept'
    if (!isRecorded()) return 'off'
    return this.#recorder.stopped ?? (this.#isOver ? 'off' : 'on')
  }

  /** What clients show of it: see BroadcastView. */
  get view(): { recording: RecordingState; timeShift: number } {
    const { window } = this.#options.recordings
    return { recording: this.state, timeShift: this.#recorder.keepsWindow ? window / 1000 : 0 }
  }

  add(listed: readonly ListedSegment[], facts: readonly ArchivedRendition[]): void {
    this.#recorder.add(listed, facts)
  }

  /** The broadcast is over: resolves when its recording can be watched, if there is to be one. */
  async end(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const { id, recordings, isRecorded } = this.#options
    await recordings.finish(id, isRecorded())
    this.emit('changed')
  }

  /** Nobody goes back in a broadcast that is over any more. */
  async windowOver(): Promise<void> {
    const { id, recordings } = this.#options
    if (this.#isOver && !recordings.find(id)) await recordings.discard(id)
  }

  async close(): Promise<void> {
    this.removeAllListeners()
    await this.windowOver()
    await this.#options.recordings.release(this.#options.id)
  }
}
