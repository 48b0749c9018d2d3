/** A broadcast's place in the SFU: what ingest, tap and viewers get their transports and consumers from. */
import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { publisherCapabilities, viewerCapabilities } from './codecs.ts'
import { DataFeed, type DataOutlet } from './DataFeed.ts'

/** Bounds of WebRTC transports, from the configuration. */
export interface TransportLimits {
  /** Bits per second a publisher may send (REMB / transport-cc feedback tells the browser). */
  maxIncomingBitrate: number
  /** Milliseconds between two key-frame requests to a publisher. */
  keyFrameRequestDelay: number
}

interface Events extends Record<string, unknown[]> {
  /** `hasRoom` has changed. */
  room: []
  closed: [reason: 'worker-died' | 'closed']
}

/** Seconds without STUN consent before a transport is given up (RFC 7675 says 30; a shorter wait tells viewers sooner). */
const ICE_CONSENT_TIMEOUT = 20

/** First guess of what a viewer's downlink carries, bits per second, until transport-cc has measured: the middle layer. */
const INITIAL_OUTGOING_BITRATE = 1_500_000
/**
 * What transport-cc estimates at least, bits per second: the lowest layer and the sound. On a line that has become thin it
 * would first fall to next to nothing, and no picture come for ten seconds and more; whom this is too much for has HTTP.
 */
const MIN_OUTGOING_BITRATE = 250_000

/** Bytes of a data channel's message; viewers send none, and no chat message is larger. */
const MAX_DATA_MESSAGE = 4096

/** Bytes that wait for one viewer's data channel: minutes of a busy chat. */
const MAX_DATA_WAITING = 256 * 1024

/** Nothing outside knows whether it is the origin's router or, later, an edge's. */
export class SfuRouter extends TypedEmitter<Events> {
  /** For the tap alone, which makes plain transports of its own. */
  readonly router: types.Router
  readonly limits: TransportLimits
  readonly #webRtcServer: types.WebRtcServer
  readonly #dataFeed: DataFeed
  #hasRoom = true

  /** Takes over the router: it is closed when this rejects. */
  static async create(
    router: types.Router,
    webRtcServer: types.WebRtcServer,
    limits: TransportLimits,
  ): Promise<SfuRouter> {
    try {
      return new SfuRouter(router, webRtcServer, limits, await DataFeed.create(router))
    } catch (error) {
      router.close()
      throw error
    }
  }

  private constructor(
    router: types.Router,
    webRtcServer: types.WebRtcServer,
    limits: TransportLimits,
    dataFeed: DataFeed,
  ) {
    super()
    this.router = router
    this.limits = limits
    this.#webRtcServer = webRtcServer
    this.#dataFeed = dataFeed
    router.on('workerclose', () => this.#closed('worker-died'))
  }

  /** Whether its worker is able to carry further viewers. */
  get hasRoom(): boolean {
    return this.#hasRoom
  }

  set hasRoom(hasRoom: boolean) {
    if (hasRoom === this.#hasRoom) return
    this.#hasRoom = hasRoom
    this.emit('room')
  }

  get isClosed(): boolean {
    return this.router.closed
  }

  /** What a publisher may send. */
  get publisherCapabilities(): RtpCapabilities {
    return publisherCapabilities(this.router.rtpCapabilities)
  }

  /** What a viewer may ask for. */
  get viewerCapabilities(): RtpCapabilities {
    return viewerCapabilities(this.router.rtpCapabilities)
  }

  async createPublisherTransport(): Promise<types.WebRtcTransport> {
    const transport = await this.router.createWebRtcTransport({
      webRtcServer: this.#webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: ICE_CONSENT_TIMEOUT,
    })
    await transport.setMaxIncomingBitrate(this.limits.maxIncomingBitrate)
    return transport
  }

  async createViewerTransport(): Promise<types.WebRtcTransport> {
    const transport = await this.router.createWebRtcTransport({
      webRtcServer: this.#webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: ICE_CONSENT_TIMEOUT,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      enableSctp: true,
      maxSendMessageSize: MAX_DATA_MESSAGE,
      maxReceiveMessageSize: MAX_DATA_MESSAGE,
      sctpSendBufferSize: MAX_DATA_WAITING,
      sctpPerStreamSendQueueLimit: MAX_DATA_WAITING,
      sctpMaxReceiverWindowBufferSize: 4 * MAX_DATA_MESSAGE,
    })
    await transport.setMinOutgoingBitrate(MIN_OUTGOING_BITRATE)
    return transport
  }

  /** Tells everyone who has an outlet, in the order of the calls. */
  tell(text: string): void {
    this.#dataFeed.send(text)
  }

  /** An outlet of what is told, on one viewer's transport. */
  openOutlet(transport: types.WebRtcTransport): Promise<DataOutlet> {
    return this.#dataFeed.openOutlet(transport)
  }

  close(): void {
    if (this.router.closed) return
    this.router.close()
    this.#closed('closed')
  }

  #closed(reason: 'worker-died' | 'closed'): void {
    this.emit('closed', reason)
    this.removeAllListeners()
  }
}
