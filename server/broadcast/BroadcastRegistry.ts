/** Every broadcast there is: records in the store, objects for those that someone sends, watches or waits for. */
import type { BroadcastFacts, CreateBroadcast, CreatedBroadcast, PatchBroadcast } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { BroadcastDirectory } from '../api/BroadcastDirectory.ts'
import type { KeptMedia } from '../archive/KeptMedia.ts'
import { hashKey, keyMatches, newBroadcastId, newPublishKey } from '../auth/keys.ts'
import { mayWatch, type ViewCredentials } from '../auth/mayWatch.ts'
import type { DashDirectory, DashSource } from '../delivery/DashDirectory.ts'
import type { HlsDirectory } from '../delivery/HlsDirectory.ts'
import type { KeptDirectory } from '../delivery/KeptDirectory.ts'
import type { LinkPreview } from '../delivery/linkPreview.ts'
import type { MseDirectory, MseFeed } from '../delivery/MseFeed.ts'
import type { PosterDirectory } from '../delivery/posterRoutes.ts'
import type { CancelTimer } from '../lib/clock.ts'
import type { BroadcastRecord } from '../store/broadcastRecord.ts'
import { Broadcast } from './Broadcast.ts'
import type { BroadcastDeps } from './BroadcastDeps.ts'
import { broadcastUrls, recordingFacts } from './links.ts'
import type { HttpSource } from './Packaging.ts'
import type { Still } from './Poster.ts'
import { RecordingPosters } from './RecordingPosters.ts'

export interface RegistryOptions extends Omit<BroadcastDeps, 'assertRoom'> {
  /** Broadcasts live or interrupted at once. */
  maxBroadcasts: number
  /** Milliseconds that a broadcast which is not live keeps its link. */
  retention: number
  /** What shared links begin with; known once the server listens. */
  origin(): string
}

/** Milliseconds between two looks for objects and records that nobody needs any more. */
const SWEEP_INTERVAL = 60_000

/** Hash for ids that do not exist, so that a wrong id takes as long as a wrong key. */
const NO_KEY = new Uint8Array(32)

