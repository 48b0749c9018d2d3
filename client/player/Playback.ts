/** In charge of the players: starts and stops them as the policy decides, and shows whichever has the picture. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import {
  type Action,
  initialPolicy,
  isHopeless,
  isStranded,
  type PolicyState,
  type Prefer,
  type Report,
  step,
} from './fallbackPolicy.ts'
import { HlsPlayer, playsHlsNatively } from './HlsPlayer.ts'
import { NativeHlsPlayer } from './NativeHlsPlayer.ts'
import { FLOW_INTERVAL_MS, type Player } from './Player.ts'
import type { Stage } from './Stage.ts'
import type { WatchSession } from './WatchSession.ts'
import { WebRtcPlayer } from './WebRtcPlayer.ts'

export interface PlaybackOptions {
  readonly session: WatchSession
  readonly stage: Stage
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
  readonly #relayOnly: boolean
  readonly #clock: Clock
  readonly #forget: (() => void)[] = []
  #policy: PolicyState
  #cancelWake: CancelTimer | undefined
  #webrtc: WebRtcPlayer | null = null
  #hls: HlsPlayer | NativeHlsPlayer | null = null
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

  private constructor({ session, stage, prefer, relayOnly, clock }: PlaybackOptions) {
    super()
    this.#session = session
    this.#stage = stage
    this.#relayOnly = relayOnly
    this.#clock = clock ?? systemClock
    this.#policy = initialPolicy(prefer)
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
    this.#hls?.close()
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
    this.#report({ kind: 'broadcast', phase, sending: view.sending, http: view.http !== 'no-http-delivery' })
    if (this.#policy.hls === 'preparing' && this.#hls === null) this.#startHls()
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
    if (state.phase !== 'on' && state.hls !== 'showing') this.#clear()
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
      case 'start-hls':
        this.#startHls()
        break
      case 'stop-hls':
        this.#stop(this.#hls)
        this.#hls = null
        break
    }
  }

  #startWebRtc(): void {
    const player = WebRtcPlayer.create({
      session: this.#session,
      video: this.#stage.prepare(),
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

  #startHls(): void {
    const { hlsUrl: url, view, clock: serverClock } = this.#session
    // Before there is a playlist, asking for it would cost refusals and growing pauses: the server says when it is there.
    if (view?.http === 'preparing') return
    if (url === null || !(HlsPlayer.isSupported || playsHlsNatively())) {
      this.#report({ kind: 'hls:failed' })
      return
    }
    const options = { url, video: this.#stage.prepare(), serverClock, clock: this.#clock }
    const player = HlsPlayer.isSupported ? HlsPlayer.create(options) : NativeHlsPlayer.create(options)
    this.#hls = player
    player.on('frame', () => {
      this.#show(player)
      this.#report({ kind: 'hls:frame' })
    })
    player.on('flow', ({ frames }) => {
      this.#noticeFlow(player, frames)
      this.#report({ kind: 'hls:flow', frames: frames || player.video.paused })
    })
    player.on('renew', () => this.#stage.hold(player.video))
    player.on('failed', () => this.#report({ kind: 'hls:failed' }))
    player.on('ended', () => this.#report({ kind: 'hls:ended' }))
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
    if (this.#policy.phase === 'over' && this.#policy.hls === 'showing') this.#report({ kind: 'hls:ended' })
    if (!this.#isMoving) return
    this.#isMoving = false
    this.emit('change')
  }
}
