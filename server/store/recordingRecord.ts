/** In charge of the form in which a finished recording is kept, and of reading rows back into it. */
import * as v from 'valibot'
import { recordingStops } from '../../shared/broadcast.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A row as SQLite hands it out. What does not fit was not written by us. */
const rowSchema = v.object({
  id: v.string(),
  ended_at: count,
  duration: count,
  bytes: count,
  stopped: v.nullable(v.picklist(recordingStops)),
})

/** What is known of a recording without looking at its files. */
export interface RecordingRecord {
  /** Of the broadcast. */
  readonly id: string
  /** Milliseconds since the Unix epoch. */
  readonly endedAt: number
  /** Milliseconds of media. */
  readonly duration: number
  /** On disk. */
  readonly bytes: number
  /** Why it ended before the broadcast did, or null. */
  readonly stopped: (typeof recordingStops)[number] | null
}

/** Throws a ValiError for a row that is not ours. */
export function toRecording(row: unknown): RecordingRecord {
  const { id, ended_at, duration, bytes, stopped } = v.parse(rowSchema, row)
  return { id, endedAt: ended_at, duration, bytes, stopped }
}
