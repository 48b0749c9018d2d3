/** In charge of the players: starts and stops them as the policy decides, and shows whichever has the picture. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { isHopeless, isStranded, step } from './fallbackPolicy.ts'
import type { HttpVia } from './httpLane.ts'
import { createHttpPlayer } from './httpPlayer.ts'
import { MsePlayer } from './MsePlayer.ts'
import { FLOW_INTERVAL_MS, type Player } from './Player.ts'
import { type Action, initialPolicy, type PolicyState, type Prefer, type Report } from './policyState.ts'
import type { Wish } from './quality/Wish.ts'
import type { Stage } from './Stage.ts'
import type { WatchSession } from './WatchSession.ts'
import { WebRtcPlayer } from './WebRtcPlayer.ts'

export interface PlaybackOptions {
  readonly session: WatchSession
  readonly stage: Stage
  readonly wish: Wish
  readonly prefer: Prefer
  readonly relayOnly: boolean
  readonly clock?: Clock
}

export type PlaybackEvents = {
  /** `isMoving`, `hasPicture`, `isHopeless` or `isStranded` has changed. */
  change: []
  transport: [transport: PlayerTransport | null]
}

/**
 * A picture in which so many looks found nothing new stands still: 2.5 s, above what the SFU takes to move a viewer off a
 * layer that ended (1.5 s until mediasoup notices, and a key frame). Looks are counted because a busy page or a hidden tab
 * looks less often.
 */
const STANDSTILL_LOOKS = 2_500 / FLOW_INTERVAL_MS

export class Playback extends Emitter<PlaybackEvents> {
  readonly #session: WatchSession
  readonly #stage: Stage
  readonly #wish: Wish
  readonly #relayOnly: boolean
  readonly #clock: Clock
  readonly #forget: (() => void)[] = []
  #policy: PolicyState
  #cancelWake: CancelTimer | undefined
  #webrtc: WebRtcPlayer | null = null
  #http: Player | null = null
  /** Whose picture is seen. It may be closed already: then its last frame is what is seen. */
  #shown: Player | null = null
  #stillLooks = 0
  #isMoving = false
  #isStranded = false
  #closed = false

  static create(options: PlaybackOptions): Playback {
    const playback = new Playback(options)
    playback.#wire()
    return playback
  }

  private constructor({ session, stage, wish, prefer, relayOnly, clock }: PlaybackOptions) {
    super()
    this.#session = session
    this.#stage = stage
    this.#wish = wish
    this.#relayOnly = relayOnly
    this.#clock = clock ?? systemClock
    this.#policy = initialPolicy(prefer, { mse: MsePlayer.isSupported })
  }

  /** The player whose picture is seen. */
  get player(): Player | null {
    return this.#shown
  }

  /** By which transport the picture that is seen came. */
  get transport(): PlayerTransport | null {
    return this.#shown?.transport ?? null
  }

  get hasPicture(): boolean {
    return this.#shown !== null
  }

