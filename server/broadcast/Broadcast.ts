/** The aggregate: one broadcast from its first viewer to its end, owner of its media path, packager and audience. */
import type { PatchBroadcast, RenditionFacts } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView, Params, ProducerView } from '../../shared/signaling.ts'
import type { HlsSource } from '../delivery/HlsDirectory.ts'
import type { BrowserSource } from '../ingest/BrowserSource.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import type { BroadcastChanges, BroadcastRecord } from '../store/broadcastRecord.ts'
import type { Store } from '../store/Store.ts'
import { Audience } from './Audience.ts'
import { MediaPath, type TapSettings } from './MediaPath.ts'
import { Packaging } from './Packaging.ts'
import { nextPhase, type Phase, type PhaseEvent, restoredPhase, startedAt } from './phase.ts'

export interface BroadcastSettings {
  /** Milliseconds. */
  gracePeriod: number
  /** Seconds. */
  partTarget: number
  windowSegments: number
  maxViewers: number
  maxSeats: number
  taps: TapSettings
}

export interface BroadcastDeps {
  settings: BroadcastSettings
  store: Store
  createRouter(): Promise<SfuRouter>
  /** Throws `server-full` when no further broadcast may be live. */
  assertRoom(): void
  clock: Clock
  log: Logger
}

interface Events extends Record<string, unknown[]> {
  /** Something that clients show changed; at most once a second for viewer counts alone. */
  changed: []
  /** Viewers should consume again. */
  producers: []
  /** The publisher's transport ended by itself. */
  'transport-closed': [transportId: string]
  /** The worker died: every transport is gone. */
  'sfu-replaced': []
  /** It ended; nothing can be published any more. */
  ended: []
  closed: [reason: string]
}

/** More segments and discontinuities than can happen between two writes that reached the disk. */
const UNSAVED_SEGMENTS = 30
const UNSAVED_DISCONTINUITIES = 5

/** Milliseconds between two views that differ in viewer counts only. */
const COUNTS_INTERVAL = 1_000

export class Broadcast extends TypedEmitter<Events> {
  readonly id: string
  readonly audience: Audience
  readonly #deps: BroadcastDeps
  readonly #log: Logger
  readonly #packaging: Packaging
  readonly #queue = new SerialQueue()
  #record: BroadcastRecord
  #phase: Phase
  #status: Params<'publish:status'> = { muted: false, cameraOff: false, screen: false }
  #media: MediaPath | null = null
  #copyable = true
  #cancelGrace: CancelTimer | null = null
  #cancelCounts: CancelTimer | null = null
  #closed = false

