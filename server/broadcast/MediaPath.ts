/** What exists as long as one router lives: the router, the source that sends into it, and the taps behind it. */
import { NearcastError } from '../../shared/errors.ts'
import { BrowserSource } from '../ingest/BrowserSource.ts'
import type { SourceProducer } from '../ingest/Source.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import type { PortPool } from '../tap/PortPool.ts'
import { TapGroup } from '../tap/TapGroup.ts'
import type { TapSink } from '../tap/TapSink.ts'
import type { TranscodeSettings } from '../tap/TranscodeAttempt.ts'
import type { TranscodeSlots } from '../tap/TranscodeSlots.ts'
import { Conversion, type VideoRoute } from './Conversion.ts'

/** What the taps of every broadcast share. */
export interface TapSettings {
  ports: PortPool
  /** The SFU's ends. */
  sfuPorts: { min: number; max: number }
  ffmpegPath: string
  /** AAC, bits per second. */
  audioBitrate: number
  /** How VP8 is encoded anew; null when it is not. */
  transcode: TranscodeSettings | null
  /** Of all broadcasts together. */
  slots: TranscodeSlots
}

interface MediaPathOptions {
  router: SfuRouter
  /** Where tapped media goes; asked for when the first tap starts. */
  sink: () => TapSink
  taps: TapSettings
  clock: Clock
  log: Logger
}

interface Events extends Record<string, unknown[]> {
  /** RTP began to arrive, or stopped for a moment. */
  sending: []
  /** Media flows, or has ceased for longer than a network stumbles, or the source is gone. */
  flowing: [boolean]
  /** The set of producers changed. */
  producers: []
  /** The video found a slot to be transcoded in. */
  converting: []
  /** The source's transport ended by itself. */
  'transport-closed': [transportId: string]
  /** Taps of an earlier run are closed; the next ones begin anew. */
  'taps-closed': []
  /** The router is gone because its worker died. */
  lost: []
}

export class MediaPath extends TypedEmitter<Events> {
  readonly router: SfuRouter
  readonly #options: MediaPathOptions
  readonly #log: Logger
  readonly #tapQueue = new SerialQueue()
  readonly #conversion: Conversion
  #source: BrowserSource | null = null
  #taps: TapGroup | null = null
  #cancelRetap: CancelTimer | null = null
  #cancelSilence: CancelTimer | null = null
  #flowing = false
  #closed = false

