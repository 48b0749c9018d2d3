/** In charge of one attempt over HLS by hls.js, which is loaded only now; it retries by itself for as long as it lives. */
import type Hls from 'hls.js'
import type { ErrorData } from 'hls.js'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ServerClock } from '../signaling/ServerClock.ts'
import { onFirstFrame } from './firstFrame.ts'
import { cureFor, type HlsKind, type HlsTrouble, hlsConfig, kindsListed } from './hlsConfig.ts'
import { FLOW_INTERVAL_MS, type Player, type PlayerEvents } from './Player.ts'

export interface HlsOptions {
  /** Absolute URL of the multivariant playlist. */
  readonly url: string
  readonly video: HTMLVideoElement
  readonly serverClock: ServerClock
  readonly clock?: Clock
}

/** What the browser's media type names for HLS; Safari says `maybe`. */
const HLS_TYPE = 'application/vnd.apple.mpegurl'

/** Milliseconds between two looks for what the first playlist lacked: a camera or a microphone may come at any time. */
const MISSING_INTERVAL_MS = 3_000

export class HlsPlayer extends Emitter<PlayerEvents> implements Player {
  readonly transport = 'hls'
  readonly video: HTMLVideoElement
  readonly #url: string
  readonly #serverClock: ServerClock
  readonly #clock: Clock
  #hls: Hls | undefined
  #failures = 0
  /** What the first playlist lacked. Each is begun anew for once: a browser may be unable to play what is listed. */
  readonly #missing = new Set<HlsKind>()
  readonly #found = new Set<HlsKind>()
  #playedUntil = 0
  readonly #cancels: CancelTimer[] = []
  #cancelReload: CancelTimer | undefined
  #closed = false

  /** Whether hls.js can work here: it needs media source extensions, which iPhones had none of before iOS 17.1. */
  static get isSupported(): boolean {
    return 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
  }

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: HlsOptions): HlsPlayer {
    const player = new HlsPlayer(options)
    player.#wire()
    void player.#load()
    return player
  }

  private constructor({ url, video, serverClock, clock }: HlsOptions) {
    super()
    this.#url = url
    this.video = video
    this.#serverClock = serverClock
    this.#clock = clock ?? systemClock
  }

  latency(): number | null {
    const now = this.#serverClock.now()
    const playing = this.#hls?.playingDate ?? null
    return now === null || playing === null ? null : (now - playing.getTime()) / 1000
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    for (const cancel of this.#cancels) cancel()
    this.#cancelReload?.()
    this.#hls?.destroy()
  }

  get #awaited(): HlsKind[] {
    return [...this.#missing].filter((kind) => !this.#found.has(kind))
  }

  #wire(): void {
    this.#cancels.push(
      onFirstFrame(this.video, () => this.emit('frame')),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
      this.#clock.every(MISSING_INTERVAL_MS, () => void this.#lookForMissing()),
    )
    const onEnded = (): void => this.emit('ended')
    this.video.addEventListener('ended', onEnded)
    this.#cancels.push(() => this.video.removeEventListener('ended', onEnded))
  }

  /** Begins from the first playlist. */
  async #load(): Promise<void> {
    const module = await import('hls.js').catch(() => null)
    if (this.#closed) return
    if (module === null) return this.#reloadAfter({ kind: 'network', status: null, isUnderWay: false })
    const { default: HlsJs, ErrorDetails, ErrorTypes, Events } = module
    if (!HlsJs.isSupported()) {
      this.emit('failed', 'browser')
      return
    }
    if (this.#hls) this.emit('renew')
    this.#hls?.destroy()
    const hls = new HlsJs(hlsConfig)
    this.#hls = hls
    hls.on(Events.ERROR, (_event, data) => {
      if (!data.fatal || this.#closed || this.#hls !== hls) return
      // This one is a media error by type, but mending the decoder would not help.
      const lacksCodec = data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR
      const isMedia = data.type === ErrorTypes.MEDIA_ERROR
      const isNetwork = data.type === ErrorTypes.NETWORK_ERROR
      const kind = lacksCodec ? 'codec' : isMedia ? 'media' : isNetwork ? 'network' : 'other'
      this.#reloadAfter({ kind, status: data.response?.code ?? null, isUnderWay: !isFirstPlaylist(data) })
    })
    hls.on(Events.MANIFEST_PARSED, (_event, { levels, audioTracks }) => {
      this.#missing.clear()
      if (levels.every(({ height, videoCodec }) => !height && !videoCodec)) this.#missing.add('picture')
      if (audioTracks.length === 0) this.#missing.add('sound')
    })
    hls.attachMedia(this.video)
    hls.loadSource(this.#url)
  }

  /** hls.js never reads the first playlist again: who came before the first picture or sound would never have it. */
  async #lookForMissing(): Promise<void> {
    if (this.#awaited.length === 0) return
    const text = await fetch(this.#url).then(
      (answer) => (answer.ok ? answer.text() : ''),
      () => '',
    )
    const listed = kindsListed(text)
    const come = this.#awaited.filter((kind) => listed.includes(kind))
    if (this.#closed || come.length === 0) return
    for (const kind of come) this.#found.add(kind)
    await this.#load()
  }

  #reloadAfter(trouble: HlsTrouble): void {
    const cure = cureFor(trouble, this.#failures++)
    switch (cure.kind) {
      case 'ended':
        this.emit('ended')
        break
      case 'give-up':
        this.emit('failed', 'codec')
        break
      case 'recover':
        this.emit('renew')
        this.#hls?.recoverMediaError()
        break
      case 'reload':
        this.#cancelReload?.()
        this.#cancelReload = this.#clock.after(cure.afterMs, () => void this.#load())
        break
    }
  }

  /** Playing time that passes is the only honest sign of a picture that moves. */
  #look(): void {
    const moved = this.video.currentTime !== this.#playedUntil
    this.#playedUntil = this.video.currentTime
    if (moved && !this.video.paused && this.video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA) this.#failures = 0
    this.emit('flow', { rtp: moved, frames: moved })
  }
}

/** Whether the browser itself plays HLS; asked only where hls.js cannot. */
export function playsHlsNatively(): boolean {
  return document.createElement('video').canPlayType(HLS_TYPE) !== ''
}

function isFirstPlaylist(data: ErrorData): boolean {
  return data.details.startsWith('manifest')
}
