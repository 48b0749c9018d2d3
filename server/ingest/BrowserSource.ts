/** A browser that publishes over WebRTC: one transport from it, one producer a media source. */
import type { types } from 'mediasoup'
import { NearcastError } from '../../shared/errors.ts'
import type { DtlsParameters, IceParameters, RtpParameters } from '../../shared/rtp.ts'
import type { MediaSource } from '../../shared/signaling.ts'
import type { Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import { FlowDetector } from './FlowDetector.ts'
import type { Source, SourceEvents, SourceProducer } from './Source.ts'

const KINDS = { camera: 'video', microphone: 'audio' } as const satisfies Record<MediaSource, types.MediaKind>

interface Events extends SourceEvents {
  /** The transport ended by itself: consent lost or DTLS closed by the browser. The source can make another. */
  'transport-closed': [transportId: string]
}

/** Belongs to one router; when that closes, so does the source. */
export class BrowserSource extends TypedEmitter<Events> implements Source {
  readonly kind = 'browser'
  readonly #router: SfuRouter
  readonly #log: Logger
  readonly #flow: FlowDetector
  readonly #producers = new Map<MediaSource, SourceProducer>()
  readonly #forgetRouter: () => void
  #transport: types.WebRtcTransport | null = null
  #connected: types.WebRtcTransport | null = null
  #closed = false

  constructor(router: SfuRouter, clock: Clock, log: Logger) {
    super()
    this.#router = router
    this.#log = log
    this.#flow = new FlowDetector(clock, () => this.#transport)
    this.#flow.on('change', (sending) => this.emit('sending', sending))
    this.#forgetRouter = router.once('closed', (reason) => this.close(reason))
  }

  get producers(): readonly SourceProducer[] {
    return [...this.#producers.values()]
  }

  get isSending(): boolean {
    return this.#flow.isFlowing
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether this transport is still usable: a publisher whose socket dropped goes on with it. */
  hasTransport(transportId: string): boolean {
    return this.#transport?.id === transportId && this.#transport.iceState !== 'closed'
  }

  /** Makes the transport; one that was there before is closed, with its producers. */
  async createTransport(): Promise<types.WebRtcTransport> {
    this.#assertOpen()
    const transport = await this.#router.createPublisherTransport()
    if (this.#closed) {
      transport.close()
      throw new NearcastError('sfu-unavailable')
    }
    this.#dropTransport('replaced')
    this.#transport = transport
    // Lost consent closes nothing here: when no RTP comes, the broadcast is interrupted and its grace period runs.
    transport.on('icestatechange', (state) => {
      this.#log.debug({ transport: transport.id, ice: state }, 'publisher ICE state')
    })
    transport.on('dtlsstatechange', (state) => {
      if (state === 'closed' || state === 'failed') this.#lost(transport, `DTLS ${state}`)
    })
    return transport
  }

  /** Throws `unknown-id` for a transport that is not this source's. */
  async connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    const transport = this.#own(transportId)
    if (this.#connected === transport) throw new NearcastError('wrong-state', 'It is connected already.')
    this.#connected = transport
    await transport.connect({ dtlsParameters })
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    return this.#own(transportId).restartIce()
  }

  /** Starts a producer; throws `wrong-state` when the media source has one already. */
  async produce(transportId: string, source: MediaSource, rtpParameters: RtpParameters): Promise<string> {
    const transport = this.#own(transportId)
    if (this.#producers.has(source)) throw new NearcastError('wrong-state', `There is a ${source} already.`)
    const kind = KINDS[source]
    const { keyFrameRequestDelay } = this.#router.limits
    const producer = await transport.produce({ kind, rtpParameters, keyFrameRequestDelay, appData: { source } })
    if (this.#producers.has(source) || this.#transport !== transport) {
      producer.close()
      throw new NearcastError(this.#closed ? 'sfu-unavailable' : 'wrong-state')
    }
    const entry = { source, producer }
    this.#producers.set(source, entry)
    producer.observer.once('close', () => this.#dropProducer(entry))
    this.#flow.start()
    this.#log.info({ producer: producer.id, source, codec: rtpParameters.codecs[0]?.mimeType }, 'producer created')
    this.emit('producer', entry)
    return producer.id
  }

  closeProducer(producerId: string): void {
    const entry = this.producers.find(({ producer }) => producer.id === producerId)
    if (entry === undefined) throw new NearcastError('unknown-id')
    entry.producer.close()
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#forgetRouter()
    this.#flow.close()
    this.#dropTransport(reason)
    this.emit('closed', reason)
    this.removeAllListeners()
  }

  #own(transportId: string): types.WebRtcTransport {
    this.#assertOpen()
    if (this.#transport?.id !== transportId) throw new NearcastError('unknown-id')
    return this.#transport
  }

  #assertOpen(): void {
    if (this.#closed) throw new NearcastError('sfu-unavailable')
  }

  #lost(transport: types.WebRtcTransport, reason: string): void {
    if (this.#transport !== transport) return
    this.#log.info({ transport: transport.id, reason }, 'publisher transport lost')
    this.#dropTransport(reason)
    this.emit('transport-closed', transport.id)
  }

  #dropTransport(reason: string): void {
    const transport = this.#transport
    this.#transport = null
    if (transport === null) return
    this.#log.debug({ transport: transport.id, reason }, 'publisher transport closed')
    this.#flow.stop()
    // A router that closed has closed its transports, but tells their producers only by 'transportclose'.
    transport.close()
    for (const entry of this.producers) this.#dropProducer(entry)
  }

  #dropProducer(entry: SourceProducer): void {
    if (this.#producers.get(entry.source) !== entry) return
    this.#producers.delete(entry.source)
    if (this.#producers.size === 0) this.#flow.stop()
    this.emit('producer-closed', entry)
  }
}
