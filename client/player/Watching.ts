/** In charge of what is watched: the live picture, the past of it, or what is left of a broadcast that is over. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import { Emitter } from '../lib/Emitter.ts'
import { Playback } from './Playback.ts'
import type { Player } from './Player.ts'
import type { PastFacts } from './playerState.ts'
import type { Prefer } from './policyState.ts'
import type { Wish } from './quality/Wish.ts'
import { Replay } from './Replay.ts'
import type { Stage } from './Stage.ts'
import type { InStep } from './sync/InStep.ts'
import type { TimeFacts } from './TimeControls.ts'
import type { WatchSession } from './WatchSession.ts'

export interface WatchingOptions {
  readonly session: WatchSession
  readonly stage: Stage
  readonly wish: Wish
  readonly prefer: Prefer
  readonly relayOnly: boolean
}

export type WatchingEvents = {
  /** Something that is shown of it has changed. */
  change: []
  /** `gap`: see `TransportChange`. */
  transport: [transport: PlayerTransport | null, gap: number | null]
}

/** Whoever would go on to less than so many seconds before the end of what is past wants what is live. */
const NEARLY_LIVE = 2
/** What is past is fetched by whole segments: seconds, some more than one of them. */
const LEAST_BACK = 8

export class Watching extends Emitter<WatchingEvents> {
  readonly #options: WatchingOptions
  readonly #forget: () => void
  #prefer: Prefer
  #sync = false
  #inStep: InStep | null = null
  /** One of them at a time. */
  #live: Playback | null = null
  #past: Replay | null = null
  /** It was over before we came. */
  #cameLate: boolean | null = null
  #closed = false

  static create(options: WatchingOptions): Watching {
    const watching = new Watching(options)
    watching.#watchLive()
    return watching
  }

  private constructor(options: WatchingOptions) {
    super()
    this.#options = options
    this.#prefer = options.prefer
    this.#forget = options.session.on('change', () => this.#follow())
  }

  /** What brings the picture that is seen. */
  get player(): Player | Replay | null {
    return this.#past ?? this.#live?.player ?? null
  }

  get transport(): PlayerTransport | null {
    return this.#past?.hasFrame ? 'hls' : (this.#live?.transport ?? null)
  }

  /** Seconds behind capture, or null; what is past has none. */
  get latency(): number | null {
    return this.#live?.latency ?? null
  }

  get hasPicture(): boolean {
    return this.#live?.hasPicture ?? false
  }

  get isMoving(): boolean {
    return this.#live?.isMoving ?? false
  }

  get isHopeless(): boolean {
    return this.#live?.isHopeless ?? false
  }

  get isStranded(): boolean {
    return this.#live?.isStranded ?? false
  }

  /** Null while the picture is live. */
  get past(): PastFacts | null {
    return this.#past
  }

  get time(): TimeFacts {
    const view = this.#options.session.view
    const isOn = view?.state === 'live' || view?.state === 'interrupted'
    return {
      canGoBack: isOn && view.timeShift > 0 && view.http === 'ready',
      time: this.#past?.hasFrame ? this.#past.time : null,
      isPaused: this.#past?.isPaused || this.#past?.isOver || false,
      canGoLive: isOn,
    }
  }

  /** The broadcast is over and can be watched from its beginning, by a press. */
  get canWatchAgain(): boolean {
    const view = this.#options.session.view
    return view?.state === 'ended' && view.recording === 'kept' && (this.#past === null || this.#past.isOver)
  }

  set prefer(prefer: Prefer) {
    this.#prefer = prefer
    if (this.#live) this.#live.prefer = prefer
  }

  /** From live to the recent past. @param seconds how far */
  goBack(seconds: number): void {
    const { hlsUrl } = this.#options.session
    if (hlsUrl !== null && this.time.canGoBack && !this.#past) {
      this.#watchPast(new URL('window.m3u8?player=1', hlsUrl).href, seconds)
    }
  }

  /** Whether it shows what the other viewers show at the same time. */
  set sync(sync: boolean) {
    this.#sync = sync
    this.#keepInStep()
  }

  goLive(): void {
    if (!this.#past) return
    this.#endPast()
    this.#watchLive()
    this.emit('change')
  }

  /** The whole broadcast from its beginning. */
  watchAgain(): void {
    const { hlsUrl } = this.#options.session
    if (this.#past) this.#past.togglePause()
    else if (hlsUrl !== null && this.canWatchAgain) this.#watchPast(hlsUrl, null)
  }

  /** @param position seconds from the beginning of what there is */
  seek(position: number): void {
    this.#past?.seek(position)
  }

  /** @param seconds forward, or back when negative; from the live picture there is only back */
  seekBy(seconds: number): void {
    if (!this.#past) {
      if (seconds < 0) this.goBack(Math.max(LEAST_BACK, -seconds))
      return
    }
    const { position, duration } = this.#past.time
    const isAtEdge = seconds > 0 && position + seconds > duration - NEARLY_LIVE
    if (isAtEdge && this.time.canGoLive) this.goLive()
    else this.#past.seek(position + seconds)
  }

  togglePause(): void {
    this.#past?.togglePause()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    this.#forget()
    this.#inStep?.close()
    this.#live?.close()
    this.#past?.close()
  }

  #follow(): void {
    const view = this.#options.session.view
    if (!view) return
    this.#cameLate ??= view.state === 'ended'
    if (this.#cameLate && this.#past === null && this.canWatchAgain) this.watchAgain()
  }

  #watchLive(): void {
    const live = Playback.create({ ...this.#options, prefer: this.#prefer })
    this.#live = live
    this.#keepInStep()
    live.on('change', () => this.emit('change'))
    live.on('transport', (transport, gap) => this.emit('transport', transport, gap))
  }

  #watchPast(url: string, back: number | null): void {
    const { stage, session, wish } = this.#options
    this.#keepFrame(stage.shown)
    this.#inStep?.close()
    this.#inStep = null
    this.#live?.close()
    this.#live = null
    const past = Replay.create({ url, back, wish, video: stage.prepare() })
    this.#past = past
    past.on('frame', () => {
      stage.show(past.video)
      session.report('hls')
      this.emit('transport', 'hls', null)
      this.emit('change')
    })
    past.on('change', () => this.emit('change'))
    past.on('failed', () => this.goLive())
    this.emit('change')
  }

  #keepInStep(): void {
    const { session, wish } = this.#options
    const playback = this.#sync ? this.#live : null
    if (playback) {
      // Loaded when somebody wants it; nobody may want it any more when it is there.
      const begin = ({ InStep }: typeof import('./sync/InStep.ts')): void => {
        if (this.#sync && !this.#closed && this.#live === playback) {
          this.#inStep ??= InStep.create({ session, wish, playback })
        }
      }
      import('./sync/InStep.ts').then(begin, () => {})
      return
    }
    this.#inStep?.close()
    this.#inStep = null
  }

  #endPast(): void {
    const past = this.#past
    this.#past = null
    if (!past) return
    if (past.hasFrame) this.#keepFrame(past.video)
    else this.#options.stage.discard(past.video)
    past.close()
  }

  /** What is seen stays until there is another picture; an element that hls.js leaves would turn black. */
  #keepFrame(video: HTMLVideoElement | null): void {
    if (!video) return
    this.#options.stage.hold(video)
    this.#options.stage.freeze(video)
  }
}
