/** In charge of being live: joining as the broadcaster, sending, and coming back by itself whatever breaks. */
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import type { BroadcastView, Params } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { ChatLine } from '../signaling/ChatLine.ts'
import { ServerClock } from '../signaling/ServerClock.ts'
import { SignalingClient } from '../signaling/SignalingClient.ts'
import { IceRenewal } from './IceRenewal.ts'
import { Outage } from './outage.ts'
import type { ProbeDoor } from './probeWay.ts'
import type { PublisherState, Trouble } from './publisherState.ts'
import { type Sender, SenderSlot } from './SenderSlot.ts'
import { SendTransport, type SendTransportOptions, type Tracks } from './SendTransport.ts'
import { UplinkWatch } from './UplinkWatch.ts'

export interface PublisherOptions {
  /** Origin of the server. */
  readonly url: string
  readonly broadcastId: string
  readonly publishKey: string
  readonly tracks: Tracks
  readonly status: Params<'publish:status'>
  readonly relayOnly: boolean
  readonly clock?: Clock
  /** Makes a transport; mediasoup's by default. */
  readonly openTransport?: (options: SendTransportOptions) => Promise<Sender>
}

type Events = {
  state: [PublisherState]
  /** What the server says of the broadcast: who is watching, since when it is live. */
  broadcast: [BroadcastView]
  trouble: [Trouble]
  /** When the broadcast would end changed. */
  outage: []
}

/** Between two attempts to send again after the transport was lost, milliseconds. */
const RETRY_PAUSE = 700

/** Between two looks whether the server can be reached at all, milliseconds: a short break is not worth words. */
const REACH_INTERVAL = 3_000

/** Errors of joining or sending that another attempt will not mend. */
const FINAL: readonly ErrorCode[] = ['broadcast-ended', 'no-common-codec', 'bad-message', 'wrong-key']

export class Publisher extends Emitter<Events> {
  readonly chat: ChatLine
  readonly #clock: Clock
  readonly #signaling: SignalingClient
  readonly #serverClock: ServerClock
  readonly #renewal: IceRenewal
  readonly #uplink: UplinkWatch
  readonly #slot: SenderSlot
  readonly #queue = new SerialQueue()
  readonly #outage = new Outage(() => this.emit('outage'))
  #tracks: Tracks
  #status: Params<'publish:status'>
  #state: PublisherState = { kind: 'connecting' }
  #view: BroadcastView | null = null
  /** Whether the server has everything that it needs to receive. */
  #isSending = false
  /** Whether what is sent gets through, as far as the browser knows. */
  #hasPath = true
  #isClosed = false
  #cancelRetry: CancelTimer | undefined
  #cancelReach: CancelTimer | undefined

  /** Returns at once; `state` follows. */
  static create(options: PublisherOptions): Publisher {
    const { url, broadcastId, publishKey } = options
    let publisher: Publisher | undefined
    const signaling = SignalingClient.create({
      url,
      auth: () => ({ version: PROTOCOL_VERSION, role: 'broadcaster', broadcastId, publishKey }),
      join: async () => publisher?.join(),
    })
    publisher = new Publisher(options, signaling)
    publisher.#wire()
    return publisher
  }

