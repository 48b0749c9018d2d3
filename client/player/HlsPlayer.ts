/** In charge of one attempt over HLS by hls.js, which is loaded only now; it retries by itself for as long as it lives. */
import type Hls from 'hls.js'
import type { ErrorData } from 'hls.js'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ServerClock } from '../signaling/ServerClock.ts'
import { skipBadPlaces } from './badPlaces.ts'
import { catchUpRate } from './catchUp.ts'
import { onFirstFrame } from './firstFrame.ts'
import { HlsOffer, highestListed } from './HlsOffer.ts'
import { CALM_MS, cureFor, DEFAULT_ESTIMATE, type HlsTrouble, hlsConfig, MAX_LATENCY_S } from './hlsConfig.ts'
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

export class HlsPlayer extends Emitter<PlayerEvents> implements Player {
  readonly video: HTMLVideoElement
  readonly #url: string
  readonly #serverClock: ServerClock
  readonly #clock: Clock
  #hls: Hls | undefined
  readonly #offer: HlsOffer
  #hasParts = false
  #failures = 0
  #stalledAt: number | null = null
  #playedUntil = 0
  readonly #cancels: CancelTimer[] = []
  #cancelReload: CancelTimer | undefined
  #endSkipping: (() => void) | undefined
  #closed = false

  /** Whether hls.js can work here: it needs media source extensions, which iPhones had none of before iOS 17.1. */
  static get isSupported(): boolean {
    return 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
  }

  /** Fetches hls.js while there is nothing to play yet, where it is sure to be needed. */
  static preload(): void {
    if (HlsPlayer.isSupported) import('hls.js').catch(() => {})
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
    this.#offer = new HlsOffer({
      url,
      clock: this.#clock,
      onMore: () => void this.#load(),
      onListed: (urls) => this.#keepToListed(urls),
    })
  }

  /** By parts or by whole segments; known before the first frame is there. */
  get transport(): PlayerTransport {
    return this.#hasParts ? 'llhls' : 'hls'
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
    this.#endSkipping?.()
    this.#offer.close()
    this.#hls?.destroy()
  }

  #wire(): void {
    this.#cancels.push(
      onFirstFrame(this.video, () => this.emit('frame')),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
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
    // Begun anew, it knows the line already, and begins with the rung it had.
    const estimate = this.#hls?.bandwidthEstimate || DEFAULT_ESTIMATE
    this.#hls?.destroy()
    const hls = new HlsJs({ ...hlsConfig, abrEwmaDefaultEstimate: estimate })
    hls.config.liveMaxLatencyDuration = MAX_LATENCY_S
    this.#hls = hls
    this.#endSkipping?.()
    this.#endSkipping = skipBadPlaces(hls, this.video, this.#clock)
    hls.on(Events.ERROR, (_event, data) => {
      if (this.#closed || this.#hls !== hls) return
      if (data.details === ErrorDetails.BUFFER_STALLED_ERROR) this.#stalledAt = this.#clock.now()
      if (!data.fatal) return
      // This one is a media error by type, but mending the decoder would not help.
      const lacksCodec = data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR
      const isMedia = data.type === ErrorTypes.MEDIA_ERROR
      const isNetwork = data.type === ErrorTypes.NETWORK_ERROR
      const kind = lacksCodec ? 'codec' : isMedia ? 'media' : isNetwork ? 'network' : 'other'
      this.#reloadAfter({ kind, status: data.response?.code ?? null, isUnderWay: !isFirstPlaylist(data) })
    })
    hls.on(Events.MANIFEST_LOADED, (_event, { levels, audioTracks }) => {
      const lacksPicture = levels.every(({ height, videoCodec }) => !height && !videoCodec)
      const urls = [...levels, ...audioTracks].map(({ url }) => url)
      this.#offer.know(urls, lacksPicture || audioTracks.length === 0)
    })
    // The playlists of a broadcast that has ended have no parts any more.
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => {
      if (details.live) this.#hasParts = details.partList !== null
    })
    hls.attachMedia(this.video)
    hls.loadSource(this.#url)
  }

  /** A rung that is gone from the list is not tried again until it is back; nothing else of what is playing changes. */
  #keepToListed(urls: ReadonlySet<string>): void {
    if (this.#hls) this.#hls.autoLevelCapping = highestListed(this.#hls.levels, urls)
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
    this.#keepUp()
    this.emit('flow', { rtp: moved, frames: moved })
  }

  /** Each stall takes hls.js farther from the live edge, for good: after a calm time it may come back, a little faster. */
  #keepUp(): void {
    const hls = this.#hls
    const details = hls?.latestLevelDetails
    if (!hls || !details || hls.targetLatency === null) return
    if (this.#stalledAt !== null && this.#clock.now() >= this.#stalledAt + CALM_MS) {
      this.#stalledAt = null
      hls.targetLatency = details.partHoldBack || details.holdBack
    }
    const { video } = this
    const ahead = (hls.mainForwardBufferInfo?.end ?? 0) - video.currentTime
    const rate = details.live ? catchUpRate({ behind: hls.latency - hls.targetLatency, ahead }, video.playbackRate) : 1
    if (rate !== video.playbackRate) video.playbackRate = rate
  }
}

/** Whether the browser itself plays HLS; asked only where hls.js cannot. */
export function playsHlsNatively(): boolean {
  return document.createElement('video').canPlayType(HLS_TYPE) !== ''
}

function isFirstPlaylist(data: ErrorData): boolean {
  return data.details.startsWith('manifest')
}
