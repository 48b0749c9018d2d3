/** In charge of one attempt over the browser's own HLS, where there are no media source extensions for hls.js. */
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { elementFigures, type Figures } from './figures.ts'
import { onFirstFrame } from './firstFrame.ts'
import type { HlsOptions } from './HlsPlayer.ts'
import { cureFor } from './hlsConfig.ts'
import { liveEdge, liveJump } from './liveEdge.ts'
import { FLOW_INTERVAL_MS, httpFlow, type Player, type PlayerEvents } from './Player.ts'
import { paceTo } from './sync/pace.ts'

/** Safari's date of position 0, from EXT-X-PROGRAM-DATE-TIME; not in TypeScript's DOM library. */
interface DatedVideo extends HTMLVideoElement {
  getStartDate?(): Date
}

export class NativeHlsPlayer extends Emitter<PlayerEvents> implements Player {
  readonly transport = 'native-hls'
  readonly video: DatedVideo
  /** The browser chooses, and lets nobody else. */
  readonly ladder = []
  readonly #options: HlsOptions
  readonly #clock: Clock
  readonly #cancels: CancelTimer[] = []
  #cancelReload: CancelTimer | undefined
  #failures = 0
  #playedUntil = 0
  #closed = false

  /** Returns at once; `frame` follows. */
  static create(options: HlsOptions): NativeHlsPlayer {
    const player = new NativeHlsPlayer(options)
    player.#wire()
    player.video.src = options.url
    return player
  }

  private constructor(options: HlsOptions) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.video = options.video
  }

  latency(): number | null {
    const now = this.#options.serverClock.now()
    const capturedAt = this.capturedAt()
    return now === null || capturedAt === null ? null : (now - capturedAt) / 1000
  }

  capturedAt(): number | null {
    const start = this.video.getStartDate?.().getTime() ?? Number.NaN
    return Number.isNaN(start) ? null : start + this.video.currentTime * 1000
  }

  async figures(): Promise<Figures> {
    return elementFigures(this.video, { bytes: null, codec: null })
  }

  least(): number | null {
    const latency = this.latency()
    const nearest = liveEdge(this.video.seekable)
    return latency === null || nearest === null ? null : latency - (nearest - this.video.currentTime)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    for (const cancel of this.#cancels) cancel()
    this.#cancelReload?.()
  }

  #wire(): void {
    const { video } = this
    const onEnded = (): void => this.emit('ended')
    const onError = (): void => this.#reload()
    video.addEventListener('ended', onEnded)
    video.addEventListener('error', onError)
    this.#cancels.push(
      () => video.removeEventListener('ended', onEnded),
      () => video.removeEventListener('error', onError),
      onFirstFrame(video, () => {
        const jump = liveJump(video.seekable, video.currentTime)
        if (jump !== null) video.currentTime = jump
        this.emit('frame')
      }),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
    )
  }

  /** The browser tells no HTTP status: whatever happened, the playlist is asked for again, ever more slowly. */
  #reload(): void {
    const cure = cureFor({ kind: 'other', status: null, isUnderWay: false }, this.#failures++)
    if (cure.kind !== 'reload') return
    this.#cancelReload?.()
    this.#cancelReload = this.#clock.after(cure.afterMs, () => {
      this.emit('renew')
      this.video.src = this.#options.url
      this.video.play().catch(() => {})
    })
  }

  #look(): void {
    const moved = this.video.currentTime !== this.#playedUntil
    this.#playedUntil = this.video.currentTime
    if (moved) this.#failures = 0
    if (moved) this.#keepInStep()
    this.emit('flow', httpFlow(moved, moved))
  }

  #keepInStep(): void {
    const { video } = this
    const latency = this.latency()
    const { delay } = this.#options.wish
    const late = delay === null || latency === null ? 0 : latency - delay
    const { rate, jump } = paceTo(late, video.playbackRate)
    if (jump) video.currentTime += late
    else if (rate !== video.playbackRate) video.playbackRate = rate
  }
}
