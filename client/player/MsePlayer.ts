/** In charge of one attempt over pushed media: connects, connects again, and feeds the element what it can decode. */
import { type ErrorCode, errorTable } from '../../shared/errors.ts'
import type { MseInit } from '../../shared/mse.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ServerClock } from '../signaling/ServerClock.ts'
import { onFirstFrame } from './firstFrame.ts'
import { LivePlayhead } from './mse/LivePlayhead.ts'
import { type MediaKind, MediaSink } from './mse/MediaSink.ts'
import { mediaSourceClass } from './mse/mediaSources.ts'
import { type PushedMedia, PushSocket } from './mse/PushSocket.ts'
import { FLOW_INTERVAL_MS, type Player, type PlayerEvents } from './Player.ts'

export interface MseOptions {
  /** Absolute URL of the push. */
  readonly url: string
  readonly video: HTMLVideoElement
  readonly serverClock: ServerClock
  readonly clock?: Clock
}

/** Pauses before connecting again, in milliseconds; after the last one the attempt is over. */
const RECONNECT_PAUSES_MS = [100, 400, 1_000] as const

/** Seconds by which the server's word about its timeline may differ from before: its clock does not step within a run. */
const SAME_ORIGIN_MS = 1

/**
 * Milliseconds: a source that fails twice within has more than one bad picture. One is what a sender may leave where it
 * makes its encoder anew, and Chromium's decoder gives up on it.
 */
const RENEWED_FOR_MS = 10_000

export class MsePlayer extends Emitter<PlayerEvents> implements Player {
  readonly transport = 'mse'
  readonly video: HTMLVideoElement
  readonly #url: string
  readonly #serverClock: ServerClock
  readonly #clock: Clock
  readonly #cancels: CancelTimer[] = []
  #socket: PushSocket | null = null
  #sink: MediaSink | null = null
  #playhead: LivePlayhead | null = null
  #init: MseInit | null = null
  /** Connections lost since media came. */
  #failures = 0
  #renewedAt = Number.NEGATIVE_INFINITY
  #cancelReconnect: CancelTimer | undefined
  #hasArrived = false
  #playedUntil = 0
  #closed = false

  /** Whether this browser has media source extensions. */
  static get isSupported(): boolean {
    return mediaSourceClass() !== null
  }

  /** Returns at once; `frame` or `failed` follows. */
  static create(options: MseOptions): MsePlayer {
    const player = new MsePlayer(options)
    player.#wire()
    player.#connect()
    return player
  }

  private constructor({ url, video, serverClock, clock }: MseOptions) {
    super()
    this.#url = url
    this.video = video
    this.#serverClock = serverClock
    this.#clock = clock ?? systemClock
  }

  latency(): number | null {
    const now = this.#serverClock.now()
    return now === null || !this.#init ? null : (now - this.#init.timeOrigin) / 1000 - this.video.currentTime
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    for (const cancel of this.#cancels) cancel()
    this.#disconnect()
    this.#drop()
  }

  #wire(): void {
    const onEnded = (): void => this.emit('ended')
    this.video.addEventListener('ended', onEnded)
    this.#cancels.push(
      () => this.video.removeEventListener('ended', onEnded),
      onFirstFrame(this.video, () => this.emit('frame')),
      this.#clock.every(FLOW_INTERVAL_MS, () => this.#look()),
    )
  }

  #connect(): void {
    const socket = PushSocket.create(this.#url, this.#clock)
    this.#socket = socket
    socket.on('init', (init) => this.#describe(init))
    socket.on('media', (media) => this.#take(media))
    socket.on('closed', (code) => this.#lost(code))
  }

  #disconnect(): void {
    this.#cancelReconnect?.()
    this.#socket?.close()
    this.#socket = null
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
    if (goesOn) for (const [kind, mime] of mimes) this.#sink?.changeType(kind, mime)
    else this.#begin(mimes)
  }

  /** Begins with an empty media source: which kinds it holds cannot change, nor can time go back. */
  #begin(mimes: ReadonlyMap<MediaKind, string>): void {
    if (this.#sink) this.emit('renew')
    this.#drop()
    const sink = MediaSink.create(this.video, mimes)
    const playhead = new LivePlayhead(this.video, this.#clock)
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
    this.#disconnect()
    this.emit('renew')
    this.#drop()
    this.#connect()
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
    this.#failures = 0
    this.#hasArrived = true
    this.#sink?.append(kindOf(mime), bytes)
  }

  /** A managed source has enough for now, or wants more: there is no half of a live stream. */
  #stream(wanted: boolean): void {
    if (wanted && this.#socket === null) this.#connect()
    if (wanted) return
    this.#disconnect()
    this.#playhead?.interrupted()
  }

  #lost(code: ErrorCode | null): void {
    this.#socket = null
    if (code === 'broadcast-ended') {
      this.#end()
      return
    }
    this.#playhead?.interrupted()
    const pause = RECONNECT_PAUSES_MS[this.#failures++]
    // One that is too slow is better served by an adaptive transport than by the same again.
    const isOver = pause === undefined || code === 'too-slow' || (code !== null && !errorTable[code].retryable)
    if (isOver) this.#fail()
    else this.#cancelReconnect = this.#clock.after(pause, () => this.#connect())
  }

  #end(): void {
    this.#playhead?.playOut()
    if (this.#sink) this.#sink.end()
    else this.emit('ended')
  }

  #fail(): void {
    this.#disconnect()
    this.emit('failed', 'connection')
  }

  /** Playing time that passes is the only honest sign of a picture that moves. */
  #look(): void {
    const moved = this.video.currentTime !== this.#playedUntil
    this.#playedUntil = this.video.currentTime
    this.#sink?.trim()
    this.emit('flow', { rtp: this.#hasArrived, frames: moved })
    this.#hasArrived = false
  }
}

function kindOf(mime: string): MediaKind {
  return mime.startsWith('video/') ? 'video' : 'audio'
}

function isSame(kinds: readonly MediaKind[], mimes: ReadonlyMap<MediaKind, string>): boolean {
  return kinds.length === mimes.size && kinds.every((kind) => mimes.has(kind))
}
