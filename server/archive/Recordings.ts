/** All that is kept on disk: hands out recorders, finishes and opens recordings, and deletes what is too old or too much. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NearcastError } from '../../shared/errors.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Counter } from '../ops/metrics.ts'
import type { RecordingRecord } from '../store/recordingRecord.ts'
import type { Store } from '../store/Store.ts'
import { Archive } from './Archive.ts'
import { type KeptMedia, keptMedia } from './KeptMedia.ts'
import { Mp4Maker } from './Mp4Maker.ts'
import { Recorder, type RecorderLimits, type RecorderLog } from './Recorder.ts'

export interface RecordingsLimits extends RecorderLimits {
  /** Of all finished recordings together. */
  readonly totalBytes: number
  /** Milliseconds after its end. */
  readonly age: number
}

export interface RecordingsOptions {
  /** Made when it is not there. */
  readonly folder: string
  readonly limits: RecordingsLimits
  readonly store: Pick<Store, 'find' | 'saveRecording' | 'listRecordings' | 'deleteRecording'>
  readonly ffmpegPath: string
  readonly clock: Clock
  readonly log: RecorderLog
  /** Counts archives that ended before their broadcast. */
  readonly stopped: Pick<Counter, 'inc'>
}

/** Milliseconds between two looks for recordings that are too old or too many. */
const SWEEP_INTERVAL = 3_600_000
/** Recordings whose index stays in memory; the one unused for longest goes first. */
const MAX_OPEN = 16
/** What may be a folder of ours: ids of broadcasts. */
const ID = /^[\w-]{16}$/

export class Recordings {
  readonly #options: RecordingsOptions
  readonly #finished = new Map<string, RecordingRecord>()
  readonly #recorders = new Map<string, Recorder>()
  readonly #opened = new Map<string, Promise<Archive>>()
  readonly #maker: Mp4Maker
  readonly #cancelSweep: CancelTimer

