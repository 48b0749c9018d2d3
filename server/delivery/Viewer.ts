/** One person watching: a seat that is counted once whatever the transport, and the WebRTC ends that belong to it. */
import type { types } from 'mediasoup'
import { NearcastError } from '../../shared/errors.ts'
import type { DtlsParameters, IceParameters, RtpCapabilities } from '../../shared/rtp.ts'
import type {
  ChannelOptions,
  ConsumerOptions,
  PlayerTransport,
  ProducerView,
  SeatView,
} from '../../shared/signaling.ts'
import type { SourceProducer } from '../ingest/Source.ts'
import type { Clock } from '../lib/clock.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import { watchTransport } from '../sfu/transportPatience.ts'
import { ViewerChannels } from './ViewerChannels.ts'

/** What a viewer asks of the broadcast it watches. */
export interface ViewerFeed {
  /** Null while nobody sends. */
  readonly router: SfuRouter | null
  readonly producers: readonly SourceProducer[]
  /** Throws `no-seat` when this viewer may not have WebRTC now. */
  takeSeat(viewer: Viewer): void
  /** Its last transport is gone. `worked`: a connection stood. */
  giveSeatBack(viewer: Viewer, worked: boolean): void
}

/** Two secrets of the viewer. */
export interface ViewerNames {
  readonly session: string
  readonly pushToken: string
}

interface Events extends Record<string, unknown[]> {
  'consumer-closed': [consumerId: string]
  'transport-closed': [transportId: string]
  /** It moved to another transport, or to none. */
  moved: []
  /** What it may have now is something else. */
  seats: [SeatView]
  closed: [reason: string]
}

/** A viewer has one transport, and for a moment a second one while it moves to it. */
const MAX_TRANSPORTS = 2

export class Viewer extends TypedEmitter<Events> {
  /** Shown again by a viewer whose socket dropped. */
  readonly session: string
  /** Names it in the address of the MSE push; good for nothing else. */
  readonly pushToken: string
  readonly #feed: ViewerFeed
  /** By which it gets what everyone is told. */
  readonly channels = new ViewerChannels()
  readonly #log: Logger
  readonly #transports = new Map<string, types.WebRtcTransport>()
  readonly #consumers = new Map<string, types.Consumer>()
  readonly #clock: Clock
  /** One negotiation at a time: what to consume next depends on what the one before brought. */
  readonly #queue = new SerialQueue()
  readonly #connected = new Set<string>()
  /** The WebRTC seat it has, transports or not yet; whether a connection stood in it. */
  #seat: { worked: boolean } | null = null
  #isCreating = false
  #seats: SeatView = { webrtc: false, mse: false }
  #playing: PlayerTransport | null = null
  #closed = false

  constructor({ session, pushToken }: ViewerNames, feed: ViewerFeed, clock: Clock, log: Logger) {
    super()
    this.session = session
    this.pushToken = pushToken
    this.#feed = feed
    this.#clock = clock
    this.#log = log.child({ viewer: session.slice(0, 6) })
    this.#log.info('viewer created')
  }

  /** By which transport the picture comes, as the player reported it. */
  get playing(): PlayerTransport | null {
    return this.#playing
  }

  /** What it may have now. */
  get seats(): SeatView {
    return this.#seats
  }

  get isClosed(): boolean {
    return this.#closed
  }

  report(transport: PlayerTransport | null): void {
    if (transport === this.#playing || this.#closed) return
    this.#log.info({ from: this.#playing, to: transport }, 'viewer moved')
    this.#playing = transport
    this.emit('moved')
  }

  maySit(seats: SeatView): void {
    if (this.#closed || (seats.webrtc === this.#seats.webrtc && seats.mse === this.#seats.mse)) return
    this.#seats = seats
    this.emit('seats', seats)
  }

  /** Throws `not-live` while there is no router and `no-seat` when all seats are taken. */
  createTransport(): Promise<types.WebRtcTransport> {
    return this.#queue.push(async () => {
      const router = this.#feed.router
      if (this.#closed) throw new NearcastError('wrong-state')
      if (router === null) throw new NearcastError('not-live')
      // Taken before the worker is asked: everyone comes back at once after a worker was replaced.
      if (this.#seat === null) this.#feed.takeSeat(this)
      this.#seat ??= { worked: false }
      this.#isCreating = true
      try {
        const transport = await router.createViewerTransport()
        this.#adopt(transport)
        return transport
      } finally {
        this.#isCreating = false
        this.#leaveSeat()
      }
    })
  }

  /** Throws `unknown-id` for a transport that is not this viewer's, `wrong-state` for a second time. */
  async connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    const transport = this.#own(transportId)
    if (this.#connected.has(transportId)) throw new NearcastError('wrong-state', 'It is connected already.')
    this.#connected.add(transportId)
    await transport.connect({ dtlsParameters })
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    return this.#own(transportId).restartIce()
  }

  closeTransport(transportId: string): void {
    this.#own(transportId).close()
  }

  /** Makes a paused consumer of each producer that this transport does not carry yet and the browser can decode. */
  consume(
    transportId: string,
    rtpCapabilities: RtpCapabilities,
  ): Promise<{ consumers: ConsumerOptions[]; refused: ProducerView[] }> {
    return this.#queue.push(() => this.#consumeAll(transportId, rtpCapabilities))
  }

  /** Lets RTP flow; mediasoup asks for a key frame at once. */
  async resume(consumerId: string): Promise<void> {
    await this.#ownConsumer(consumerId).resume()
  }

  /** Makes the data channel of a transport. Throws `wrong-state` for a second one, `not-live` without a router. */
  createChannel(transportId: string): Promise<ChannelOptions> {
    return this.#queue.push(() => {
      const transport = this.#own(transportId)
      const { router } = this.#feed
      if (router === null) throw new NearcastError('not-live')
      return this.channels.create(transportId, () => router.openOutlet(transport))
    })
  }

