/** A broadcast's record in memory and in the store. A store that fails costs the next restart something, never the broadcast. */
import type { Logger } from '../ops/logger.ts'
import type { NextSequence } from '../packager/Packager.ts'
import type { BroadcastChanges, BroadcastRecord } from '../store/broadcastRecord.ts'
import type { Store } from '../store/Store.ts'

/** More segments and discontinuities than can happen between two writes that reached the disk. */
const UNSAVED_SEGMENTS = 30
const UNSAVED_DISCONTINUITIES = 5

export class StoredRecord {
  readonly #store: Store
  readonly #log: Logger
  #value: BroadcastRecord
  #failing = false

  constructor(record: BroadcastRecord, store: Store, log: Logger) {
    this.#value = record.state === 'live' || record.state === 'interrupted' ? skipUnsaved(record) : record
    this.#store = store
    this.#log = log
  }

  get value(): BroadcastRecord {
    return this.#value
  }

  change(changes: BroadcastChanges): void {
    this.#value = { ...this.#value, ...changes }
    this.#write(() => this.#store.update(this.#value.id, changes))
  }

  saveSequences(next: NextSequence): void {
    this.#value = { ...this.#value, ...next }
    this.#write(() => this.#store.saveSequences(this.#value.id, next.mediaSequence, next.discontinuitySequence))
  }

  /** A full disk is told once, and once more when it is over. */
  #write(task: () => void): void {
    try {
      task()
      if (this.#failing) this.#log.info('the store takes changes again')
      this.#failing = false
    } catch (error) {
      if (!this.#failing) this.#log.error({ error: String(error) }, 'the store takes no changes: going on without it')
      this.#failing = true
    }
  }
}

/**
 * Sequence numbers of a broadcast that was live when the server stopped. A power cut or a full disk may have taken the
 * last writes with it, and numbers must only ever grow: a gap is harmless, since nothing older is listed any more.
 */
function skipUnsaved(record: BroadcastRecord): BroadcastRecord {
  return {
    ...record,
    mediaSequence: record.mediaSequence + UNSAVED_SEGMENTS,
    discontinuitySequence: record.discontinuitySequence + UNSAVED_DISCONTINUITIES,
  }
}