  /** Deletes folders that belong to nothing. Finishes what a crash left unfinished of broadcasts that are over. */
  static async create(options: RecordingsOptions): Promise<Recordings> {
    const { folder, store, log } = options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const recordings = new Recordings(options)
    const ids = await readdir(folder)
    for (const id of ids.filter((name) => ID.test(name))) {
      const record = store.find(id)
      await Mp4Maker.tidy(join(folder, id))
      if (recordings.#finished.has(id) && record) continue
      if (record?.state === 'live' || record?.state === 'interrupted') continue
      const archive = await Archive.open(join(folder, id))
      if (record?.record && archive.segments.length > 0) {
        recordings.#finish(id, archive, record.endedAt ?? options.clock.now(), null)
      } else {
        await archive.remove()
        log.info({ broadcast: id }, 'what was kept of a broadcast that is over was deleted')
      }
    }
    for (const id of [...recordings.#finished.keys()].filter((known) => !ids.includes(known))) {
      recordings.#finished.delete(id)
      store.deleteRecording(id)
    }
    await recordings.sweep()
    return recordings
  }

  private constructor(options: RecordingsOptions) {
    this.#options = options
    this.#maker = new Mp4Maker(options)
    for (const recording of options.store.listRecordings()) this.#finished.set(recording.id, recording)
    this.#cancelSweep = options.clock.every(SWEEP_INTERVAL, () => void this.sweep())
  }

  /** Bytes on disk of all that is kept. */
  get bytes(): number {
    const live = [...this.#recorders.values()].reduce((sum, recorder) => sum + recorder.bytes, 0)
    return live + this.#finishedBytes
  }

  /** How far viewers can go back, milliseconds; 0: not at all. */
  get window(): number {
    return this.#options.limits.window
  }

  /** Finished ones. */
  get count(): number {
    return this.#finished.size
  }

  /** What is known of a finished recording, or null. */
  find(id: string): RecordingRecord | null {
    return this.#finished.get(id) ?? null
  }

  /** Makes what keeps a broadcast while it is not over. To be given back by `finish`, `discard` or `release`. */
  recorder(id: string, options: { isRecorded: () => boolean; targetDuration: number; log: RecorderLog }): Recorder {
    const { folder, limits, clock, stopped } = this.#options
    const recorder = new Recorder({ ...options, folder: join(folder, id), limits, clock })
    recorder.on('stopped', (why) => stopped.inc({ why }))
    this.#recorders.set(id, recorder)
    return recorder
  }

  /**
   * The broadcast is over: what there is becomes its recording, if it is to have one. Resolves with it, or null when there
   * is none; then what can be gone back to stays until `discard`.
   */
  async finish(id: string, isRecorded: boolean): Promise<RecordingRecord | null> {
    const recorder = this.#recorders.get(id)
    const archive = await recorder?.end()
    if (!recorder || !archive || !isRecorded) return null
    const recording = this.#finish(id, archive, this.#options.clock.now(), recorder.stopped)
    await this.release(id)
    void this.sweep()
    return recording
  }

  /** The broadcast is over and not recorded: deletes what was kept of it. */
  async discard(id: string): Promise<void> {
    const recorder = this.#recorders.get(id)
    this.#recorders.delete(id)
    await recorder?.remove()
    await recorder?.close()
  }

  /** The server stops, or the broadcast's object is not needed any more: what is on disk stays. */
  async release(id: string): Promise<void> {
    const recorder = this.#recorders.get(id)
    this.#recorders.delete(id)
    await recorder?.close()
  }

  /** What can be fetched of a broadcast: the recording when it is over, else what viewers can go back to; null for neither. */
  async kept(id: string): Promise<KeptMedia | null> {
    const archive = await this.archive(id)
    const newest = archive?.segments.at(-1)
    if (archive && newest) {
      const from = newest.startsAt - this.#options.limits.window
      return keptMedia(archive, { recording: { kind: 'recording', from: 0 }, window: { kind: 'ended-window', from } })
    }
    return (await this.#recorders.get(id)?.kept()) ?? null
  }

  /** A finished recording, or null. */
  async archive(id: string): Promise<Archive | null> {
    if (!this.#finished.has(id)) return null
    const opened = this.#opened.get(id) ?? Archive.open(join(this.#options.folder, id))
    this.#opened.delete(id)
    this.#opened.set(id, opened)
    const [oldest] = this.#opened.keys()
    if (this.#opened.size > MAX_OPEN && oldest !== undefined) this.#opened.delete(oldest)
    return opened
  }

  /** Path of one MP4 of a finished recording, made if need be. Rejects with `no-recording`, or as Mp4Maker says. */
  async file(id: string): Promise<string> {
    const archive = await this.archive(id)
    if (!archive) throw new NearcastError('no-recording')
    return this.#maker.make(join(this.#options.folder, id), archive)
  }

  /** Deletes a finished recording with everything that was made of it; false when there is none. */
  async remove(id: string): Promise<boolean> {
    if (!this.#finished.delete(id)) return false
    this.#opened.delete(id)
    this.#options.store.deleteRecording(id)
    const folder = join(this.#options.folder, id)
    await this.#maker.forget(folder)
    await rm(folder, { recursive: true, force: true })
    return true
  }

  /** Deletes recordings that are too old, and then the oldest ones while all together are too large. */
  async sweep(): Promise<void> {
    const { limits, clock, log } = this.#options
    const oldest = clock.now() - limits.age
    for (const { id, endedAt, bytes } of [...this.#finished.values()].toSorted((a, b) => a.endedAt - b.endedAt)) {
      const why = endedAt < oldest ? 'age' : this.#finishedBytes > limits.totalBytes ? 'total size' : null
      if (why === null) return
      log.info({ broadcast: id, why, bytes }, 'recording deleted')
      await this.remove(id).catch((error: unknown) => log.error({ error: String(error) }, 'deleting failed'))
    }
  }

  async close(): Promise<void> {
    this.#cancelSweep()
    await this.#maker.close()
    await Promise.all([...this.#recorders.keys()].map((id) => this.release(id)))
  }

  get #finishedBytes(): number {
    return [...this.#finished.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #finish(id: string, archive: Archive, endedAt: number, stopped: RecordingRecord['stopped']): RecordingRecord {
    const { store, log } = this.#options
    const duration = Math.round(archive.duration * 1000)
    const recording = { id, endedAt: Math.round(endedAt), duration, bytes: archive.bytes, stopped }
    this.#finished.set(id, recording)
    this.#opened.set(id, Promise.resolve(archive))
    try {
      store.saveRecording(recording)
    } catch (error) {
      // A full disk, maybe: the next start finds the files and finishes it again.
      log.error({ broadcast: id, error: String(error) }, 'the store does not take the recording')
    }
    log.info({ broadcast: id, seconds: duration / 1000, bytes: archive.bytes }, 'recording finished')
    return recording
  }
}