export class BroadcastRegistry
  implements BroadcastDirectory, HlsDirectory, DashDirectory, MseDirectory, KeptDirectory, PosterDirectory
{
  readonly #options: RegistryOptions
  readonly #open = new Map<string, Broadcast>()
  readonly #posters: RecordingPosters
  readonly #cancelSweep: CancelTimer

  /** Opens the broadcasts that were live when the server stopped: they wait for their sources. */
  constructor(options: RegistryOptions) {
    this.#options = options
    this.#posters = new RecordingPosters(options)
    for (const record of options.store.list()) {
      if (record.state === 'live' || record.state === 'interrupted') this.#openRecord(record)
    }
    this.#cancelSweep = options.clock.every(SWEEP_INTERVAL, () => this.#sweep())
  }

  /** Broadcasts live or interrupted now. */
  get active(): number {
    let active = 0
    for (const { phase } of this.#open.values())
      if (phase.state === 'live' || phase.state === 'interrupted') active += 1
    return active
  }

  /** People watching now, of all broadcasts. */
  get viewers(): number {
    let viewers = 0
    for (const { audience } of this.#open.values()) viewers += audience.counts.total
    return viewers
  }

  /** Viewers with a WebRTC seat, and those who wait for one, of all broadcasts. */
  get seats(): { taken: number; waiting: number } {
    const sum = { taken: 0, waiting: 0 }
    for (const { audience } of this.#open.values()) {
      sum.taken += audience.seats.taken
      sum.waiting += audience.seats.waiting
    }
    return sum
  }

  /** Throws `broadcast-not-found`. */
  find(id: string): Broadcast {
    return this.#open.get(id) ?? this.#openRecord(this.#record(id))
  }

  create(body: CreateBroadcast): CreatedBroadcast {
    const publishKey = newPublishKey()
    const record: BroadcastRecord = {
      id: newBroadcastId(),
      ...body,
      keyHash: hashKey(publishKey),
      state: 'idle',
      createdAt: Math.round(this.#options.clock.now()),
      startedAt: null,
      endedAt: null,
      mediaSequence: 0,
      discontinuitySequence: 0,
    }
    this.#options.store.insert(record)
    this.#options.log.info({ broadcast: record.id }, 'broadcast created')
    const { id, title, state } = record
    return { id, title, state, publishKey, urls: broadcastUrls(this.#options.origin(), id) }
  }

  listPublicLive(): BroadcastFacts[] {
    return [...this.#open.values()]
      .filter(
        ({ phase, record }) => record.visibility === 'public' && phase.state !== 'idle' && phase.state !== 'ended',
      )
      .map((broadcast) => this.#facts(broadcast.record))
  }

  listAll(): BroadcastFacts[] {
    return this.#options.store.list().map((record) => this.#facts(record))
  }

  listPublicRecordings(): BroadcastFacts[] {
    const records = this.#options.store.list().filter(({ id, visibility }) => {
      return visibility === 'public' && this.#options.recordings.find(id) !== null
    })
    return records.map((record) => this.#facts(record)).reverse()
  }

  facts(id: string): BroadcastFacts {
    return this.#facts(this.#record(id))
  }

  verifyKey(id: string, key: string): void {
    const record = this.#options.store.find(id)
    const matches = keyMatches(key, record?.keyHash ?? NO_KEY)
    if (record === null) throw new NearcastError('broadcast-not-found')
    if (!matches) throw new NearcastError('wrong-key')
  }

  patch(id: string, body: PatchBroadcast): BroadcastFacts {
    this.find(id).patch(body)
    return this.facts(id)
  }

  async delete(id: string): Promise<void> {
    const broadcast = this.find(id)
    await broadcast.end()
    this.#options.store.delete(id)
    await broadcast.close('deleted')
    await this.#options.recordings.remove(id)
    this.#posters.forget(id)
  }

  async deleteRecording(id: string): Promise<void> {
    const { state } = this.#record(id)
    if (state !== 'ended') throw new NearcastError('wrong-state', 'The broadcast is not over yet.')
    this.#posters.forget(id)
    this.#open.get(id)?.poster.forget()
    if (!(await this.#options.recordings.remove(id))) throw new NearcastError('no-recording')
  }

  hls(id: string, credentials: ViewCredentials): HttpSource {
    const broadcast = this.find(id)
    if (!mayWatch(broadcast.record, credentials)) throw new NearcastError('broadcast-not-found')
    return broadcast.http
  }

  dash(id: string, credentials: ViewCredentials): DashSource {
    return this.hls(id, credentials).dash
  }

  mse(id: string, credentials: ViewCredentials): MseFeed {
    return this.hls(id, credentials).feed
  }

  seatMseViewer(id: string, token: string | null, left: () => void): () => void {
    return this.find(id).audience.seatMseViewer(token, left)
  }

  async kept(id: string, credentials: ViewCredentials): Promise<KeptMedia | null> {
    if (!mayWatch(this.#record(id), credentials)) throw new NearcastError('broadcast-not-found')
    return this.#options.recordings.kept(id)
  }

  async poster(id: string, credentials: ViewCredentials): Promise<Still | null> {
    const broadcast = this.find(id)
    if (!mayWatch(broadcast.record, credentials)) throw new NearcastError('broadcast-not-found')
    const still = await broadcast.poster.newest()
    const kept = still ? null : await this.#options.recordings.kept(id)
    return kept ? this.#posters.of(id, kept) : still
  }

  /** For whoever has nothing but the link. Null when there is no such broadcast. */
  linkPreview(id: string): LinkPreview | null {
    const record = this.#open.get(id)?.record ?? this.#options.store.find(id)
    if (record === null || !mayWatch(record, { token: null })) return null
    const { title, state } = record
    const hasPicture = this.#open.get(id)?.poster.hasPicture || this.isRecording(id)
    const { watch, poster } = broadcastUrls(this.#options.origin(), id)
    return { title, isLive: state === 'live' || state === 'interrupted', url: watch, image: hasPicture ? poster : null }
  }

  async recordingFile(id: string, credentials: ViewCredentials): Promise<string> {
    if (!mayWatch(this.#record(id), credentials)) throw new NearcastError('broadcast-not-found')
    return this.#options.recordings.file(id)
  }

  isRecording(id: string): boolean {
    return this.#options.recordings.find(id) !== null
  }

  countHttpViewer(id: string, session: string, heldFor = 0): void {
    this.#open.get(id)?.audience.sawHttpSession(session, heldFor)
  }

  /** The server stops: states in the store stay, so that live broadcasts wait for their sources after the next start. */
  async close(): Promise<void> {
    this.#cancelSweep()
    await Promise.all([...this.#open.values()].map((broadcast) => broadcast.close('shutting-down')))
  }

  #record(id: string): BroadcastRecord {
    const record = this.#open.get(id)?.record ?? this.#options.store.find(id)
    if (record === null) throw new NearcastError('broadcast-not-found')
    return record
  }

  #openRecord(record: BroadcastRecord): Broadcast {
    const broadcast = new Broadcast(record, {
      ...this.#options,
      assertRoom: () => {
        const taken = [...this.#open.values()].filter(({ takesRoom }) => takesRoom).length
        if (taken >= this.#options.maxBroadcasts) throw new NearcastError('server-full')
      },
    })
    this.#open.set(broadcast.id, broadcast)
    broadcast.once('closed', () => this.#open.delete(broadcast.id))
    return broadcast
  }

  #facts(record: BroadcastRecord): BroadcastFacts {
    const broadcast = this.#open.get(record.id)
    const recording = this.#options.recordings.find(record.id)
    const origin = this.#options.origin()
    return {
      id: record.id,
      title: record.title,
      visibility: record.visibility,
      state: record.state,
      startedAt: record.startedAt === null ? null : new Date(record.startedAt).toISOString(),
      viewers: broadcast?.audience.counts ?? { total: 0, webrtc: 0, mse: 0, hls: 0 },
      renditions: broadcast?.renditions ?? [],
      record: record.record,
      recording: recording && recordingFacts(origin, recording),
      http: broadcast?.view.http ?? null,
      converted: broadcast?.view.converted ?? false,
      urls: broadcastUrls(origin, record.id),
    }
  }

  #sweep(): void {
    const { clock, store, retention, log } = this.#options
    for (const broadcast of this.#open.values()) {
      if (broadcast.isDormant) void broadcast.close('dormant')
    }
    const oldest = clock.now() - retention
    for (const { id, state, createdAt, endedAt } of store.list()) {
      if (this.#open.has(id) || this.#options.recordings.find(id) || state === 'live' || state === 'interrupted')
        continue
      if ((endedAt ?? createdAt) >= oldest) continue
      store.delete(id)
      log.info({ broadcast: id }, 'broadcast forgotten: retention is over')
    }
  }
}
