/** A broadcast's place in the SFU: what ingest, tap and viewers get their transports and consumers from. */
import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { publisherCapabilities, viewerCapabilities } from './codecs.ts'

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

/** Nothing outside knows whether it is the origin's router or, later, an edge's. */
export class SfuRouter extends TypedEmitter<Events> {
  /** For the tap alone, which makes plain transports of its own. */
  readonly router: types.Router
  readonly limits: TransportLimits
  readonly #webRtcServer: types.WebRtcServer
  #hasRoom = true

  constructor(router: types.Router, webRtcServer: types.WebRtcServer, limits: TransportLimits) {
    super()
    this.router = router
    this.limits = limits
    this.#webRtcServer = webRtcServer
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

  createViewerTransport(): Promise<types.WebRtcTransport> {
    return this.router.createWebRtcTransport({
      webRtcServer: this.#webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: ICE_CONSENT_TIMEOUT,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
    })
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
