/** In charge of the form of the database: one step a schema version, applied in order, never changed once released. */

/** Step `n` (from 0) leads from version `n` to `n + 1`; SQLite's `user_version` says how many have been applied. */
export const migrations: readonly string[] = [
  `CREATE TABLE broadcasts (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    visibility TEXT NOT NULL,
    record INTEGER NOT NULL,
    key_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    media_sequence INTEGER NOT NULL,
    discontinuity_sequence INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    ended_at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    stopped TEXT
  ) STRICT, WITHOUT ROWID`,
]
