/** In charge of playing what is kept: the past of a live broadcast, or the whole of one that is over. */
import type HlsJs from 'hls.js'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { skipBadPlaces } from './badPlaces.ts'
import { elementFigures, type Figures } from './figures.ts'
import { onFirstFrame } from './firstFrame.ts'
import { FLOW_INTERVAL_MS } from './Player.ts'
import { wishedCap } from './quality/levelCap.ts'
import type { Size } from './quality/quality.ts'
import type { Wish } from './quality/Wish.ts'

export interface ReplayOptions {
  readonly url: string
  readonly video: HTMLVideoElement
  /** Seconds before the end of what there is; null for the beginning. */
  readonly back: number | null
  readonly wish: Wish
  readonly clock?: Clock
}

export type ReplayEvents = {
  /** The first frame is in the element. Once. */
  frame: []
  /** What a person sees of it has changed; at most four times a second while it plays. */
  change: []
  /** It cannot be played. Nothing follows. */
  failed: []
}

/** Seconds, from the beginning of what there is. */
export interface ReplayTime {
  readonly position: number
  readonly duration: number
}

/**
 * hls.js takes a position before the first frame of either picture or sound for one outside a live playlist, and then loads
 * its end; they begin a few milliseconds apart. Seconds.
 */
const EDGE = 0.25
/** Fatal errors in a row after which it is given up. */
const MAX_FAILURES = 5
const RETRY_MS = 1_000

export class Replay extends Emitter<ReplayEvents> {
  readonly video: HTMLVideoElement
  readonly #options: ReplayOptions
  readonly #clock: Clock
  readonly #listening = new AbortController()
  readonly #cancels: CancelTimer[] = []
  #hls: HlsJs | null = null
  #hasFrame = false
  #bytes = 0
  #isMoving = false
  #playedUntil = 0
  #failures = 0
  #closed = false

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: ReplayOptions): Replay {
    const replay = new Replay(options)
    replay.#wire()
    void replay.#load()
    return replay
  }

  private constructor(options: ReplayOptions) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.video = options.video
  }

  get ladder(): readonly Size[] {
    return this.#hls?.levels ?? []
  }

  async figures(): Promise<Figures> {
    const { levels = [], currentLevel = -1 } = this.#hls ?? {}
    return elementFigures(this.video, { bytes: this.#bytes, codec: levels[currentLevel]?.videoCodec ?? null })
  }

  get hasFrame(): boolean {
    return this.#hasFrame
  }

  get isMoving(): boolean {
    return this.#isMoving
  }

  get isPaused(): boolean {
    return this.video.paused && !this.video.ended
  }

  /** Played to its end. */
  get isOver(): boolean {
    return this.video.ended
  }

  get time(): ReplayTime {
    const { start, end } = this.#range
    return { position: Math.min(end, Math.max(start, this.video.currentTime)) - start, duration: end - start }
  }

  /** @param position seconds from the beginning of what there is */
  seek(position: number): void {
    const { start, end } = this.#range
    const first = this.#options.back === null ? start : start + EDGE
    this.video.currentTime = Math.min(end, Math.max(first, start + position))
    this.emit('change')
  }

  togglePause(): void {
    if (this.video.ended) this.seek(0)
    if (this.video.paused) this.video.play().catch(() => {})
    else this.video.pause()
  }

  /** Idempotent; no event follows. The element keeps its last frame. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    this.#listening.abort()
    for (const cancel of this.#cancels) cancel()
    this.#hls?.destroy()
  }

  get #range(): { start: number; end: number } {
    const { seekable } = this.video
    if (seekable.length === 0) return { start: 0, end: 0 }
    // A window that slides leaves its past in the element's range.
    const listed = this.#hls?.latestLevelDetails?.fragmentStart ?? 0
    return { start: Math.max(listed, seekable.start(0)), end: seekable.end(seekable.length - 1) }
  }

  #wire(): void {
    const { signal } = this.#listening
    const onChange = (): void => this.emit('change')
    for (const name of ['pause', 'play', 'ended', 'seeked', 'durationchange']) {
      this.video.addEventListener(name, onChange, { signal })
    }
    this.#cancels.push(
      onFirstFrame(this.video, () => {
        this.#hasFrame = true
        this.emit('frame')
      }),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
    )
  }

  async #load(): Promise<void> {
    const module = await import('hls.js').catch(() => null)
    if (this.#closed) return
    if (module?.default.isSupported()) this.#playByHlsJs(module)
    else this.#playNatively()
  }

  #playByHlsJs({ default: Hls, ErrorTypes, Events }: typeof import('hls.js')): void {
    const { url, back, wish } = this.#options
    const where = back === null ? { startPosition: 0 } : { liveSyncDuration: back }
    const hls = new Hls({ enableWorker: false, lowLatencyMode: false, backBufferLength: 60, ...where })
    this.#hls = hls
    this.#cancels.push(skipBadPlaces(hls, this.video, this.#clock))
    hls.on(Events.ERROR, (_event, { fatal, type }) => {
      if (!fatal || this.#closed) return
      this.#failures += 1
      if (this.#failures > MAX_FAILURES) this.emit('failed')
      else if (type === ErrorTypes.MEDIA_ERROR) hls.recoverMediaError()
      else this.#cancels.push(this.#clock.after(RETRY_MS, () => hls.loadSource(url)))
    })
    const cap = (): void => {
      hls.autoLevelCapping = wishedCap(hls.levels, wish)
    }
    hls.on(Events.MANIFEST_PARSED, cap)
    this.#cancels.push(wish.on('change', cap))
    hls.on(Events.BUFFER_APPENDING, (_event, { data }) => {
      this.#bytes += data.byteLength
    })
    hls.attachMedia(this.video)
    hls.loadSource(url)
  }

  #playNatively(): void {
    const { url, back } = this.#options
    const { signal } = this.#listening
    const begin = (): void => {
      if (back !== null) this.video.currentTime = Math.max(this.#range.start, this.#range.end - back)
    }
    this.video.addEventListener('loadedmetadata', begin, { signal, once: true })
    this.video.addEventListener('error', () => this.emit('failed'), { signal, once: true })
    this.video.src = url
  }

  #look(): void {
    const isMoving = this.video.currentTime !== this.#playedUntil
    this.#playedUntil = this.video.currentTime
    if (isMoving) this.#failures = 0
    if (!isMoving && !this.#isMoving) return
    this.#isMoving = isMoving
    this.emit('change')
  }
}
