/** In charge of one attempt over HLS by hls.js, which is loaded only now; it retries by itself for as long as it lives. */
import type Hls from 'hls.js'
import type { ErrorData } from 'hls.js'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ServerClock } from '../signaling/ServerClock.ts'
import { skipBadPlaces } from './badPlaces.ts'
import { isBuffered } from './buffered.ts'
import { elementFigures, type Figures } from './figures.ts'
import { onFirstFrame } from './firstFrame.ts'
import { HlsOffer, highestListed } from './HlsOffer.ts'
import { HlsPace } from './HlsPace.ts'
import { cureFor, DEFAULT_ESTIMATE, type HlsTrouble, hlsConfig, MAX_LATENCY_S } from './hlsConfig.ts'
import { hlsStart } from './hlsStart.ts'
import { FLOW_INTERVAL_MS, httpFlow, type Player, type PlayerEvents } from './Player.ts'
import { lowerCap, wishedCap } from './quality/levelCap.ts'
import type { Size } from './quality/quality.ts'
import type { Wish } from './quality/Wish.ts'
import { StandstillWatch } from './StandstillWatch.ts'

export interface HlsOptions {
  /** Absolute URL of the multivariant playlist. */
  readonly url: string
  readonly video: HTMLVideoElement
  readonly wish: Wish
  readonly serverClock: ServerClock
  /** When what was seen last was captured (server's clock, milliseconds): goes on from there, where it has that. */
  readonly from: number | null
  /** Whose place it takes, where it is brought to the same instant later (see Succession): what that knows of the line holds. */
  readonly succeeds?: HlsPlayer | null
  readonly clock?: Clock
}

/** What the browser's media type names for HLS; Safari says `maybe`. */
const HLS_TYPE = 'application/vnd.apple.mpegurl'

