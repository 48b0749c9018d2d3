/** In charge of keeping an element near the live edge of what is pushed: begins there, catches up, jumps over gaps. */
import type { CancelTimer, Clock } from '../../lib/clock.ts'
import { LagMeter } from './LagMeter.ts'
import { firstPosition, followEdge, type Range } from './liveEdge.ts'

/** What is asked of a video element. */
export interface PlayheadElement {
  currentTime: number
  playbackRate: number
  readonly buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>
  readonly paused: boolean
  readonly seeking: boolean
  readonly readyState: number
  addEventListener(name: 'waiting', listener: () => void): void
  removeEventListener(name: 'waiting', listener: () => void): void
}

export interface PlayheadOptions {
  /** Media time in seconds of what was seen last, which it goes on after where it can. */
  readonly from?: number | null
  /** Asked at each look where to play, in seconds of the element's time; null: as near to the end as it can. */
  readonly wanted?: () => number | null
}

/** Of `HTMLMediaElement`, which tests have none of. */
const HAVE_METADATA = 1
/** Milliseconds between two looks: three frames. */
const LOOK_INTERVAL_MS = 100
/** Seconds of media ahead with which a picture that stands lacks time, not media. */
const ENOUGH_AHEAD = 0.05

export class LivePlayhead {
  readonly #video: PlayheadElement
  readonly #clock: Clock
  readonly #wanted: () => number | null
  readonly #lag = new LagMeter()
  readonly #cancel: CancelTimer
  /** Where to begin, if that can be; null once it has. */
  #from: number | null
  #isLive = true

  constructor(video: PlayheadElement, clock: Clock, { from = null, wanted = () => null }: PlayheadOptions = {}) {
    this.#video = video
    this.#clock = clock
    this.#from = from
    this.#wanted = wanted
    this.#cancel = clock.every(LOOK_INTERVAL_MS, () => this.#look())
    video.addEventListener('waiting', this.#onWaiting)
  }

  /** Where it would be playing by itself, in seconds of the element's time; null before anything came. */
  get nearest(): number | null {
    const { goal } = this.#lag
    return goal === null ? null : this.#clock.now() / 1000 - goal
  }

  /** Media was appended. */
  appended(): void {
    const end = this.#ranges.at(-1)?.end
    if (end === undefined || !this.#isLive) return
    const isFirst = this.#lag.goal === null
    this.#lag.observe(this.#clock.now() / 1000, end)
    // At once: until then there is nothing to see.
    if (isFirst) this.#look()
  }

  /** The connection was lost: what comes after it tells nothing about waiting. */
  interrupted(): void {
    this.#lag.reset()
  }

  /** Nothing more comes: plays to the end as it is. */
  playOut(): void {
    this.#isLive = false
    this.#video.playbackRate = 1
  }

  close(): void {
    this.#cancel()
    this.#video.removeEventListener('waiting', this.#onWaiting)
    this.#video.playbackRate = 1
  }

  get #ranges(): Range[] {
    const { buffered } = this.#video
    return Array.from({ length: buffered.length }, (_, index) => ({
      start: buffered.start(index),
      end: buffered.end(index),
    }))
  }

  #look(): void {
    const { nearest } = this
    const video = this.#video
    if (nearest === null || !this.#isLive || video.seeking || video.readyState < HAVE_METADATA) return
    const wanted = this.#wanted()
    const goal = wanted === null ? nearest : Math.min(nearest, wanted)
    const start = this.#from === null ? null : firstPosition(this.#from, this.#ranges, goal)
    this.#from = null
    if (start !== null) {
      video.currentTime = start
      return
    }
    const { rate, seekTo } = followEdge({
      position: video.currentTime,
      ranges: this.#ranges,
      goal,
      rate: video.playbackRate,
      isShared: wanted !== null,
    })
    if (rate !== video.playbackRate) video.playbackRate = rate
    if (seekTo !== null && !video.paused) video.currentTime = seekTo
  }

  readonly #onWaiting = (): void => {
    const { currentTime, seeking } = this.#video
    const here = this.#ranges.find(({ start, end }) => currentTime >= start && currentTime <= end)
    if (!seeking && here && here.end - currentTime > ENOUGH_AHEAD) this.#lag.stalled()
  }
}
