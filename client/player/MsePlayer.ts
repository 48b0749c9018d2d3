/** In charge of one attempt over pushed media: feeds the element what it can decode, and begins anew where it could not. */
import type { MseInit } from '../../shared/mse.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ServerClock } from '../signaling/ServerClock.ts'
import { elementFigures, type Figures } from './figures.ts'
import { onFirstFrame } from './firstFrame.ts'
import { LivePlayhead } from './mse/LivePlayhead.ts'
import { type MediaKind, MediaSink } from './mse/MediaSink.ts'
import { mediaSourceClass } from './mse/mediaSources.ts'
import { PushLine } from './mse/PushLine.ts'
import type { PushedMedia } from './mse/PushSocket.ts'
import { FLOW_INTERVAL_MS, httpFlow, type Player, type PlayerEvents } from './Player.ts'
import type { Size } from './quality/quality.ts'
import type { RungChoice } from './quality/RungChoice.ts'
import type { Wish } from './quality/Wish.ts'

export interface MseOptions {
  /** Absolute URL of the push; asked at each connection, since joining again may have brought another. */
  readonly url: () => string
  readonly video: HTMLVideoElement
  readonly wish: Pick<Wish, 'delay'>
  /** Which quality is pushed; closed with the player. */
  readonly choice: RungChoice
  readonly serverClock: ServerClock
  /** When what was seen last was captured (server's clock, milliseconds): goes on from there, where it has that. */
  readonly from: number | null
  readonly clock?: Clock
}

/** Milliseconds by which the server's word about its timeline may differ from before: its clock does not step within a run. */
const SAME_ORIGIN_MS = 1

/**
 * Milliseconds: a source that fails twice within has more than one bad picture. One is what a sender may leave where it
 * makes its encoder anew, and Chromium's decoder gives up on it.
 */
const RENEWED_FOR_MS = 10_000

