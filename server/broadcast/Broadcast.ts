/** The aggregate: one broadcast from its first viewer to its end, owner of its media path, packaging and audience. */
import type { PatchBroadcast, RenditionFacts } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView, Params, ProducerView } from '../../shared/signaling.ts'
import { Chat } from '../chat/Chat.ts'
import type { BrowserSource } from '../ingest/BrowserSource.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { Trailing } from '../lib/Trailing.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import type { BroadcastRecord } from '../store/broadcastRecord.ts'
import { Audience } from './Audience.ts'
import type { BroadcastDeps } from './BroadcastDeps.ts'
import type { BroadcastEvents, CloseReason } from './broadcastEvents.ts'
import { httpDelivery, lackOf, type VideoRoute } from './Conversion.ts'
import { MediaPath } from './MediaPath.ts'
import { type HttpSource, Packaging } from './Packaging.ts'
import { PhaseKeeper } from './PhaseKeeper.ts'
import type { Poster } from './Poster.ts'
import { type Phase, startedAt } from './phase.ts'
import { StoredRecord } from './StoredRecord.ts'

/** Milliseconds between two views that differ in viewer counts only. */
const COUNTS_INTERVAL = 1_000

export class Broadcast extends TypedEmitter<BroadcastEvents> {
  readonly id: string
  readonly audience: Audience
  readonly chat: Chat
  readonly poster: Poster
  readonly #deps: BroadcastDeps
  readonly #log: Logger
  readonly #stored: StoredRecord
  readonly #phases: PhaseKeeper
  readonly #packaging: Packaging
  readonly #counts: Trailing
  readonly #queue = new SerialQueue()
  /** Sockets that joined as publisher and are still there: one, and for a moment the dead one before it. */
  readonly #publishers = new Set<symbol>()
  #status: Params<'publish:status'> = { muted: false, cameraOff: false, screen: false }
  #media: MediaPath | null = null
  #isOpening = false
  #closed = false

