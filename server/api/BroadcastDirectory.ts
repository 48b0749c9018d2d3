/** What the HTTP API asks of whoever keeps the broadcasts. */
import type { BroadcastFacts, CreateBroadcast, CreatedBroadcast, PatchBroadcast } from '../../shared/broadcast.ts'
import type { ViewCredentials } from '../auth/mayWatch.ts'

export interface BroadcastDirectory {
  /** Throws server-full. */
  create(body: CreateBroadcast): Promise<CreatedBroadcast> | CreatedBroadcast
  /** Those that are public and live (or interrupted). */
  listPublicLive(): BroadcastFacts[]
  listAll(): BroadcastFacts[]
  /** Of public broadcasts, the newest first. */
  listPublicRecordings(): BroadcastFacts[]
  /** Throws broadcast-not-found. */
  facts(id: string): BroadcastFacts
  /** Throws broadcast-not-found or wrong-key; in time that does not depend on the key. */
  verifyKey(id: string, key: string): void
  /** Throws broadcast-not-found. */
  patch(id: string, body: PatchBroadcast): BroadcastFacts
  /** Ends the broadcast and forgets it. Throws broadcast-not-found. */
  delete(id: string): Promise<void>
  /**
   * Path of one MP4 of the whole recording, made if need be. Rejects with broadcast-not-found, no-recording, server-full or
   * internal.
   */
  recordingFile(id: string, credentials: ViewCredentials): Promise<string>
  /** Throws broadcast-not-found, wrong-state while it goes on, or no-recording. */
  deleteRecording(id: string): Promise<void>
}
