import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BroadcastRecord } from '../../../server/store/broadcastRecord.ts'
import { migrations } from '../../../server/store/migrations.ts'
import { Store } from '../../../server/store/Store.ts'

let parent: string
let dataDir: string
let file: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'store-'))
  dataDir = join(parent, 'deep', 'data')
  file = join(dataDir, 'nearcast.db')
})
afterEach(() => rmSync(parent, { recursive: true }))

function record(id: string, changes: Partial<BroadcastRecord> = {}): BroadcastRecord {
  const keyHash = new Uint8Array(32).fill(7)
  return {
    ...{ id, title: 'A title', visibility: 'public', record: true, keyHash, state: 'idle', createdAt: 1_000 },
    ...{ startedAt: null, endedAt: null, mediaSequence: 0, discontinuitySequence: 0, ...changes },
  }
}

/** Opens, uses and closes a store. */
function withStore<T>(use: (store: Store) => T): T {
  const store = Store.open(dataDir)
  try {
    return use(store)
  } finally {
    store.close()
  }
}

describe('Store', () => {
  it('gives back what was put in, after it was closed and opened again', () => {
    withStore((store) => store.insert(record('one')))
    expect(withStore((store) => store.find('one'))).toEqual(record('one'))
  })

  it('lists all broadcasts, oldest first', () => {
    withStore((store) => {
      for (const [id, createdAt] of [
        ['b', 2_000],
        ['a', 2_000],
        ['z', 1_000],
      ] as const)
        store.insert(record(id, { createdAt }))
      expect(store.list().map(({ id }) => id)).toEqual(['z', 'a', 'b'])
    })
  })

  it('changes what is named and nothing else', () => {
    withStore((store) => {
      store.insert(record('one'))
      expect(store.update('one', { state: 'live', startedAt: 5_000 })).toBe(true)
      expect(store.find('one')).toEqual(record('one', { state: 'live', startedAt: 5_000 }))
      expect(store.update('none', { title: 'x' })).toBe(false)
    })
  })

  it('lets sequence numbers grow only', () => {
    withStore((store) => {
      store.insert(record('one'))
      store.saveSequences('one', 100, 3)
      store.saveSequences('one', 50, 4)
      expect(store.find('one')).toMatchObject({ mediaSequence: 100, discontinuitySequence: 4 })
    })
  })

  it('forgets what is deleted', () => {
    withStore((store) => {
      store.insert(record('one'))
      expect([store.delete('one'), store.delete('one'), store.find('one')]).toEqual([true, false, null])
    })
  })

  it('keeps its directory to the user it runs as', () => {
    withStore(() => {})
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  it('refuses a directory that another server uses, and leaves that one alone', () => {
    withStore((store) => {
      expect(() => Store.open(dataDir)).toThrow(/in use by another Nearcast/)
      store.insert(record('one'))
    })
  })

  it('keeps what a server of the first version wrote, and has recordings from then on', () => {
    withStore((store) => store.insert(record('one')))
    const db = new DatabaseSync(file)
    db.exec('DROP TABLE recordings; PRAGMA user_version = 1')
    db.close()
    const recording = { id: 'one', endedAt: 5, duration: 6, bytes: 7, stopped: 'disk-full' as const }
    withStore((store) => {
      expect(store.find('one')).toEqual(record('one'))
      expect(store.listRecordings()).toEqual([])
      store.saveRecording({ ...recording, stopped: null })
      store.saveRecording(recording)
    })
    withStore((store) => {
      expect(store.listRecordings()).toEqual([recording])
      store.deleteRecording('one')
      store.deleteRecording('two')
      expect(store.listRecordings()).toEqual([])
    })
  })

  it('refuses a schema of a newer version and does not touch it', () => {
    withStore((store) => store.insert(record('one')))
    const db = new DatabaseSync(file)
    db.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    db.close()
    expect(() => Store.open(dataDir)).toThrow(
      `schema version ${migrations.length + 1}, but this Nearcast knows versions up to ${migrations.length}`,
    )
  })

  it('says what to do about a file that is no database', () => {
    withStore(() => {})
    writeFileSync(file, 'not a database at all, but long enough to be taken for one'.repeat(100))
    expect(() => Store.open(dataDir)).toThrow(/is damaged .*backup/)
  })

  it('says what to do about a database that was cut short', () => {
    withStore((store) => {
      for (let index = 0; index < 200; index++) store.insert(record(`broadcast-${index}`))
    })
    truncateSync(file, 8192)
    expect(() => Store.open(dataDir)).toThrow(/is damaged .*backup/)
  })

  it('says what to do about a directory it may not use', () => {
    writeFileSync(join(parent, 'deep'), 'a file')
    expect(() => Store.open(dataDir)).toThrow(/cannot be opened .*DATA_DIR/)
  })

  it('is closed once, and does nothing after that', () => {
    const store = Store.open(dataDir)
    store.close()
    store.close()
    expect(() => store.list()).toThrow()
  })
})