export class MsePlayer extends Emitter<PlayerEvents> implements Player {
  readonly transport = 'mse'
  readonly video: HTMLVideoElement
  readonly #url: () => string
  readonly #choice: RungChoice
  readonly #wish: MseOptions['wish']
  readonly #serverClock: ServerClock
  readonly #from: number | null
  readonly #clock: Clock
  readonly #cancels: CancelTimer[] = []
  readonly #line: PushLine
  #sink: MediaSink | null = null
  #playhead: LivePlayhead | null = null
  #init: MseInit | null = null
  #renewedAt = Number.NEGATIVE_INFINITY
  #hasArrived = false
  #bytes = 0
  #playedUntil = 0
  #closed = false

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: MseOptions): MsePlayer {
    const player = new MsePlayer(options)
    player.#wire()
    player.#line.connect()
    return player
  }

  private constructor({ url, video, wish, choice, serverClock, from, clock }: MseOptions) {
    super()
    this.#url = url
    this.#choice = choice
    this.#wish = wish
    this.video = video
    this.#serverClock = serverClock
    this.#from = from
    this.#clock = clock ?? systemClock
    this.#line = new PushLine(() => this.#address, this.#clock)
  }

  get ladder(): readonly Size[] {
    return this.#choice.rungs
  }

  latency(): number | null {
    const now = this.#mediaNow
    return now === null ? null : now - this.video.currentTime
  }

  least(): number | null {
    const now = this.#mediaNow
    const nearest = this.#playhead?.nearest ?? null
    return now === null || nearest === null ? null : now - nearest
  }

  capturedAt(): number | null {
    return this.#init && this.video.readyState > 0 ? this.#init.timeOrigin + this.video.currentTime * 1000 : null
  }

  async figures(): Promise<Figures> {
    const picture = this.#init?.tracks.find(({ mime }) => kindOf(mime) === 'video')
    return elementFigures(this.video, {
      bytes: this.#bytes,
      codec: /codecs="(.*)"/.exec(picture?.mime ?? '')?.[1] ?? null,
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    for (const cancel of this.#cancels) cancel()
    this.#choice.close()
    this.#line.close()
    this.#drop()
  }

  #wire(): void {
    const onEnded = (): void => this.emit('ended')
    this.video.addEventListener('ended', onEnded)
    this.#cancels.push(
      () => this.video.removeEventListener('ended', onEnded),
      onFirstFrame(this.video, () => this.emit('frame')),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
      // What another quality brings takes the place of what is buffered already: all are on one timeline.
      this.#choice.on('change', () => this.#line.move()),
      this.#line.on('init', (init) => this.#describe(init)),
      this.#line.on('media', (media) => this.#take(media)),
      this.#line.on('interrupted', () => this.#playhead?.interrupted()),
      this.#line.on('ended', () => this.#end()),
      this.#line.on('failed', () => this.#fail()),
    )
  }

  /** What is captured now, in seconds of the element's time. */
  get #mediaNow(): number | null {
    const now = this.#serverClock.now()
    return now === null || !this.#init ? null : (now - this.#init.timeOrigin) / 1000
  }

  /** Where it is to play, in seconds of the element's time; null: by itself. */
  get #wanted(): number | null {
    const { delay } = this.#wish
    const now = this.#mediaNow
    return now === null || delay === null ? null : now - delay
  }

  get #address(): string {
    const { rendition } = this.#choice
    const url = this.#url()
    return rendition === null ? url : `${url}&rendition=${rendition}`
  }

  /** The tracks are known, or others than before. */
  #describe(init: MseInit): void {
    const mimes = new Map<MediaKind, string>(init.tracks.map(({ mime }) => [kindOf(mime), mime]))
    const Source = mediaSourceClass()
    if (!Source || init.tracks.some(({ mime }) => !Source.isTypeSupported(mime))) {
      this.emit('failed', Source ? 'codec' : 'browser')
      return
    }
    const before = this.#init
    this.#init = init
    const goesOn =
      before &&
      this.#sink &&
      isSame(this.#sink.kinds, mimes) &&
      Math.abs(before.timeOrigin - init.timeOrigin) < SAME_ORIGIN_MS
    this.emit('linked')
    if (goesOn) for (const [kind, mime] of mimes) this.#sink?.changeType(kind, mime)
    else this.#begin(mimes)
  }

  /** Begins with an empty media source: which kinds it holds cannot change, nor can time go back. */
  #begin(mimes: ReadonlyMap<MediaKind, string>): void {
    if (this.#sink) this.emit('renew')
    this.#drop()
    const sink = MediaSink.create(this.video, mimes)
    const from = this.#from === null || !this.#init ? null : (this.#from - this.#init.timeOrigin) / 1000
    const playhead = new LivePlayhead(this.video, this.#clock, { from, wanted: () => this.#wanted })
    this.#sink = sink
    this.#playhead = playhead
    sink.on('appended', () => playhead.appended())
    sink.on('failed', () => this.#renew())
    sink.on('streaming', (wanted) => this.#stream(wanted))
  }

  /** Begins anew from the next picture that needs no other, behind the last one that was seen. */
  #renew(): void {
    const now = this.#clock.now()
    if (now < this.#renewedAt + RENEWED_FOR_MS) {
      this.#fail()
      return
    }
    this.#renewedAt = now
    this.#line.disconnect()
    this.emit('renew')
    this.#drop()
    this.#line.connect()
  }

  #drop(): void {
    this.#playhead?.close()
    this.#sink?.close()
    this.#playhead = null
    this.#sink = null
  }

  #take({ track, bytes }: PushedMedia): void {
    const mime = this.#init?.tracks.find(({ id }) => id === track)?.mime
    if (!mime) return
    this.#hasArrived = true
    this.#bytes += bytes.byteLength
    this.#sink?.append(kindOf(mime), bytes)
  }

  /** A managed source has enough for now, or wants more: there is no half of a live stream. */
  #stream(wanted: boolean): void {
    if (wanted) {
      this.#line.connect()
      return
    }
    this.#line.disconnect()
    this.#playhead?.interrupted()
  }

  #end(): void {
    this.#playhead?.playOut()
    if (this.#sink) this.#sink.end()
    else this.emit('ended')
  }

  #fail(): void {
    this.#line.disconnect()
    this.emit('failed', 'connection')
  }

  /** Playing time that passes is the only honest sign of a picture that moves. */
  #look(): void {
    const moved = this.video.currentTime !== this.#playedUntil
    this.#playedUntil = this.video.currentTime
    this.#sink?.trim()
    this.emit('flow', httpFlow(this.#hasArrived, moved))
    this.#hasArrived = false
  }
}

function kindOf(mime: string): MediaKind {
  return mime.startsWith('video/') ? 'video' : 'audio'
}

function isSame(kinds: readonly MediaKind[], mimes: ReadonlyMap<MediaKind, string>): boolean {
  return kinds.length === mimes.size && kinds.every((kind) => mimes.has(kind))
}
