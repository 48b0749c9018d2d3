/** In charge of one attempt over WebRTC: a receive transport, its consumers, and whether RTP keeps arriving. */
import type { Device, types } from 'mediasoup-client'
import { NearcastError } from '../../shared/errors.ts'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import type { Answers, ConsumerOptions } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { ChatChannel } from './ChatChannel.ts'
import { type Figures, NO_FIGURES } from './figures.ts'
import { onFirstFrame } from './firstFrame.ts'
import { JitterTarget } from './JitterTarget.ts'
import { FLOW_INTERVAL_MS, type Player, type PlayerEvents } from './Player.ts'
import { PresentedFrames } from './PresentedFrames.ts'
import type { Failure } from './policyState.ts'
import { LayerChoice } from './quality/LayerChoice.ts'
import type { Size } from './quality/quality.ts'
import type { Wish } from './quality/Wish.ts'
import { failureOf, loadDevice, UnsupportedBrowser } from './receiveDevice.ts'
import { flowBetween, type InboundFacts, inboundFacts, latencyOf, noFacts } from './stats.ts'
import { HeldMeter, heldSums } from './sync/heldMedia.ts'
import { ignoreLostConnection, type WatchSession } from './WatchSession.ts'

export interface WebRtcOptions {
  readonly session: WatchSession
  readonly video: HTMLVideoElement
  readonly wish: Wish
  /** Through TURN only: for networks that ask for it, and for tests. */
  readonly relayOnly: boolean
  readonly clock?: Clock
}

export class WebRtcPlayer extends Emitter<PlayerEvents> implements Player {
  readonly transport = 'webrtc'
  readonly video: HTMLVideoElement
  readonly #session: WatchSession
  readonly #wish: Wish
  readonly #relayOnly: boolean
  readonly #clock: Clock
  /** One negotiation at a time: what to consume next depends on what the one before brought. */
  readonly #queue = new SerialQueue()
  readonly #consumers = new Map<string, types.Consumer>()
  readonly #stream = new MediaStream()
  #layers: LayerChoice | undefined
  #recvTransport: types.Transport | undefined
  #device: Device | undefined
  readonly #frames: PresentedFrames
  readonly #jitterTarget: JitterTarget
  #facts: InboundFacts = noFacts
  #latency: number | null = null
  readonly #held = new HeldMeter()
  #cancelFlow: CancelTimer | undefined
  #forgetFrame: (() => void) | undefined
  #hasLost = false
  #closed = false

