/** In charge of how fast what hls.js loads is played: near the live edge, or in step with other viewers. */
import type Hls from 'hls.js'
import type { Clock } from '../lib/clock.ts'
import { isBuffered } from './buffered.ts'
import { catchUpRate, LEAST_AHEAD } from './catchUp.ts'
import { CALM_MS } from './hlsConfig.ts'
import type { Wish } from './quality/Wish.ts'
import { paceTo } from './sync/pace.ts'

/** What is asked of hls.js. */
export interface PacedHls
  extends Pick<Hls, 'latency' | 'targetLatency' | 'latestLevelDetails' | 'mainForwardBufferInfo'> {
  targetLatency: number | null
}

/** What is asked of a video element. */
export type PacedElement = Pick<HTMLVideoElement, 'currentTime' | 'playbackRate' | 'seeking'> & {
  readonly buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>
}

export interface HlsPaceOptions {
  readonly video: PacedElement
  readonly wish: Pick<Wish, 'delay'>
  readonly clock: Clock
}

/** Seconds of media that must be ahead of where it jumps to. */
const JUMP_MARGIN = 0.5

/**
 * Where hls.js begins was right when it had read the playlist; by the first picture it is a second later. Nobody has
 * watched for long yet: one jump within what is loaded, instead of ten seconds of playing faster. Seconds behind from which
 * it is worth that, and milliseconds in which it may be made.
 */
const [ARRIVAL_FROM, ARRIVAL_MS] = [0.3, 3_000]

export class HlsPace {
  readonly #video: PacedElement
  readonly #wish: HlsPaceOptions['wish']
  readonly #clock: Clock
  #stalledAt: number | null = null
  /** When playing began; null before. Milliseconds. */
  #begunAt: number | null = null
  #arrived = true

  constructor({ video, wish, clock }: HlsPaceOptions) {
    this.#video = video
    this.#wish = wish
    this.#clock = clock
  }

  /** Another hls.js. @param goesOn it begins where it was told to, to go on with what was seen, and not by the live edge */
  begin(goesOn: boolean): void {
    this.#begunAt = null
    this.#arrived = goesOn
  }

  /** hls.js waits for media, and has gone farther from the live edge for it. */
  stalled(): void {
    this.#stalledAt = this.#clock.now()
  }

  /** See Player. `latency`: seconds behind capture now. */
  least(hls: PacedHls, latency: number | null): number | null {
    if (latency === null || !hls.latestLevelDetails || hls.targetLatency === null) return null
    return latency - (hls.latency - hls.targetLatency)
  }

  /** To be called a few times a second. */
  keepUp(hls: PacedHls, latency: number | null): void {
    const details = hls.latestLevelDetails
    if (!details || hls.targetLatency === null) return
    // Each stall takes hls.js farther from the live edge, for good: after a calm time it may come back, a little faster.
    if (this.#stalledAt !== null && this.#clock.now() >= this.#stalledAt + CALM_MS) {
      this.#stalledAt = null
      hls.targetLatency = details.partHoldBack || details.holdBack
    }
    const video = this.#video
    const { delay } = this.#wish
    const ahead = (hls.mainForwardBufferInfo?.end ?? 0) - video.currentTime
    if (!details.live) this.#play(1)
    else if (delay !== null && latency !== null) this.#meet(latency - delay, ahead)
    else {
      const behind = hls.latency - hls.targetLatency
      if (this.#arrive(behind)) this.#play(1)
      else this.#play(catchUpRate({ behind, ahead }, video.playbackRate))
    }
  }

  /** Jumps to where it should be, once. Whether it has. */
  #arrive(behind: number): boolean {
    const video = this.#video
    if (this.#arrived || video.seeking || video.buffered.length === 0) return false
    this.#begunAt ??= this.#clock.now()
    this.#arrived = behind < ARRIVAL_FROM || this.#clock.now() - this.#begunAt > ARRIVAL_MS
    if (this.#arrived || !this.#has(video.currentTime + behind)) return false
    video.currentTime += behind
    this.#arrived = true
    return true
  }

  #meet(late: number, ahead: number): void {
    const video = this.#video
    if (video.seeking) return
    const { rate, jump } = paceTo(late, video.playbackRate)
    if (jump && this.#has(video.currentTime + late)) {
      video.currentTime += late
      this.#play(1)
    } else this.#play(ahead < LEAST_AHEAD ? Math.min(1, rate) : rate)
  }

  #has(position: number): boolean {
    return isBuffered(this.#video.buffered, position, JUMP_MARGIN)
  }

  #play(rate: number): void {
    if (rate !== this.#video.playbackRate) this.#video.playbackRate = rate
  }
}
