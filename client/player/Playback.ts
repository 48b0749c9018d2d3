/** In charge of the players: starts and stops them as the policy decides, and brings its choice to the front. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { Front } from './Front.ts'
import { frontOf, isHopeless, isStranded, step } from './fallbackPolicy.ts'
import { HttpAttempts } from './HttpAttempts.ts'
import { hasMediaSource, loadHttpPlayers } from './httpSupport.ts'
import { KnownNetworks } from './KnownNetworks.ts'
import type { Player } from './Player.ts'
import { type Action, initialPolicy, type PolicyState, type Prefer, type Report, type Rung } from './policyState.ts'
import type { Wish } from './quality/Wish.ts'
import { prepareDevice } from './receiveDevice.ts'
import type { Stage } from './Stage.ts'
import { Surroundings } from './Surroundings.ts'
import { wishesOf } from './seatWishes.ts'
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
  /** `gap`: see `TransportChange`. */
  transport: [transport: PlayerTransport | null, gap: number | null]
}

export class Playback extends Emitter<PlaybackEvents> {
  readonly #session: WatchSession
  readonly #stage: Stage
  readonly #wish: Wish
  readonly #relayOnly: boolean
  readonly #clock: Clock
  readonly #front: Front
  readonly #surroundings: Surroundings
  readonly #networks: KnownNetworks
  readonly #forget: (() => void)[] = []
  readonly #http: HttpAttempts
  #webrtc: WebRtcPlayer | null = null
  #policy: PolicyState
  #cancelWake: CancelTimer | undefined
  #isStranded = false
  #closed = false

  static create(options: PlaybackOptions): Playback {
    const playback = new Playback(options)
    playback.#wire()
    if (options.prefer !== 'smooth') prepareDevice()
    return playback
  }