  constructor(record: BroadcastRecord, deps: BroadcastDeps) {
    super()
    this.id = record.id
    this.#record = record.state === 'live' || record.state === 'interrupted' ? skipUnsaved(record) : record
    this.#deps = deps
    this.#log = deps.log.child({ broadcast: record.id })
    this.#phase = restoredPhase(record, Math.round(deps.clock.now()), deps.settings.gracePeriod)
    const broadcast = this
    this.audience = new Audience({
      feed: {
        get router() {
          return broadcast.#media?.router ?? null
        },
        get producers() {
          return broadcast.#media?.producers ?? []
        },
      },
      maxViewers: deps.settings.maxViewers,
      maxSeats: deps.settings.maxSeats,
      clock: deps.clock,
      log: this.#log,
    })
    this.audience.on('changed', () => this.#countsChanged())
    this.#packaging = new Packaging({
      partTarget: deps.settings.partTarget,
      windowSegments: deps.settings.windowSegments,
      nextSequence: () => this.#record,
      persistSequence: (next) => {
        this.#record = { ...this.#record, ...next }
        deps.store.saveSequences(this.id, next.mediaSequence, next.discontinuitySequence)
      },
      clock: deps.clock,
      log: this.#log,
    })
    this.#packaging.on('ready', () => this.emit('changed'))
    this.#packaging.on('keyFrameNeeded', () => this.#media?.requestKeyFrames())
    this.#watchGrace()
    this.#log.info({ state: this.#phase.state }, 'broadcast opened')
  }

  get record(): BroadcastRecord {
    return this.#record
  }

  get phase(): Phase {
    return this.#phase
  }

  get view(): BroadcastView {
    const phase = this.#phase
    return {
      id: this.id,
      title: this.#record.title,
      state: phase.state,
      sending: this.#media?.isFlowing ?? false,
      ...this.#status,
      startedAt: startedAt(phase),
      endsAt: phase.state === 'interrupted' ? phase.endsAt : null,
      viewers: this.audience.counts,
      http: this.#http,
    }
  }

  get producers(): ProducerView[] {
    return (this.#media?.producers ?? []).map(({ producer, source }) => ({
      id: producer.id,
      kind: producer.kind,
      source,
    }))
  }

  /** The router viewers consume from, or null while nobody sends. */
  get router(): SfuRouter | null {
    return this.#media?.router ?? null
  }

  get renditions(): RenditionFacts[] {
    return this.#packaging.renditions
  }

  /** Whether nothing would be lost if the object were dropped: the record tells the rest. */
  get isDormant(): boolean {
    const quiet = this.#phase.state === 'idle' || this.#phase.state === 'ended'
    return quiet && this.#media === null && this.#packaging.source === null && this.audience.isEmpty
  }

  /** Throws `not-live`, `no-http-delivery` or `broadcast-ended` when there is nothing to play. */
  get hls(): HlsSource {
    if (!this.#copyable) throw new NearcastError('no-http-delivery')
    const { source } = this.#packaging
    if (source !== null) return source
    throw new NearcastError(this.#phase.state === 'ended' ? 'broadcast-ended' : 'not-live')
  }

  /**
   * The publisher joins. With the id of a transport that is still alive it goes on with its source; else it gets a new
   * one and the source before it is closed.
   */
  async openSource(
    transportId: string | undefined,
  ): Promise<{ source: BrowserSource; router: SfuRouter; resumed: boolean }> {
    return this.#queue.push(async () => {
      this.#assertNotEnded()
      const current = this.#media?.source
      if (this.#media !== null && transportId !== undefined && current?.hasTransport(transportId)) {
        return { source: current, router: this.#media.router, resumed: true }
      }
      if (this.#phase.state !== 'interrupted' && this.#phase.state !== 'live') this.#deps.assertRoom()
      const media = this.#media ?? (await this.#openMedia())
      return { source: media.openSource(), router: media.router, resumed: false }
    })
  }

  /** The publisher's socket is gone. Media that flows goes on; a router that nothing was ever sent to is given back. */
  publisherLeft(): void {
    if (this.#phase.state !== 'idle') return
    void this.#queue.push(() => this.#closeMedia('publisher left')).catch(() => {})
  }

  setStatus(status: Params<'publish:status'>): void {
    this.#status = status
    this.emit('changed')
  }

  patch(changes: PatchBroadcast): void {
    this.#save(changes)
    this.emit('changed')
  }

  /** Ends it for good; the playlists stay for a minute with their end in them. */
  async end(): Promise<void> {
    this.#apply({ type: 'end' })
    await this.#queue.push(() => undefined)
  }

  /** The server stops or forgets the broadcast: its state in the store stays as it is. */
  async close(reason: string): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelGrace?.()
    this.#cancelCounts?.()
    this.audience.close(reason)
    await this.#queue.push(() => this.#closeMedia(reason))
    this.#packaging.close(reason)
    await this.#queue.close(reason)
    this.#log.info(`broadcast closed: ${reason}`)
    this.emit('closed', reason)
    this.removeAllListeners()
  }

  get #http(): BroadcastView['http'] {
    if (!this.#copyable) return 'no-http-delivery'
    return this.#packaging.ready ? 'ready' : 'preparing'
  }

  #assertNotEnded(): void {
    if (this.#phase.state === 'ended') throw new NearcastError('broadcast-ended')
    if (this.#closed) throw new NearcastError('shutting-down')
  }

  async #openMedia(): Promise<MediaPath> {
    const router = await this.#deps.createRouter()
    const { clock, settings } = this.#deps
    const media = new MediaPath({
      router,
      sink: () => this.#packaging.sink,
      taps: settings.taps,
      clock,
      log: this.#log,
    })
    media.on('flowing', (flowing) => this.#apply({ type: flowing ? 'flowing' : 'silent' }))
    media.on('producers', () => this.emit('producers'))
    media.on('transport-closed', (id) => this.emit('transport-closed', id))
    media.on('taps-closed', () => this.#packaging.interrupt())
    media.on('untappable', () => {
      this.#copyable = false
      this.emit('changed')
    })
    media.on('lost', () => void this.#queue.push(() => this.#mediaLost(media)).catch(() => {}))
    this.#media = media
    return media
  }

  async #mediaLost(media: MediaPath): Promise<void> {
    if (this.#media !== media) return
    this.#apply({ type: 'silent' })
    await this.#closeMedia('worker died')
    this.emit('sfu-replaced')
    this.emit('producers')
  }

  async #closeMedia(reason: string): Promise<void> {
    const media = this.#media
    this.#media = null
    this.#copyable = true
    await media?.close(reason)
  }

  #apply(event: PhaseEvent): void {
    // The state in the store is what the next start goes on from: closing does not change it.
    if (this.#closed) return
    const { clock, settings } = this.#deps
    const before = this.#phase
    this.#phase = nextPhase(before, event, Math.round(clock.now()), settings.gracePeriod)
    if (this.#phase === before) {
      if (event.type === 'flowing' || event.type === 'silent') this.emit('changed')
      return
    }
    this.#log.info({ from: before.state, to: this.#phase.state }, 'broadcast state')
    this.#save({
      state: this.#phase.state,
      startedAt: startedAt(this.#phase),
      endedAt: this.#phase.state === 'ended' ? this.#phase.endedAt : null,
    })
    this.#watchGrace()
    if (this.#phase.state === 'ended') this.#finish()
    this.emit('changed')
  }

  #finish(): void {
    this.emit('ended')
    void this.#queue
      .push(async () => {
        await this.#closeMedia('broadcast ended')
        this.#packaging.end()
      })
      .catch((error: unknown) => this.#log.error({ error: String(error) }, 'ending failed'))
  }

  #watchGrace(): void {
    this.#cancelGrace?.()
    this.#cancelGrace = null
    if (this.#phase.state !== 'interrupted') return
    const left = Math.max(0, this.#phase.endsAt - this.#deps.clock.now())
    this.#cancelGrace = this.#deps.clock.after(left, () => this.#apply({ type: 'grace-over' }))
  }

  #countsChanged(): void {
    if (this.#closed || this.#cancelCounts !== null) return
    this.#cancelCounts = this.#deps.clock.after(COUNTS_INTERVAL, () => {
      this.#cancelCounts = null
      this.emit('changed')
    })
  }

  #save(changes: BroadcastChanges): void {
    this.#record = { ...this.#record, ...changes }
    this.#deps.store.update(this.id, changes)
  }
}

/**
 * Sequence numbers of a broadcast that was live when the server stopped. A power cut may have taken the last seconds of
 * writes with it, and numbers must only ever grow: a gap is harmless, since nothing older is listed any more.
 */
function skipUnsaved(record: BroadcastRecord): BroadcastRecord {
  return {
    ...record,
    mediaSequence: record.mediaSequence + UNSAVED_SEGMENTS,
    discontinuitySequence: record.discontinuitySequence + UNSAVED_DISCONTINUITIES,
  }
}