export class HlsPlayer extends Emitter<PlayerEvents> implements Player {
  readonly video: HTMLVideoElement
  readonly #url: string
  readonly #wish: Wish
  readonly #serverClock: ServerClock
  /** Null once it has begun. */
  #from: number | null
  /** Bits a second. */
  #estimate: number
  readonly #isSuccessor: boolean
  readonly #clock: Clock
  #hls: Hls | undefined
  readonly #offer: HlsOffer
  #listedCap = -1
  #hasParts = false
  #bytes = 0
  #failures = 0
  readonly #pace: HlsPace
  #playedUntil = 0
  #standstill = new StandstillWatch()
  readonly #cancels: CancelTimer[] = []
  #cancelReload: CancelTimer | undefined
  #endSkipping: (() => void) | undefined
  #closed = false

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: HlsOptions): HlsPlayer {
    const player = new HlsPlayer(options)
    player.#wire()
    void player.#load()
    return player
  }

  private constructor({ url, video, wish, serverClock, from, succeeds, clock }: HlsOptions) {
    super()
    this.#url = url
    this.#wish = wish
    this.video = video
    this.#serverClock = serverClock
    this.#from = from
    this.#estimate = succeeds?.estimate ?? DEFAULT_ESTIMATE
    this.#isSuccessor = Boolean(succeeds)
    this.#clock = clock ?? systemClock
    this.#pace = new HlsPace({ video, wish, clock: this.#clock })
    this.#offer = new HlsOffer({
      url,
      clock: this.#clock,
      onOther: () => this.emit('outdated'),
      onListed: (urls) => this.#keepToListed(urls),
    })
  }

  /** By parts or by whole segments; known before the first frame is there. */
  get transport(): PlayerTransport {
    return this.#hasParts ? 'llhls' : 'hls'
  }

  get ladder(): readonly Size[] {
    return this.#hls?.levels ?? []
  }

  /** Bits a second that the line was found to carry. */
  get estimate(): number {
    return this.#hls?.bandwidthEstimate || this.#estimate
  }

  latency(): number | null {
    const now = this.#serverClock.now()
    const playing = this.#hls?.playingDate ?? null
    return now === null || playing === null ? null : (now - playing.getTime()) / 1000
  }

  capturedAt(): number | null {
    return this.#hls?.playingDate?.getTime() ?? null
  }

  async figures(): Promise<Figures> {
    const { levels = [], currentLevel = -1 } = this.#hls ?? {}
    return elementFigures(this.video, { bytes: this.#bytes, codec: levels[currentLevel]?.videoCodec ?? null })
  }

  least(): number | null {
    return this.#hls ? this.#pace.least(this.#hls, this.latency()) : null
  }

  waitAt(capturedAt: number): void {
    const { video } = this
    const shown = this.capturedAt()
    if (shown === null) return
    const ahead = (capturedAt - shown) / 1000
    const has = isBuffered(video.buffered, video.currentTime + ahead, 0)
    if (!has && ahead > 0) return
    video.pause()
    if (has) video.currentTime += ahead
  }

  renew(): void {
    void this.#load()
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
      this.#wish.on('change', () => this.#cap()),
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
    this.#estimate = this.estimate
    this.#hls?.destroy()
    this.#offer.rest()
    const hls = new HlsJs({ ...hlsConfig, abrEwmaDefaultEstimate: this.#estimate })
    hls.config.liveMaxLatencyDuration = MAX_LATENCY_S
    this.#hls = hls
    this.#standstill = new StandstillWatch()
    this.#pace.begin(this.#from !== null || this.#isSuccessor)
    this.#endSkipping?.()
    this.#endSkipping = skipBadPlaces(hls, this.video, this.#clock)
    hls.on(Events.ERROR, (_event, data) => {
      if (this.#closed || this.#hls !== hls) return
      if (data.details === ErrorDetails.BUFFER_STALLED_ERROR) this.#pace.stalled()
      if (data.details === ErrorDetails.FRAG_GAP) void this.#offer.look()
      if (!data.fatal) return
      // This one is a media error by type, but mending the decoder would not help.
      const lacksCodec = data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR
      const isMedia = data.type === ErrorTypes.MEDIA_ERROR
      const isNetwork = data.type === ErrorTypes.NETWORK_ERROR
      const kind = lacksCodec ? 'codec' : isMedia ? 'media' : isNetwork ? 'network' : 'other'
      this.#reloadAfter({ kind, status: data.response?.code ?? null, isUnderWay: !isFirstPlaylist(data) })
    })
    hls.on(Events.MANIFEST_LOADED, (_event, { levels, audioTracks }) => {
      const urlsOf = (tracks: readonly { readonly url: string }[]) => tracks.map(({ url }) => url)
      const isPicture = ({ height, videoCodec }: (typeof levels)[number]) => Boolean(height || videoCodec)
      const alone = levels.filter((level) => !isPicture(level))
      this.#offer.know({ pictures: urlsOf(levels.filter(isPicture)), sounds: urlsOf([...alone, ...audioTracks]) })
    })
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#listedCap = -1
      this.#cap()
    })
    // The playlists of a broadcast that has ended have no parts any more.
    let endedInGap = false
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => {
      // hls.js itself sees that a rung is gone when a whole segment of it is: later than its buffer lasts.
      const endsInGap = Boolean(details.partList?.at(-1)?.gap)
      if (endsInGap && !endedInGap) void this.#offer.look()
      endedInGap = endsInGap
      if (details.live) this.#hasParts = details.partList !== null
      const start = this.#from === null || !details.live ? null : hlsStart(this.#from, details)
      this.#from = null
      if (start !== null) hls.startLoad(start)
    })
    hls.on(Events.BUFFER_APPENDING, (_event, { data }) => {
      this.#bytes += data.byteLength
    })
    hls.attachMedia(this.video)
    hls.loadSource(this.#url)
  }

  /** A rung that is gone from the list is not tried again until it is back; nothing else of what is playing changes. */
  #keepToListed(urls: ReadonlySet<string>): void {
    if (this.#hls) this.#listedCap = highestListed(this.#hls.levels, urls)
    this.#cap()
  }

  #cap(): void {
    const hls = this.#hls
    if (hls) hls.autoLevelCapping = lowerCap(this.#listedCap, wishedCap(hls.levels, this.#wish))
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
    if (this.#hls && !this.video.paused) this.#pace.keepUp(this.#hls, this.latency())
    const details = this.#hls?.latestLevelDetails
    const isWell = moved || this.video.paused
    if (details?.live && this.#standstill.look({ isWell, newest: details.endSN })) void this.#load()
    this.emit('flow', httpFlow(moved, moved))
  }
}

/** Whether the browser itself plays HLS; asked only where hls.js cannot. */
export function playsHlsNatively(): boolean {
  return document.createElement('video').canPlayType(HLS_TYPE) !== ''
}

function isFirstPlaylist(data: ErrorData): boolean {
  return data.details.startsWith('manifest')
}