  private constructor(options: PublisherOptions, signaling: SignalingClient) {
    super()
    this.#clock = options.clock ?? systemClock
    this.#signaling = signaling
    this.chat = new ChatLine(signaling)
    this.#serverClock = ServerClock.create({ ask: () => signaling.request('clock', {}), clock: this.#clock })
    this.#renewal = new IceRenewal({
      clock: this.#clock,
      serverNow: () => this.#serverClock.now(),
      ask: () => signaling.request('ice-servers', {}),
      use: (iceServers) => void this.#slot.sender?.updateIceServers(iceServers).catch(() => {}),
    })
    this.#uplink = new UplinkWatch(this.#clock, () => {
      if (this.#isSending) this.#slot.sender?.revive()
    })
    const { relayOnly, openTransport = SendTransport.create } = options
    this.#slot = new SenderSlot((rtpCapabilities) =>
      openTransport({ signaling, rtpCapabilities, relayOnly, clock: this.#clock }),
    )
    this.#tracks = options.tracks
    this.#status = options.status
  }

  get state(): PublisherState {
    return this.#state
  }

  /** The server's wall clock in milliseconds since the Unix epoch; null while it is not known. */
  get serverNow(): number | null {
    return this.#serverClock.now()
  }

  /** When the server ends the broadcast unless we are back, on its clock; null while nothing is lost. */
  get endsAt(): number | null {
    return this.#state.kind === 'reconnecting' ? this.#outage.endsAt(this.#view) : null
  }

  /** By which the doctor tries the ways to the server, as the session that publishes. */
  get door(): ProbeDoor {
    return this.#signaling
  }

  /** For the studio's figures; null while nothing is sent. */
  async getStats(): Promise<RTCStatsReport | null> {
    return (await this.#slot.sender?.getStats().catch(() => null)) ?? null
  }

  /** Sends other tracks: another camera, the screen, a stand-in for what was unplugged. */
  async setTracks(tracks: Tracks): Promise<void> {
    this.#tracks = tracks
    try {
      await this.#queue.push(() => this.#slot.sender?.send(this.#tracks))
    } catch (error) {
      // Without a connection the next `join` sends what is missing. With one, the server may have half of it.
      if (error instanceof NearcastError && this.#signaling.state.kind === 'connected') this.#again()
      throw error
    }
  }

  /** Tells viewers what is switched off. The tracks themselves are the caller's. */
  setStatus(status: Params<'publish:status'>): void {
    this.#status = status
    void this.#signaling.request('publish:status', status).catch(() => {})
  }

  /** Ends the broadcast for good, for everyone. Rejects when the server could not be told. */
  async end(): Promise<void> {
    try {
      await this.#signaling.request('publish:end', {})
    } catch (error) {
      // The news that it is over comes before the answer, and closes the connection.
      if (!this.#isOver()) throw error
    }
    this.#conclude({ kind: 'ended' })
  }

  /** Takes up the broadcast, on the transport there is when it is still alive at both ends. Called by the connection. */
  async join(): Promise<void> {
    const attempt = this.#queue.push(async () => {
      const alive = this.#slot.isUsable ? this.#slot.sender : null
      const tracks = () => this.#tracks
      const answer = await this.#signaling.request('publish:join', alive ? { transportId: alive.id } : {})
      this.#outage.gracePeriod = answer.gracePeriod
      this.#see(answer.broadcast)
      this.#renewal.plan(answer.iceServers)
      const isResumed = alive !== null && answer.resumed && (await this.#slot.resume(alive, answer.iceServers, tracks))
      if (!isResumed) await this.#slot.fill(answer.rtpCapabilities, tracks)
      await this.#signaling.request('publish:status', this.#status)
      this.#cancelRetry?.()
    })
    attempt.catch((error: unknown) => {
      if (error instanceof NearcastError) this.emit('trouble', { kind: 'failed', error })
    })
    return attempt
  }

  /** The page goes away: the server is told at once that nothing more will come. */
  close(): void {
    this.#isClosed = true
    this.#cancelRetry?.()
    this.#cancelReach?.()
    this.#renewal.close()
    this.#uplink.close()
    this.#serverClock.close()
    this.#queue.close()
    this.#signaling.close()
    this.#slot.close()
    this.removeAllListeners()
  }

  #wire(): void {
    const signaling = this.#signaling
    signaling.on('connected', () => {
      void this.#serverClock.refresh()
      if (this.#slot.isUsable) this.#setSending(true)
      // It was lost between being made and the end of joining.
      else this.#again()
    })
    signaling.on('disconnected', () => this.#setSending(false))
    signaling.on('refused', (error) => this.#onRefused(error))
    signaling.on('broadcast', (view) => this.#see(view))
    signaling.on('sfu:replaced', () => this.#again())
    signaling.on('transport:closed', ({ transportId }) => {
      if (transportId === this.#slot.sender?.id) this.#again()
    })
    this.#slot.on('path', (isThere) => this.#setPath(isThere))
    this.#slot.on('lost', () => {
      this.emit('trouble', { kind: 'no-path' })
      this.#again()
    })
    this.#cancelReach = this.#clock.every(REACH_INTERVAL, () => {
      if (signaling.state.kind === 'waiting') this.emit('trouble', { kind: 'unreachable' })
    })
  }

  /** Sends anew after the transport was lost, until it works; a lost connection to the server joins by itself. */
  #again(): void {
    if (this.#isClosed) return
    this.#noteLoss()
    this.#slot.empty()
    this.#hasPath = true
    this.#cancelRetry?.()
    this.#setSending(false)
    if (this.#signaling.state.kind !== 'connected') return
    this.join().then(
      () => this.#setSending(true),
      (error: unknown) => {
        if (this.#isClosed) return
        if (error instanceof NearcastError && FINAL.includes(error.code)) this.#onRefused(error)
        else this.#cancelRetry = this.#clock.after(RETRY_PAUSE, () => this.#again())
      },
    )
  }

  #see(view: BroadcastView): void {
    this.#view = view
    this.#uplink.see(view.sending)
    this.emit('broadcast', view)
    if (view.state === 'ended') this.#conclude({ kind: 'ended' })
    else this.#judge()
  }

  #setSending(isSending: boolean): void {
    this.#isSending = isSending
    this.#judge()
  }

  #setPath(isThere: boolean): void {
    this.#hasPath = isThere
    this.#judge()
  }

  #noteLoss(): void {
    if (this.#state.kind === 'connecting') return
    void this.#outage.begin(this.#serverClock.now() ?? this.#clock.now(), this.getStats())
  }

  /** Live is what the server receives, not what we believe to send. */
  #judge(): void {
    if (this.#isSending && this.#hasPath && this.#view?.state === 'live') {
      this.#outage.end()
      this.#set({ kind: 'live' })
    } else if (this.#state.kind === 'live') {
      this.#noteLoss()
      this.#set({ kind: 'reconnecting' })
    }
  }

  #onRefused(error: NearcastError): void {
    this.#conclude(error.code === 'broadcast-ended' ? { kind: 'ended' } : { kind: 'refused', error })
  }

  #conclude(state: PublisherState): void {
    if (this.#isOver()) return
    this.#set(state)
    this.close()
  }

  #set(state: PublisherState): void {
    if (this.#isOver() || this.#state.kind === state.kind) return
    this.#state = state
    this.emit('state', state)
  }

  #isOver(): boolean {
    return this.#state.kind === 'ended' || this.#state.kind === 'refused'
  }
}