  /** The highest simulcast layer wanted, 0 = lowest; more than there are means the top one. */
  async preferLayer(consumerId: string, layer: number): Promise<void> {
    const consumer = this.#ownConsumer(consumerId)
    if (consumer.type !== 'simulcast') return
    await consumer.setPreferredLayers({ spatialLayer: layer })
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    for (const transport of this.#transports.values()) transport.close()
    this.#transports.clear()
    this.#consumers.clear()
    this.#log.info(`viewer closed: ${reason}`)
    this.emit('closed', reason)
    this.removeAllListeners()
  }

  async #consumeAll(
    transportId: string,
    rtpCapabilities: RtpCapabilities,
  ): Promise<{ consumers: ConsumerOptions[]; refused: ProducerView[] }> {
    const transport = this.#own(transportId)
    const consumers: ConsumerOptions[] = []
    const refused: ProducerView[] = []
    for (const { producer, source } of this.#feed.producers) {
      if (producer.closed || this.#carries(transport, producer.id)) continue
      if (!this.#feed.router?.router.canConsume({ producerId: producer.id, rtpCapabilities })) {
        refused.push({ id: producer.id, kind: producer.kind, source })
        continue
      }
      const consumer = await this.#consumeOne(transport, producer, rtpCapabilities)
      if (consumer === null) continue
      const { id, kind, rtpParameters } = consumer
      consumers.push({ id, producerId: producer.id, kind, source, rtpParameters: wireParameters(rtpParameters) })
    }
    return { consumers, refused }
  }

  #adopt(transport: types.WebRtcTransport): void {
    if (this.#closed) {
      transport.close()
      throw new NearcastError('wrong-state')
    }
    this.#transports.set(transport.id, transport)
    transport.observer.once('close', () => {
      this.#transports.delete(transport.id)
      this.#connected.delete(transport.id)
      this.#leaveSeat()
    })
    watchTransport(transport, this.#clock, {
      connected: () => {
        if (this.#seat) this.#seat.worked = true
      },
      lost: (reason) => this.#lost(transport, reason),
    })
    const [oldest] = this.#transports.values()
    if (this.#transports.size > MAX_TRANSPORTS) oldest?.close()
  }

  /** When nothing sits in it any more. */
  #leaveSeat(): void {
    if (this.#closed || this.#seat === null || this.#transports.size > 0 || this.#isCreating) return
    const { worked } = this.#seat
    this.#seat = null
    this.#feed.giveSeatBack(this, worked)
  }

  async #consumeOne(
    transport: types.WebRtcTransport,
    producer: types.Producer,
    rtpCapabilities: RtpCapabilities,
  ): Promise<types.Consumer | null> {
    const consumer = await transport
      .consume({ producerId: producer.id, rtpCapabilities, paused: true, appData: { transportId: transport.id } })
      .catch((error: unknown) => {
        // The producer may have gone while the worker was asked: the `producers` notice tells the client anyway.
        if (producer.closed || transport.closed) return null
        throw error
      })
    if (consumer === null) return null
    this.#consumers.set(consumer.id, consumer)
    consumer.on('producerclose', () => this.emit('consumer-closed', consumer.id))
    consumer.observer.once('close', () => this.#consumers.delete(consumer.id))
    return consumer
  }

  #carries(transport: types.WebRtcTransport, producerId: string): boolean {
    for (const consumer of this.#consumers.values()) {
      if (consumer.producerId === producerId && consumer.appData.transportId === transport.id) return true
    }
    return false
  }

  #own(transportId: string): types.WebRtcTransport {
    const transport = this.#transports.get(transportId)
    if (transport === undefined) throw new NearcastError('unknown-id')
    return transport
  }

  #ownConsumer(consumerId: string): types.Consumer {
    const consumer = this.#consumers.get(consumerId)
    if (consumer === undefined) throw new NearcastError('unknown-id')
    return consumer
  }

  #lost(transport: types.WebRtcTransport, reason: string): void {
    if (!this.#transports.has(transport.id)) return
    this.#log.info({ transport: transport.id, reason }, 'viewer transport lost')
    transport.close()
    this.emit('transport-closed', transport.id)
  }
}

/** mediasoup's parameters with only what the wire's schema knows. */
function wireParameters(parameters: types.RtpParameters): ConsumerOptions['rtpParameters'] {
  // The wire's type is the same structure; values that mediasoup makes are JSON already.
  return JSON.parse(JSON.stringify(parameters))
}
