/** In charge of being live: joining as the broadcaster, sending, and coming back by itself whatever breaks. */
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import type { BroadcastView, Params } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { ServerClock } from '../signaling/ServerClock.ts'
import { SignalingClient } from '../signaling/SignalingClient.ts'
import { SendTransport, type Tracks } from './SendTransport.ts'

export interface PublisherOptions {
  /** Origin of the server. */
  readonly url: string
  readonly broadcastId: string
  readonly publishKey: string
  readonly tracks: Tracks
  readonly status: Params<'publish:status'>
  readonly relayOnly: boolean
  readonly clock?: Clock
}

/**
 * `live`: the server says that it receives. `connecting`: it was not live yet. `reconnecting`: it was. `refused`: the server will not have us, for good (wrong key, taken over by another tab, no codec). `ended`: the
 * broadcast is over.
 */
export type PublisherState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'refused'; readonly error: NearcastError }

type Events = {
  state: [PublisherState]
  /** What the server says of the broadcast: who is watching, since when it is live. */
  broadcast: [BroadcastView]
  /** Why an attempt failed that will be made again. */
  trouble: [NearcastError]
}

/** Between two attempts to send again after the transport was lost, milliseconds. */
const RETRY_PAUSE = 700

/** TURN credentials live ten minutes by default: they are renewed well before. Milliseconds. */
const ICE_SERVERS_INTERVAL = 4 * 60_000

/** Errors of joining or sending that another attempt will not mend. */
const FINAL: readonly ErrorCode[] = ['broadcast-ended', 'no-common-codec', 'bad-message', 'wrong-key']

export class Publisher extends Emitter<Events> {
  readonly #options: PublisherOptions
  readonly #clock: Clock
  readonly #signaling: SignalingClient
  readonly #serverClock: ServerClock
  readonly #queue = new SerialQueue()
  #tracks: Tracks
  #status: Params<'publish:status'>
  #transport: SendTransport | null = null
  #state: PublisherState = { kind: 'connecting' }
  #view: BroadcastView | null = null
  /** Whether the server has everything that it needs to receive. */
  #isSending = false
  #cancelRetry: CancelTimer | undefined
  #cancelIceServers: CancelTimer | undefined

  /** Returns at once; `state` follows. */
  static create(options: PublisherOptions): Publisher {
    const { url, broadcastId, publishKey } = options
    let publisher: Publisher | undefined
    const signaling = SignalingClient.create({
      url,
      auth: () => ({ version: 1, role: 'broadcaster', broadcastId, publishKey }),
      join: async () => publisher?.join(),
    })
    publisher = new Publisher(options, signaling)
    publisher.#wire()
    return publisher
  }

  private constructor(options: PublisherOptions, signaling: SignalingClient) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#signaling = signaling
    this.#serverClock = ServerClock.create({ ask: () => signaling.request('clock', {}), clock: this.#clock })
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

  /** For the studio's figures; null while nothing is sent. */
  async getStats(): Promise<RTCStatsReport | null> {
    return (await this.#transport?.getStats().catch(() => null)) ?? null
  }

  /** Sends other tracks: another camera, the screen, a stand-in for what was unplugged. */
  async setTracks(tracks: Tracks): Promise<void> {
    this.#tracks = tracks
    await this.#queue.push(() => this.#transport?.send(this.#tracks))
  }

  /** Tells viewers what is switched off. The tracks themselves are the caller's. */
  setStatus(status: Params<'publish:status'>): void {
    this.#status = status
    void this.#signaling.request('publish:status', status).catch(() => {})
  }

  /** Ends the broadcast for good, for everyone. Rejects when the server could not be told. */
  async end(): Promise<void> {
    await this.#signaling.request('publish:end', {})
    this.#conclude({ kind: 'ended' })
  }

  /** Takes up the broadcast, on the transport there is when it is still alive at both ends. Called by the connection. */
  async join(): Promise<void> {
    const attempt = this.#queue.push(async () => {
      const alive = this.#transport?.isUsable ? this.#transport : null
      const answer = await this.#signaling.request('publish:join', alive ? { transportId: alive.id } : {})
      this.#see(answer.broadcast)
      if (answer.resumed && alive) {
        await alive.updateIceServers(answer.iceServers)
        alive.mend()
      } else {
        await this.#send(answer.rtpCapabilities)
      }
      await this.#signaling.request('publish:status', this.#status)
    })
    attempt.catch((error: unknown) => {
      if (error instanceof NearcastError) this.emit('trouble', error)
    })
    return attempt
  }

  /** The page goes away: the server is told at once that nothing more will come. */
  close(): void {
    this.#cancelRetry?.()
    this.#cancelIceServers?.()
    this.#serverClock.close()
    this.#queue.close()
    this.#signaling.close()
    this.#transport?.close()
    this.#transport = null
    this.removeAllListeners()
  }

  #wire(): void {
    const signaling = this.#signaling
    signaling.on('connected', () => {
      this.#setSending(true)
      void this.#serverClock.refresh()
    })
    signaling.on('disconnected', () => this.#setSending(false))
    signaling.on('refused', (error) => this.#onRefused(error))
    signaling.on('broadcast', (view) => this.#see(view))
    signaling.on('sfu:replaced', () => this.#again())
    signaling.on('transport:closed', ({ transportId }) => {
      if (transportId === this.#transport?.id) this.#again()
    })
    this.#cancelIceServers = this.#clock.every(ICE_SERVERS_INTERVAL, () => void this.#renewIceServers())
  }

  /** A new transport with everything on it; the one before is closed first. */
  async #send(rtpCapabilities: Parameters<typeof SendTransport.create>[0]['rtpCapabilities']): Promise<void> {
    this.#transport?.close()
    this.#transport = null
    const { relayOnly } = this.#options
    const signaling = this.#signaling
    const transport = await SendTransport.create({ signaling, rtpCapabilities, relayOnly, clock: this.#clock })
    this.#transport = transport
    transport.on('lost', () => this.#again())
    await transport.send(this.#tracks)
  }

  /** Sends anew after the transport was lost, until it works; a lost connection to the server joins by itself. */
  #again(): void {
    if (this.#isOver() || this.#signaling.state.kind !== 'connected') return
    this.#transport?.close()
    this.#setSending(false)
    this.#cancelRetry?.()
    this.join().then(
      () => this.#setSending(true),
      (error: unknown) => {
        if (error instanceof NearcastError && FINAL.includes(error.code)) this.#onRefused(error)
        else this.#cancelRetry = this.#clock.after(RETRY_PAUSE, () => this.#again())
      },
    )
  }

  async #renewIceServers(): Promise<void> {
    const answer = await this.#signaling.request('ice-servers', {}).catch(() => null)
    if (answer) await this.#transport?.updateIceServers(answer.iceServers).catch(() => {})
  }

  #see(view: BroadcastView): void {
    this.#view = view
    this.emit('broadcast', view)
    if (view.state === 'ended') this.#conclude({ kind: 'ended' })
    else this.#judge()
  }

  #setSending(isSending: boolean): void {
    this.#isSending = isSending
    this.#judge()
  }

  /** Live is what the server receives, not what we believe to send. */
  #judge(): void {
    if (this.#isSending && this.#view?.state === 'live') this.#set({ kind: 'live' })
    else if (this.#state.kind === 'live') this.#set({ kind: 'reconnecting' })
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