  /** Whether what is seen changes, or what is heard goes on. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** Whether nothing that this browser has can ever play this broadcast. */
  get isHopeless(): boolean {
    return isHopeless(this.#policy)
  }

  /** Whether only WebRTC could bring the picture, and does not so far. */
  get isStranded(): boolean {
    return this.#isStranded
  }

  /** Seconds behind capture, or null. */
  get latency(): number | null {
    return this.#isMoving ? (this.#shown?.latency() ?? null) : null
  }

  set prefer(prefer: Prefer) {
    this.#report({ kind: 'prefer', prefer })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    for (const step of this.#forget) step()
    this.#cancelWake?.()
    this.#webrtc?.close()
    this.#http?.close()
  }

  #wire(): void {
    const session = this.#session
    this.#forget.push(
      session.on('change', () => this.#reportBroadcast()),
      session.on('producers', () => {
        this.#report({ kind: 'producers' })
        if (this.#webrtc?.hasLost) this.#report({ kind: 'webrtc:gone' })
        else this.#webrtc?.consume()
      }),
      session.on('consumer:closed', (id) => this.#loseConsumer(id)),
      session.on('transport:closed', (id) => {
        if (this.#webrtc?.transportId === id) this.#report({ kind: 'webrtc:gone' })
      }),
      session.on('replaced', () => this.#report({ kind: 'webrtc:gone' })),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#noticeStandstill()),
    )
    if (session.view) this.#reportBroadcast()
  }

  #reportBroadcast(): void {
    const view = this.#session.view
    if (view === null) return
    const phase = view.state === 'idle' ? 'off' : view.state === 'ended' ? 'over' : 'on'
    // What was still on its way at the end may yet be played.
    if (phase === 'over' && this.#policy.phase !== 'over') this.#stillLooks = 0
    const { sending } = view
    const ready = view.http === 'ready'
    this.#report({ kind: 'broadcast', phase, sending, http: ready || view.http === 'preparing', ready })
    const { lane } = this.#policy
    if (lane.phase === 'preparing' && this.#http === null) this.#startHttp(lane.via)
  }

  #report(report: Report): void {
    if (this.#closed) return
    const { isHopeless: wasHopeless, isStranded: wasStranded } = this
    const now = this.#clock.now()
    const { state, actions, wakeAt } = step(this.#policy, report, now)
    this.#policy = state
    this.#isStranded = isStranded(state, now)
    this.#cancelWake?.()
    this.#cancelWake =
      wakeAt === null
        ? undefined
        : this.#clock.after(Math.max(0, wakeAt - this.#clock.now()), () => this.#report({ kind: 'time' }))
    for (const action of actions) this.#do(action)
    if (state.phase !== 'on' && state.lane.phase !== 'showing') this.#clear()
    if (this.isHopeless !== wasHopeless || this.#isStranded !== wasStranded) this.emit('change')
  }

  #do(action: Action): void {
    switch (action) {
      case 'start-webrtc':
        this.#stop(this.#webrtc)
        this.#startWebRtc()
        break
      case 'restart-ice':
        this.#webrtc?.restartIce()
        break
      case 'stop-webrtc':
        this.#stop(this.#webrtc)
        this.#webrtc = null
        break
      case 'start-mse':
        this.#startHttp('mse')
        break
      case 'start-hls':
        this.#startHttp('hls')
        break
      case 'stop-mse':
      case 'stop-hls':
        this.#stop(this.#http)
        this.#http = null
        break
    }
  }

  #startWebRtc(): void {
    const player = WebRtcPlayer.create({
      session: this.#session,
      video: this.#stage.prepare(),
      wish: this.#wish,
      relayOnly: this.#relayOnly,
      clock: this.#clock,
    })
    this.#webrtc = player
    player.on('frame', () => {
      this.#show(player)
      this.#report({ kind: 'webrtc:frame' })
    })
    player.on('flow', (flow) => {
      this.#noticeFlow(player, flow.frames)
      this.#report({ kind: 'webrtc:flow', ...flow })
    })
    player.on('failed', (why) => this.#report({ kind: 'webrtc:failed', why }))
  }

  #startHttp(via: HttpVia): void {
    // Before there is media, asking for it would cost refusals and growing pauses: the server says when it is there.
    if (this.#session.view?.http === 'preparing') return
    const context = { session: this.#session, stage: this.#stage, wish: this.#wish, clock: this.#clock }
    const player = createHttpPlayer(via, context)
    if (player === null) {
      this.#report({ kind: 'http:failed', via, why: 'browser' })
      return
    }
    this.#http = player
    player.on('frame', () => {
      this.#show(player)
      this.#report({ kind: 'http:frame', via })
    })
    player.on('flow', ({ frames }) => {
      this.#noticeFlow(player, frames)
      this.#report({ kind: 'http:flow', via, frames: frames || player.video.paused })
    })
    player.on('renew', () => this.#stage.hold(player.video))
    player.on('failed', (why) => this.#report({ kind: 'http:failed', via, why }))
    player.on('ended', () => this.#report({ kind: 'http:ended', via }))
  }

  /** A player that is seen leaves its last frame until another has one. */
  #stop(player: Player | null): void {
    if (player === null) return
    if (player === this.#shown) this.#stage.freeze(player.video)
    else this.#stage.discard(player.video)
    player.close()
  }

  /** The broadcaster left or took something away; `producers` follows and brings what there is instead. */
  #loseConsumer(consumerId: string): void {
    const player = this.#webrtc
    if (!player?.has(consumerId)) return
    this.#stage.freeze(player.video)
    player.consumerClosed(consumerId)
  }

  #show(player: Player): void {
    const former = this.#shown
    if (former === player) return
    this.#shown = player
    this.#stillLooks = 0
    this.#isMoving = true
    this.#stage.show(player.video)
    if (former?.transport !== player.transport) this.#tellTransport()
    this.emit('change')
  }

  #clear(): void {
    if (this.#shown === null) return
    this.#stage.discard(this.#shown.video)
    this.#shown = null
    this.#isMoving = false
    this.#tellTransport()
    this.emit('change')
  }

  #tellTransport(): void {
    this.#session.report(this.transport)
    this.emit('transport', this.transport)
  }

  #noticeFlow(player: Player, frames: boolean): void {
    if (player !== this.#shown || !frames) return
    this.#stillLooks = 0
    if (this.#isMoving) return
    this.#isMoving = true
    this.emit('change')
  }

  #noticeStandstill(): void {
    if (++this.#stillLooks < STANDSTILL_LOOKS) return
    // After the end nothing more is coming: what stands still, maybe since an interruption, has been played out.
    const { phase, lane } = this.#policy
    if (phase === 'over' && lane.phase === 'showing') this.#report({ kind: 'http:ended', via: lane.via })
    if (!this.#isMoving) return
    this.#isMoving = false
    this.emit('change')
  }
}
