/** In charge of being a viewer of one broadcast: joining, joining again, and what the server says about it. */
import { NearcastError } from '../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import type { Answers, BroadcastView, PlayerTransport, SeatView, SeatWishes } from '../../shared/signaling.ts'
import { Emitter } from '../lib/Emitter.ts'
import { ChatLine } from '../signaling/ChatLine.ts'
import { ServerClock } from '../signaling/ServerClock.ts'
import { SignalingClient } from '../signaling/SignalingClient.ts'

export interface WatchOptions {
  /** Origin of the server. */
  readonly origin: string
  readonly broadcastId: string
  /** The seat of an earlier visit of this tab, if there is one to take up again. */
  readonly seat: string | null
  /** Which seats this browser can use and wants; both when not given. `want` changes it. */
  readonly wants?: SeatWishes
}

export type WatchEvents = {
  /** `view` and, after joining, everything else here is known or has changed. */
  change: []
  /** Another set of producers, or joined again: what is not consumed yet may be. */
  producers: []
  /** What those who are in step show from now on: milliseconds behind capture; null: each its own. */
  sync: [delay: number | null]
  'consumer:closed': [consumerId: string]
  'transport:closed': [transportId: string]
  /** The media server was replaced: all transports are gone. */
  replaced: []
  /** The server will not have us: unknown broadcast, old page. Nothing follows. */
  refused: [error: NearcastError]
}

/** Never half-built: before joining has succeeded, `view` is null and requests reject. */
export class WatchSession extends Emitter<WatchEvents> {
  readonly clock: ServerClock
  readonly chat: ChatLine
  readonly #client: SignalingClient
  /** Of the server. */
  readonly origin: string
  #seat: string | null
  #view: BroadcastView | null = null
  #rtpCapabilities: RtpCapabilities | null = null
  #hlsUrl: string | null = null
  #mseUrl: string | null = null
  #seats: SeatView = { webrtc: true, mse: true }
  #wants: SeatWishes
  #reported: PlayerTransport | null = null

  /** Returns at once; `change` or `refused` follows. */
  static create({ origin, broadcastId, seat, wants = { webrtc: true, mse: true } }: WatchOptions): WatchSession {
    const client = SignalingClient.create({
      url: origin,
      auth: () => ({
        version: PROTOCOL_VERSION,
        role: 'viewer',
        broadcastId,
        ...(session.seat !== null && { session: session.seat }),
      }),
      join: () => session.#join(),
    })
    const session = new WatchSession(client, origin, seat, wants)
    session.#wire()
    return session
  }

  private constructor(client: SignalingClient, origin: string, seat: string | null, wants: SeatWishes) {
    super()
    this.#client = client
    this.origin = origin
    this.#seat = seat
    this.#wants = wants
    this.chat = new ChatLine(client)
    this.clock = ServerClock.create({ ask: () => client.request('clock', {}) })
  }

  /** To be shown again by the next visit of this tab. */
  get seat(): string | null {
    return this.#seat
  }

  get view(): BroadcastView | null {
    return this.#view
  }

  get isConnected(): boolean {
    return this.#client.state.kind === 'connected'
  }

  /** Null while nobody sends. */
  get rtpCapabilities(): RtpCapabilities | null {
    return this.#rtpCapabilities
  }

  /** Absolute URL of the multivariant playlist; null until joined. */
  get hlsUrl(): string | null {
    return this.#hlsUrl
  }

  /** Absolute URL of the MSE push; null until joined. */
  get mseUrl(): string | null {
    return this.#mseUrl
  }

  /**
   * What this viewer may have now; both before it is known. A WebRTC seat that becomes free for us is kept for ten seconds:
   * whoever can not use it says so by `want`, and the next in line gets it at once.
   */
  get seats(): SeatView {
    return this.#seats
  }

  /** See SignalingClient. */
  readonly request: SignalingClient['request'] = (name, params, limitMs) => this.#client.request(name, params, limitMs)

  /** Tells how the picture comes now; told again after joining again. A lost report is made good by the next. */
  report(transport: PlayerTransport | null): void {
    if (transport === this.#reported) return
    this.#reported = transport
    this.#tellReport()
  }

  /** Says which seats this browser can use and wants; told again after joining again. */
  want(wants: SeatWishes): void {
    if (wants.webrtc === this.#wants.webrtc && wants.mse === this.#wants.mse) return
    this.#wants = wants
    if (this.isConnected) this.#tellReport()
  }

  close(): void {
    this.removeAllListeners()
    this.clock.close()
    this.chat.close()
    this.#client.close()
  }

  async #join(): Promise<void> {
    const answer = await this.#client.request('watch:join', { wants: this.#wants })
    this.#seat = answer.session
    this.#hlsUrl = new URL(answer.hls, this.origin).href
    this.#mseUrl = new URL(answer.mse, this.origin.replace(/^http/, 'ws')).href
    this.#rtpCapabilities = answer.rtpCapabilities
    this.#seats = answer.seats
    this.#setView(answer.broadcast)
    void this.clock.refresh()
    if (this.#reported !== null) this.#tellReport()
    this.emit('producers')
  }

  #tellReport(): void {
    const report = { transport: this.#reported, wants: this.#wants }
    this.#client.request('watch:report', report).catch(ignoreLostConnection)
  }

  #wire(): void {
    this.#client.on('broadcast', (view) => this.#setView(view))
    this.#client.on('producers', ({ rtpCapabilities }) => {
      this.#rtpCapabilities = rtpCapabilities
      this.emit('producers')
    })
    this.#client.on('seats', (seats) => {
      this.#seats = seats
      this.emit('change')
    })
    this.#client.on('sync', ({ delay }) => this.emit('sync', delay))
    this.#client.on('consumer:closed', ({ consumerId }) => this.emit('consumer:closed', consumerId))
    this.#client.on('transport:closed', ({ transportId }) => this.emit('transport:closed', transportId))
    this.#client.on('sfu:replaced', () => this.emit('replaced'))
    this.#client.on('disconnected', () => this.emit('change'))
    this.#client.on('refused', (error) => this.emit('refused', error))
  }

  #setView(view: Answers['watch:join']['broadcast']): void {
    this.#view = view
    this.emit('change')
  }
}

/** Requests whose failure means no more than that there is no connection: joining again makes up for them. */
export function ignoreLostConnection(error: unknown): void {
  if (!(error instanceof NearcastError)) throw error
}