  /** Whether this browser has WebRTC at all (some are built without it, some networks' policies take it away). */
  static get isSupported(): boolean {
    return typeof RTCPeerConnection === 'function'
  }

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: WebRtcOptions): WebRtcPlayer {
    const player = new WebRtcPlayer(options)
    player.#forgetFrame = onFirstFrame(player.video, () => player.emit('frame'))
    player.#cancelFlow = player.#clock.every(FLOW_INTERVAL_MS, () => void player.#look())
    player.consume()
    return player
  }

  private constructor({ session, video, wish, relayOnly, clock }: WebRtcOptions) {
    super()
    this.#session = session
    this.#wish = wish
    this.video = video
    this.#relayOnly = relayOnly
    this.#clock = clock ?? systemClock
    this.#frames = new PresentedFrames(video)
    this.#jitterTarget = new JitterTarget(wish, this.#clock)
  }

  get transportId(): string | null {
    return this.#recvTransport?.id ?? null
  }

  /**
   * Whether something that was received has ended. What replaces it belongs to a new attempt: a track put in the place
   * of an ended one shows black until its first frame, another element does not.
   */
  get hasLost(): boolean {
    return this.#hasLost
  }

  /** Takes up whatever is sent and not received yet; to be called whenever the set of producers changed. */
  consume(): void {
    this.#enqueue(async () => {
      const routerRtpCapabilities = this.#session.rtpCapabilities
      if (routerRtpCapabilities === null) return
      const { device, transport } = await this.#ready(routerRtpCapabilities)
      const answer = await this.#session.request('watch:consume', {
        transportId: transport.id,
        rtpCapabilities: device.recvRtpCapabilities as RtpCapabilities,
      })
      if (this.#closed) return
      // Half of it is not what was broadcast (sound without its picture, say): the other transport has all.
      if (answer.refused.length > 0) this.#fail('codec')
      else await this.#receive(transport, answer.consumers)
    })
  }

  has(consumerId: string): boolean {
    return this.#consumers.has(consumerId)
  }

  /** The server closed a consumer. */
  consumerClosed(consumerId: string): void {
    const consumer = this.#consumers.get(consumerId)
    if (!consumer) return
    this.#hasLost = true
    this.#consumers.delete(consumerId)
    consumer.close()
  }

  /** New credentials, new candidates, the same media: mends a path that died. */
  restartIce(): void {
    this.#enqueue(async () => {
      const transport = this.#recvTransport
      if (!transport) return
      const answer = await this.#session.request('watch:transport:restart-ice', { transportId: transport.id })
      if (this.#closed || transport.closed) return
      await transport.updateIceServers({ iceServers: answer.iceServers })
      await transport.restartIce({ iceParameters: answer.iceParameters })
    })
  }

  /**
   * By the SFU's sender reports and the server's clock. (The `captureTime` of requestVideoFrameCallback would be known
   * only if publishers sent the abs-capture-time header extension.)
   */
  latency(): number | null {
    return this.#latency
  }

  get ladder(): readonly Size[] {
    return this.#layers?.sizes ?? []
  }

  /** A picture that stands has the time of the frame that stands. */
  capturedAt(): number | null {
    const now = this.#session.clock.now()
    if (now === null || this.#latency === null) return null
    const shownFor = this.#frames.lastAt === null || document.hidden ? 0 : performance.now() - this.#frames.lastAt
    return now - shownFor - this.#latency * 1000
  }

  /** By waiting longer for packets than they need. */
  steer(behind: number | null): void {
    this.#jitterTarget.aimAt(behind)
  }

  async figures(): Promise<Figures> {
    const report = await this.#recvTransport?.getStats().catch(() => null)
    if (!report) return NO_FIGURES
    const { webRtcFigures } = await import('./extras/webRtcFigures.ts')
    return webRtcFigures(report.values())
  }

  least(): number | null {
    const { surplus } = this.#held
    return this.#latency === null || surplus === null ? null : this.#latency - surplus
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    this.#queue.close()
    this.#layers?.close()
    this.#cancelFlow?.()
    this.#frames.close()
    this.#jitterTarget.close()
    this.#forgetFrame?.()
    const transport = this.#recvTransport
    if (!transport || transport.closed) return
    transport.close()
    this.#session.request('watch:transport:close', { transportId: transport.id }).catch(ignoreLostConnection)
  }

  /** Runs a negotiation; what goes wrong with it ends the attempt, unless it is to be had again by itself. */
  #enqueue(task: () => Promise<void>): void {
    this.#queue.push(task).catch((error: unknown) => {
      if (this.#closed || this.#isPassing(error)) return
      // The server has given the transport up: after a machine's sleep, say.
      if (error instanceof NearcastError && error.code === 'unknown-id') this.emit('gone')
      else this.#fail(failureOf(error))
    })
  }

  /** Whether a notice that follows brings `consume()` again: producers of a broadcaster coming back, joining again. */
  #isPassing(error: unknown): boolean {
    if (!(error instanceof NearcastError)) return false
    if (error.code === 'not-live' || error.code === 'sfu-unavailable') return true
    return error.code === 'internal' && !this.#session.isConnected
  }

  async #ready(routerRtpCapabilities: RtpCapabilities): Promise<{ device: Device; transport: types.Transport }> {
    if (this.#device && this.#recvTransport) return { device: this.#device, transport: this.#recvTransport }
    if (!WebRtcPlayer.isSupported) throw new UnsupportedBrowser()
    const asked = this.#session.request('watch:transport:create', {})
    const [device, options] = await Promise.all([loadDevice(routerRtpCapabilities), asked])
    if (this.#closed) throw new Error('closed while starting')
    this.#device = device
    this.#recvTransport = this.#openTransport(device, options)
    return { device, transport: this.#recvTransport }
  }

  #openTransport(device: Device, options: Answers['watch:transport:create']): types.Transport {
    const transport = device.createRecvTransport({
      ...options,
      iceTransportPolicy: this.#relayOnly ? 'relay' : 'all',
    } as types.TransportOptions)
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#session.request('watch:transport:connect', { transportId: options.id, dtlsParameters }).then(done, failed)
    })
    ChatChannel.attach(this.#session, transport)
    transport.on('connectionstatechange', (state) => {
      if (this.#closed) return
      if (state === 'failed') this.#fail('connection')
      if (state === 'connected') this.emit('linked')
    })
    return transport
  }

  async #receive(transport: types.Transport, offers: readonly ConsumerOptions[]): Promise<void> {
    // All at once, so that they are negotiated together. One stream id: browsers keep its tracks in step.
    const consumers = await Promise.all(
      offers.map(({ id, producerId, kind, rtpParameters }) =>
        transport.consume({ id, producerId, kind, rtpParameters, streamId: 'broadcast' } as types.ConsumerOptions),
      ),
    )
    if (this.#closed) return
    for (const consumer of consumers) {
      this.#consumers.set(consumer.id, consumer)
      this.#stream.addTrack(consumer.track)
      if (consumer.rtpReceiver) this.#jitterTarget.add(consumer.rtpReceiver)
    }
    // Not before it has tracks: Chromium takes an empty stream for an error.
    if (consumers.length > 0 && this.video.srcObject === null) this.video.srcObject = this.#stream
    // Asked for before the picture flows: what is not wanted need not come first.
    const picture = offers.find(({ kind }) => kind === 'video')
    if (picture) {
      this.#layers?.close()
      this.#layers = new LayerChoice({ session: this.#session, wish: this.#wish, consumer: picture })
    }
    await Promise.all(consumers.map(({ id }) => this.#session.request('watch:consumer:resume', { consumerId: id })))
  }

  async #look(): Promise<void> {
    const transport = this.#recvTransport
    if (!transport || transport.closed) return
    const asked = unixNow()
    const report = await transport.getStats().catch(() => null)
    if (report === null || this.#closed) return
    const facts = inboundFacts(report.values())
    const [came, now] = [unixNow(), this.#session.clock.now()]
    this.#held.note(heldSums(report.values()))
    const hasVideo = [...this.#consumers.values()].some(({ kind }) => kind === 'video')
    const flow = flowBetween(this.#facts, facts, hasVideo)
    this.#facts = facts
    this.#layers?.note({ at: this.#clock.now(), ...flow })
    // While nothing is decoded the browser lets its estimate run on.
    if (flow.frames) {
      this.#latency = now === null ? null : latencyOf(facts, asked, came, now)
      if (this.#latency !== null) this.#jitterTarget.measured(this.#latency)
    }
    this.emit('flow', flow)
  }

  #fail(why: Failure): void {
    if (this.#closed) return
    this.emit('failed', why)
  }
}

/** As reports tell the time: https://www.w3.org/TR/webrtc-stats/, "timestamp". */
function unixNow(): number {
  return performance.timeOrigin + performance.now()
}