  private constructor({ session, stage, wish, prefer, relayOnly, clock }: PlaybackOptions) {
    super()
    this.#session = session
    this.#stage = stage
    this.#wish = wish
    this.#relayOnly = relayOnly
    this.#clock = clock ?? systemClock
    this.#front = new Front(stage, this.#clock)
    this.#http = new HttpAttempts({
      session,
      stage,
      wish,
      clock: this.#clock,
      front: this.#front,
      tell: (report) => this.#report(report),
    })
    this.#surroundings = new Surroundings(this.#clock)
    this.#networks = new KnownNetworks(session.origin)
    this.#policy = initialPolicy(prefer, {
      mse: hasMediaSource(),
      findings: this.#networks.findings(this.#surroundings.networkKind, this.#clock.now()),
      spread: Math.random(),
    })
  }

  /** The player whose picture is seen. */
  get player(): Player | null {
    return this.#front.shown
  }

  /** By which transport the picture that is seen came. */
  get transport(): PlayerTransport | null {
    return this.#front.shown?.transport ?? null
  }

  get hasPicture(): boolean {
    return this.#front.shown !== null
  }

  /** Whether what is seen changes, or what is heard goes on. */
  get isMoving(): boolean {
    return this.#front.isMoving
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
    return this.#front.latency
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
    this.#surroundings.close()
    this.#http.close()
    this.#webrtc?.close()
    this.#front.close()
  }

  #wire(): void {
    const session = this.#session
    const around = this.#surroundings
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
      around.on('hidden', (hidden) => this.#report({ kind: 'page', hidden })),
      around.on('network', () => this.#report({ kind: 'network' })),
      around.on('wake', () => this.#report({ kind: 'wake' })),
      this.#front.on('change', () => this.emit('change')),
      this.#front.on('transport', (transport, gap) => {
        this.#session.report(transport)
        this.emit('transport', transport, gap)
      }),
      this.#front.on('still', () => this.#noticeEnd()),
    )
    this.#report({ kind: 'page', hidden: around.isHidden })
    if (session.view) this.#reportBroadcast()
  }

  #reportBroadcast(): void {
    const { view, seats } = this.#session
    if (view === null) return
    if (seats !== this.#policy.seats) this.#report({ kind: 'seats', seats })
    const phase = view.state === 'idle' ? 'off' : view.state === 'ended' ? 'over' : 'on'
    // What was still on its way at the end may yet be played.
    if (phase === 'over' && this.#policy.phase !== 'over') this.#front.rest()
    const { sending } = view
    const ready = view.http === 'ready'
    this.#report({ kind: 'broadcast', phase, sending, http: ready || view.http === 'preparing', ready })
    const { phase: wanted, via } = this.#policy.lane
    if (wanted === 'preparing') this.#http.start(via)
  }

  #report(report: Report): void {
    if (this.#closed) return
    const { isHopeless: wasHopeless, isStranded: wasStranded } = this
    const before = this.#policy
    const now = this.#clock.now()
    const { state, actions, wakeAt } = step(before, report, now)
    this.#policy = state
    this.#isStranded = isStranded(state, now)
    this.#cancelWake?.()
    this.#cancelWake =
      wakeAt === null
        ? undefined
        : this.#clock.after(Math.max(0, wakeAt - this.#clock.now()), () => this.#report({ kind: 'time' }))
    if (state.findings !== before.findings) this.#networks.note(this.#surroundings.networkKind, state.findings, now)
    this.#session.want(wishesOf(state))
    // Before the former is stopped: it may have to be seen for a while yet.
    const front = frontOf(state)
    const player = front && this.#playerOf(front)
    if (player) this.#front.show(player)
    for (const action of actions) this.#do(action)
    if (state.phase !== 'on' && state.lane.phase !== 'showing') this.#front.clear()
    if (this.isHopeless !== wasHopeless || this.#isStranded !== wasStranded) this.emit('change')
  }

  #do(action: Action): void {
    switch (action) {
      case 'start-webrtc':
        this.#stopWebRtc()
        this.#startWebRtc()
        break
      case 'restart-ice':
        this.#webrtc?.restartIce()
        break
      case 'stop-webrtc':
        this.#stopWebRtc()
        break
      case 'start-mse':
        this.#http.start('mse')
        break
      case 'start-hls':
        this.#http.start('hls')
        break
      case 'stop-mse':
        this.#http.stop('mse')
        break
      case 'stop-hls':
        this.#http.stop('hls')
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
    // Behind a picture that moves it waits for packets as long as that is behind, so that both show the same.
    if (this.#front.latency !== null) player.steer(this.#front.latency)
    // One that is only seen until another has taken its place has nothing more to say.
    const tell = (report: Report): void => {
      if (this.#webrtc === player) this.#report(report)
    }
    player.on('linked', () => tell({ kind: 'webrtc:linked' }))
    player.on('frame', () => {
      void loadHttpPlayers()
      tell({ kind: 'webrtc:frame' })
    })
    player.on('flow', (flow) => {
      this.#front.noticeFlow(player, flow.frames)
      tell({ kind: 'webrtc:flow', ...flow })
    })
    player.on('failed', (why) => tell({ kind: 'webrtc:failed', why }))
    player.on('gone', () => tell({ kind: 'webrtc:gone' }))
  }

  #stopWebRtc(): void {
    const player = this.#webrtc
    if (!player) return
    this.#webrtc = null
    this.#front.retire(player)
  }

  #playerOf(rung: Rung): Player | null | undefined {
    return rung === 'webrtc' ? this.#webrtc : this.#http.get(rung)
  }

  /** The broadcaster left or took something away; `producers` follows and brings what there is instead. */
  #loseConsumer(consumerId: string): void {
    const player = this.#webrtc
    if (!player?.has(consumerId)) return
    this.#stage.freeze(player.video)
    player.consumerClosed(consumerId)
  }

  /** After the end nothing more is coming: what stands still, maybe since an interruption, has been played out. */
  #noticeEnd(): void {
    const { phase, lane } = this.#policy
    if (phase === 'over' && lane.phase === 'showing') this.#report({ kind: 'http:ended', via: lane.via })
  }
}