  constructor(record: BroadcastRecord, deps: BroadcastDeps) {
    super()
    const { settings, store, clock } = deps
    this.id = record.id
    this.#deps = deps
    this.#log = deps.log.child({ broadcast: record.id })
    this.#stored = new StoredRecord(record, store, this.#log)
    this.#phases = new PhaseKeeper(record, settings.gracePeriod, clock)
    const broadcast = this
    this.audience = new Audience({
      feed: {
        get router() {
          return broadcast.router
        },
        get producers() {
          return broadcast.#media?.producers ?? []
        },
      },
      maxViewers: settings.maxViewers,
      seats: settings.seats,
      seatCounters: deps.seatCounters,
      clock,
      log: this.#log,
    })
    this.chat = new Chat(deps.chat, clock, this.#log)
    this.#counts = new Trailing(COUNTS_INTERVAL, clock, () => this.#changed())
    this.#packaging = new Packaging({
      ...deps,
      id: record.id,
      isRecorded: () => this.record.record,
      partTarget: settings.partTarget,
      windowSegments: settings.windowSegments,
      nextSequence: () => this.#stored.value,
      persistSequence: (next) => this.#stored.saveSequences(next),
      log: this.#log,
    })
    this.poster = this.#packaging.poster
    this.#wire()
    this.#log.info({ state: this.phase.state }, 'broadcast opened')
  }

  get record(): BroadcastRecord {
    return this.#stored.value
  }

  get phase(): Phase {
    return this.#phases.phase
  }

  get view(): BroadcastView {
    const { phase } = this
    return {
      id: this.id,
      title: this.record.title,
      state: phase.state,
      sending: this.#media?.isSending ?? false,
      ...this.#status,
      startedAt: startedAt(phase),
      endsAt: phase.state === 'interrupted' ? phase.endsAt : null,
      viewers: this.audience.counts,
      ...this.#packaging.view,
      http: httpDelivery(this.#videoRoute, this.#packaging.ready),
      converted: this.#videoRoute === 'converted',
      build: this.#deps.build,
    }
  }

  get producers(): ProducerView[] {
    const sent = this.#media?.producers ?? []
    return sent.map(({ producer: { id, kind }, source }) => ({ id, kind, source }))
  }

  /** The router viewers consume from, or null while nobody sends. */
  get router(): SfuRouter | null {
    return this.#media?.router ?? null
  }

  get renditions(): RenditionFacts[] {
    return this.#packaging.renditions
  }

  /** Whether it takes the room of a broadcast that is sent: live, interrupted, or about to begin. */
  get takesRoom(): boolean {
    const { state } = this.phase
    return state === 'live' || state === 'interrupted' || this.#media !== null || this.#isOpening
  }

  /** Whether nothing would be lost if the object were dropped: the record tells the rest. */
  get isDormant(): boolean {
    return !this.takesRoom && this.#packaging.source === null && this.audience.isEmpty
  }

  /** Throws `not-live`, `no-http-delivery`, `transcoders-busy` or `broadcast-ended` when there is nothing to play. */
  get http(): HttpSource {
    const lack = lackOf(this.#videoRoute)
    if (lack !== null) throw new NearcastError(lack)
    const { source } = this.#packaging
    if (source !== null) return source
    throw new NearcastError(this.phase.state === 'ended' ? 'broadcast-ended' : 'not-live')
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
      const media = this.#media ?? (await this.#openMedia())
      return { source: media.openSource(), router: media.router, resumed: false }
    })
  }

  /**
   * A publisher's socket is there until the returned function is called. When the last one is gone, media that flows
   * goes on; a router that nothing was ever sent to is given back.
   */
  attachPublisher(): () => void {
    const publisher = Symbol('publisher')
    this.#publishers.add(publisher)
    return () => {
      this.#publishers.delete(publisher)
      if (this.#publishers.size > 0 || this.phase.state !== 'idle') return
      this.#enqueue(() => (this.#publishers.size === 0 ? this.#closeMedia('publisher left') : undefined))
    }
  }

  setStatus(status: Params<'publish:status'>): void {
    this.#status = status
    this.#changed()
  }

  patch(changes: PatchBroadcast): void {
    this.#stored.change(changes)
    this.#changed()
  }

  /** Ends it for good; the playlists stay for a minute with their end in them. Resolves when nothing is sent any more. */
  async end(): Promise<void> {
    this.#phases.apply({ type: 'end' })
    await this.#queue.push(() => undefined)
  }

  /** The server stops or forgets the broadcast: its state in the store stays as it is. */
  async close(reason: CloseReason): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#phases.close()
    this.#counts.close()
    this.audience.close(reason)
    this.chat.close()
    await this.#queue.push(() => this.#closeMedia(reason))
    await this.#packaging.close(reason)
    await this.#queue.close(reason)
    this.#log.info(`broadcast closed: ${reason}`)
    this.emit('closed', reason)
    this.removeAllListeners()
  }

  get #videoRoute(): VideoRoute {
    return this.#media?.videoRoute ?? 'copied'
  }

  #wire(): void {
    this.audience.on('changed', () => this.#counts.call())
    this.chat.on('event', (event) => this.router?.tell(JSON.stringify(event)))
    if (this.phase.state === 'ended') this.chat.end()
    this.#packaging.on('changed', () => this.#changed())
    this.#packaging.on('keyFrameNeeded', () => this.#media?.requestKeyFrames())
    this.#phases.on('changed', (before, now) => {
      this.#log.info({ from: before.state, to: now.state }, 'broadcast state')
      const endedAt = now.state === 'ended' ? now.endedAt : null
      this.#stored.change({ state: now.state, startedAt: startedAt(now), endedAt })
      if (now.state === 'ended') this.#finish()
      this.#changed()
    })
  }

  #assertNotEnded(): void {
    if (this.phase.state === 'ended') throw new NearcastError('broadcast-ended')
    if (this.#closed) throw new NearcastError('shutting-down')
  }

  async #openMedia(): Promise<MediaPath> {
    const { clock, settings, assertRoom, createRouter } = this.#deps
    if (!this.takesRoom) assertRoom()
    this.#isOpening = true
    try {
      const router = await createRouter()
      const { taps } = settings
      const media = new MediaPath({ router, sink: () => this.#packaging.sink, taps, clock, log: this.#log })
      this.#follow(media)
      this.#media = media
      return media
    } finally {
      this.#isOpening = false
    }
  }

  #follow(media: MediaPath): void {
    media.on('sending', () => this.#changed())
    media.on('converting', () => this.#changed())
    media.on('flowing', (flowing) => this.#phases.apply({ type: flowing ? 'flowing' : 'silent' }))
    media.router.on('room', () => this.audience.sourceChanged())
    media.on('producers', () => {
      this.audience.sourceChanged()
      this.emit('producers')
      this.#changed()
    })
    media.on('transport-closed', (id) => this.emit('transport-closed', id))
    media.on('taps-closed', () => this.#packaging.interrupt())
    media.on('lost', () => this.#enqueue(() => this.#mediaLost(media)))
  }

  async #mediaLost(media: MediaPath): Promise<void> {
    if (this.#media !== media) return
    this.#phases.apply({ type: 'silent' })
    await this.#closeMedia('worker died')
    this.emit('sfu-replaced')
    this.emit('producers')
  }

  async #closeMedia(reason: string): Promise<void> {
    const media = this.#media
    this.#media = null
    this.audience.sourceChanged()
    await media?.close(reason)
  }

  #finish(): void {
    this.chat.end()
    this.#enqueue(async () => {
      await this.#closeMedia('broadcast ended')
      await this.#packaging.end()
    })
  }

  #enqueue(task: () => Promise<void> | undefined): void {
    this.#queue.push(task).catch((error: unknown) => {
      if (!this.#closed) this.#log.error({ error: String(error) }, 'broadcast task failed')
    })
  }

  #changed(): void {
    if (!this.#closed) this.emit('changed', this.view)
  }
}