  constructor(options: MediaPathOptions) {
    super()
    this.#options = options
    this.router = options.router
    this.#log = options.log
    this.#conversion = new Conversion(options.taps.slots, () => {
      this.#log.info('a slot to transcode in is free')
      this.emit('converting')
      this.#tapAll()
    })
    this.router.once('closed', (reason) => {
      if (reason === 'worker-died') this.emit('lost')
    })
  }

  get source(): BrowserSource | null {
    return this.#source
  }

  get producers(): readonly SourceProducer[] {
    return this.#source?.producers ?? []
  }

  /** How the video gets into HTTP delivery. */
  get videoRoute(): VideoRoute {
    return this.#conversion.route(this.#videoCodecs)
  }

  get isSending(): boolean {
    return this.#source?.isSending ?? false
  }

  /** Makes a source; the one before it is closed. */
  openSource(): BrowserSource {
    if (this.#closed || this.router.isClosed) throw new NearcastError('sfu-unavailable')
    this.#source?.close('replaced')
    const source = new BrowserSource(this.router, this.#options.clock, this.#log)
    this.#source = source
    source.on('producer', ({ producer }) => {
      this.#tap(producer)
      this.emit('producers')
    })
    source.on('producer-closed', ({ producer }) => {
      this.emit('producers')
      this.#withTaps((taps) => taps?.removeProducer(producer.id))
    })
    source.on('sending', (sending) => this.#onSending(source, sending))
    source.on('transport-closed', (id) => this.emit('transport-closed', id))
    source.once('closed', () => {
      if (this.#source === source) this.#source = null
    })
    return source
  }

  /** Asks every tapped layer for a key frame together. */
  requestKeyFrames(): void {
    this.#taps?.requestKeyFrames()
  }

  /** Resolves when the taps' processes are gone and their ports given back. */
  async close(reason: string): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelRetap?.()
    this.#cancelSilence?.()
    this.#source?.close(reason)
    await this.#closeTaps(reason, () => true)
    await this.#tapQueue.close(reason)
    this.#conversion.leave()
    this.router.close()
    this.removeAllListeners()
  }

  get #videoCodecs(): string[] {
    const video = this.producers.filter(({ producer }) => producer.kind === 'video')
    return video.map(({ producer }) => producer.rtpParameters.codecs[0]?.mimeType ?? 'unknown')
  }

  /** Viewers are told at once that nothing comes; what is torn down for it waits out a stumble. */
  #onSending(source: BrowserSource, sending: boolean): void {
    this.#cancelSilence?.()
    this.#cancelSilence = null
    if (sending) this.#setFlowing(true)
    else if (source.isClosed) this.#setFlowing(false)
    else this.#cancelSilence = this.#options.clock.after(STUMBLE, () => this.#setFlowing(false))
    this.emit('sending')
  }

  #setFlowing(flowing: boolean): void {
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    this.emit('flowing', flowing)
    if (flowing) this.#tapAll()
    else void this.#closeTaps('source silent', () => !this.#flowing)
  }

  #tapAll(): void {
    for (const { producer } of this.producers) this.#tap(producer)
  }

  /** All or nothing: sound without the picture is not what was broadcast. */
  #tap(producer: SourceProducer['producer']): void {
    const route = this.#conversion.enter(this.#videoCodecs)
    if (route === 'impossible' || route === 'waiting') {
      const why =
        route === 'waiting' ? 'every slot to transcode in is taken' : 'video can be neither copied nor transcoded'
      this.#log.warn({ codecs: this.#videoCodecs }, `no HTTP delivery: ${why}`)
      void this.#closeTaps(why)
      return
    }
    this.#withTaps(async () => {
      if (producer.closed || this.#closed) return
      const now = this.#conversion.enter(this.#videoCodecs)
      if (now === 'impossible' || now === 'waiting') return
      this.#taps ??= await this.#createTaps()
      await this.#taps.addProducer(producer)
    })
  }

  async #createTaps(): Promise<TapGroup> {
    const { clock, taps, sink } = this.#options
    const group = await TapGroup.create({ ...taps, router: this.router.router, sink: sink(), clock, log: this.#log })
    group.on('failed', () => this.#tapAgainLater())
    return group
  }

  /** @param leaving whether nothing will be transcoded afterwards, asked once the taps are closed */
  #closeTaps(reason: string, leaving = () => false): Promise<void> {
    return this.#withTaps(async (taps) => {
      this.#taps = null
      await taps?.close(reason)
      if (leaving()) this.#conversion.leave()
      if (taps !== null) this.emit('taps-closed')
    })
  }

  async #withTaps(task: (taps: TapGroup | null) => Promise<void> | undefined): Promise<void> {
    await this.#tapQueue
      .push(() => task(this.#taps))
      .catch((error: unknown) => {
        if (this.#closed) return
        this.#log.error({ error: String(error) }, 'tap task failed')
        this.#tapAgainLater()
      })
  }

  /** A tap gave up, or could not begin: HTTP delivery is not lost for good, but tried anew after a while. */
  #tapAgainLater(): void {
    this.#cancelRetap ??= this.#options.clock.after(RETAP_PAUSE, () => {
      this.#cancelRetap = null
      void this.#closeTaps('tapped anew').then(() => {
        if (this.#flowing) this.#tapAll()
      })
    })
  }
}

/** Milliseconds before taps that gave up are tried again: FFmpeg failed eight times in a row by then. */
const RETAP_PAUSE = 15_000

/** Milliseconds without RTP, after it was noticed, that interrupt a broadcast: a train, a handover, a busy uplink. */
const STUMBLE = 800
