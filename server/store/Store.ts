/** In charge of what outlives a restart: broadcasts, key hashes and sequence numbers, in SQLite under the data directory. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type BroadcastChanges, type BroadcastRecord, toRecord } from './broadcastRecord.ts'
import { migrations } from './migrations.ts'
import { type RecordingRecord, toRecording } from './recordingRecord.ts'

/** The data directory cannot be used; the message is for the operator and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** Calls are synchronous: each touches one row of a small table in the page cache, microseconds. */
export class Store {
  readonly #db: DatabaseSync
  #closed = false

  /** Opens or creates the database; throws StoreError when it is damaged, in use, or of a newer version. */
  static open(dataDir: string): Store {
    const path = join(dataDir, 'nearcast.db')
    let db: DatabaseSync | undefined
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      db = new DatabaseSync(path)
      prepareFile(db)
      migrate(db, path)
      return new Store(db)
    } catch (error) {
      if (db?.isOpen) db.close()
      throw error instanceof StoreError ? error : new StoreError(explain(error, path), { cause: error })
    }
  }

  private constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Adds a broadcast. It is on the disk when this returns: its link may be in somebody's hands a moment later. */
  insert(record: BroadcastRecord): void {
    this.#durably(() =>
      this.#db
        .prepare(`INSERT INTO broadcasts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(
          record.id,
          record.title,
          record.visibility,
          Number(record.record),
          record.keyHash,
          record.state,
          record.createdAt,
          record.startedAt,
          record.endedAt,
          record.mediaSequence,
          record.discontinuitySequence,
        ),
    )
  }

  find(id: string): BroadcastRecord | null {
    const row = this.#db.prepare('SELECT * FROM broadcasts WHERE id = ?').get(id)
    return row === undefined ? null : toRecord(row)
  }

  /** All broadcasts, oldest first. */
  list(): BroadcastRecord[] {
    return this.#db.prepare('SELECT * FROM broadcasts ORDER BY created_at, id').all().map(toRecord)
  }

  /** Changes what is named; an unknown id changes nothing and returns false. */
  update(id: string, changes: BroadcastChanges): boolean {
    const before = this.find(id)
    if (!before) return false
    const after = { ...before, ...changes }
    this.#db
      .prepare(
        `UPDATE broadcasts SET title = ?, visibility = ?, record = ?, state = ?, started_at = ?, ended_at = ? WHERE id = ?`,
      )
      .run(after.title, after.visibility, Number(after.record), after.state, after.startedAt, after.endedAt, id)
    return true
  }

  /**
   * Remembers the next media and discontinuity sequence number. They only grow: lower numbers than those kept change
   * nothing. Survives the death of the process; a power cut may lose the last seconds of it, so whoever goes on from
   * these numbers after a start leaves a margin.
   */
  saveSequences(id: string, mediaSequence: number, discontinuitySequence: number): void {
    this.#db
      .prepare(
        `UPDATE broadcasts SET media_sequence = max(media_sequence, ?),
         discontinuity_sequence = max(discontinuity_sequence, ?) WHERE id = ?`,
      )
      .run(mediaSequence, discontinuitySequence, id)
  }

  /** Forgets a broadcast for good; an unknown id returns false. */
  delete(id: string): boolean {
    return this.#durably(() => this.#db.prepare('DELETE FROM broadcasts WHERE id = ?').run(id)).changes > 0
  }

  /** Adds or replaces the recording of a broadcast. */
  saveRecording({ id, endedAt, duration, bytes, stopped }: RecordingRecord): void {
    this.#durably(() =>
      this.#db
        .prepare('INSERT OR REPLACE INTO recordings VALUES (?, ?, ?, ?, ?)')
        .run(id, endedAt, duration, bytes, stopped),
    )
  }

  /** All recordings, the one that ended first first. */
  listRecordings(): RecordingRecord[] {
    return this.#db.prepare('SELECT * FROM recordings ORDER BY ended_at, id').all().map(toRecording)
  }

  /** An unknown id changes nothing. */
  deleteRecording(id: string): void {
    this.#durably(() => this.#db.prepare('DELETE FROM recordings WHERE id = ?').run(id))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#db.close()
  }

  /** Runs one statement and waits until the disk has it. */
  #durably<T>(statement: () => T): T {
    this.#db.exec('PRAGMA synchronous = FULL')
    try {
      return statement()
    } finally {
      this.#db.exec('PRAGMA synchronous = NORMAL')
    }
  }
}

/**
 * WAL, so that a write is one append. The lock is exclusive and held: two servers on one data directory would hand out
 * the same sequence numbers. The kernel takes it back when the process dies, however it dies.
 */
function prepareFile(db: DatabaseSync): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = NORMAL')
  // A write that changes nothing takes the lock now, rather than with the first broadcast.
  db.exec('BEGIN EXCLUSIVE; COMMIT')
  const [check] = db.prepare('PRAGMA quick_check(1)').all()
  if (check?.quick_check !== 'ok') throw new Error(`quick_check: ${String(check?.quick_check)}`)
}

function migrate(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (version > migrations.length) {
    throw new StoreError(
      `${path} has schema version ${version}, but this Nearcast knows versions up to ${migrations.length}. ` +
        'Start the newer Nearcast that wrote it, or choose another DATA_DIR.',
    )
  }
  migrations.slice(version).forEach((step, index) => {
    db.exec(`BEGIN; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT`)
  })
}

function explain(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/locked|busy/i.test(text))
    return `${path} is in use by another Nearcast. Stop that one, or choose another DATA_DIR.`
  if (/not a database|malformed|quick_check|corrupt/i.test(text)) {
    return `${path} is damaged (${text}). Put a backup in its place, or move it away to start with no broadcasts.`
  }
  return `${path} cannot be opened (${text}). Check that DATA_DIR is a directory this user may write to.`
}
