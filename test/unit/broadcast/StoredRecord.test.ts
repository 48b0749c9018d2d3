import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { StoredRecord } from '../../../server/broadcast/StoredRecord.ts'
import type { BroadcastRecord } from '../../../server/store/broadcastRecord.ts'
import { Store } from '../../../server/store/Store.ts'

const record: BroadcastRecord = {
  id: 'AAAAAAAAAAAAAAAA',
  title: '',
  visibility: 'unlisted',
  record: false,
  keyHash: new Uint8Array(32),
  state: 'live',
  createdAt: 1,
  startedAt: 2,
  endedAt: null,
  mediaSequence: 10,
  discontinuitySequence: 3,
}

describe('the stored record of a broadcast', () => {
  it('goes on in memory when the store takes no more changes, and says so once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nc-record-'))
    const store = Store.open(folder)
    const lines: string[] = []
    const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
    const stored = new StoredRecord({ ...record, state: 'idle' }, store, log)
    store.close()
    stored.change({ state: 'live' })
    stored.saveSequences({ mediaSequence: 11, discontinuitySequence: 4 })
    expect(stored.value).toMatchObject({ state: 'live', mediaSequence: 11, discontinuitySequence: 4 })
    expect(lines).toHaveLength(1)
    rmSync(folder, { recursive: true })
  })

  it('never uses a number again that a lost write may have given away', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nc-record-'))
    const store = Store.open(folder)
    const { value } = new StoredRecord(record, store, pino({ level: 'silent' }))
    expect(value.mediaSequence).toBeGreaterThan(record.mediaSequence)
    expect(value.discontinuitySequence).toBeGreaterThan(record.discontinuitySequence)
    store.close()
    rmSync(folder, { recursive: true })
  })
})
