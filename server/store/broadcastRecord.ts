/** In charge of the form in which a broadcast is kept, and of reading rows back into it. */
import * as v from 'valibot'
import { broadcastStates, visibilities } from '../../shared/broadcast.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A row as SQLite hands it out. What does not fit was not written by us. */
const rowSchema = v.object({
  id: v.string(),
  title: v.string(),
  visibility: v.picklist(visibilities),
  record: v.pipe(
    v.picklist([0, 1]),
    v.transform((bit) => bit === 1),
  ),
  key_hash: v.instance(Uint8Array),
  state: v.picklist(broadcastStates),
  created_at: count,
  started_at: v.nullable(count),
  ended_at: v.nullable(count),
  media_sequence: count,
  discontinuity_sequence: count,
})

/** What outlives a restart. Times are milliseconds since the Unix epoch, integers. */
export interface BroadcastRecord {
  readonly id: string
  readonly title: string
  readonly visibility: (typeof visibilities)[number]
  readonly record: boolean
  /** SHA-256 of the publish key. */
  readonly keyHash: Uint8Array
  readonly state: (typeof broadcastStates)[number]
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The next numbers that no playlist has used yet; see Store.saveSequences. */
  readonly mediaSequence: number
  readonly discontinuitySequence: number
}

/** What may change after the insert, sequences apart. */
export type BroadcastChanges = Partial<
  Pick<BroadcastRecord, 'title' | 'visibility' | 'record' | 'state' | 'startedAt' | 'endedAt'>
>

/** Throws a ValiError for a row that is not ours. */
export function toRecord(row: unknown): BroadcastRecord {
  const read = v.parse(rowSchema, row)
  return {
    id: read.id,
    title: read.title,
    visibility: read.visibility,
    record: read.record,
    keyHash: read.key_hash,
    state: read.state,
    createdAt: read.created_at,
    startedAt: read.started_at,
    endedAt: read.ended_at,
    mediaSequence: read.media_sequence,
    discontinuitySequence: read.discontinuity_sequence,
  }
}
