/** In charge of one media source in a video element: a source buffer for the pictures, one for the sound, for its life. */
import { Emitter } from '../../lib/Emitter.ts'
import { AppendQueue } from './AppendQueue.ts'
import { type ManagedSource, mediaSourceClass } from './mediaSources.ts'

export type MediaKind = 'video' | 'audio'

export type MediaSinkEvents = {
  /** Media was appended. */
  appended: []
  /** It takes no more. Nothing follows. */
  failed: []
  /** A managed source wants media, or has enough for now. */
  streaming: [wanted: boolean]
}

/** Seconds of what was played that are kept, longer than any picture group: removal ends at an IDR, maybe a later one. */
const KEPT_BEHIND = 12
/** Played media is removed when so much more than that is there: not at every frame. */
const TRIM_STEP = 6
/** Seconds kept of media that nobody plays, since the element is paused. */
const KEPT_UNPLAYED = 30
/** Seconds kept when the browser's quota is reached. */
const KEPT_WHEN_FULL = 3

export class MediaSink extends Emitter<MediaSinkEvents> {
  /** What its buffers hold: cannot change for the life of a media source. */
  readonly kinds: readonly MediaKind[]
  readonly #video: HTMLVideoElement
  readonly #source: ManagedSource
  readonly #url: string
  readonly #mimes: Map<MediaKind, string>
  readonly #queues = new Map<MediaKind, AppendQueue>()
  /** What comes before the source is open. */
  #early: (() => void)[] = []
  #isEnding = false
  #isClosed = false

  /** `mimes` by kind, all supported. Throws where there are no media source extensions. */
  static create(video: HTMLVideoElement, mimes: ReadonlyMap<MediaKind, string>): MediaSink {
    const Source = mediaSourceClass()
    if (!Source) throw new Error('this browser has no media source extensions')
    const sink = new MediaSink(video, new Source(), mimes)
    sink.#wire()
    return sink
  }

  private constructor(video: HTMLVideoElement, source: ManagedSource, mimes: ReadonlyMap<MediaKind, string>) {
    super()
    this.#video = video
    this.#source = source
    this.#url = URL.createObjectURL(source)
    this.#mimes = new Map(mimes)
    this.kinds = [...mimes.keys()]
  }

  append(kind: MediaKind, bytes: Uint8Array<ArrayBuffer>): void {
    this.#whenOpen(() => this.#queues.get(kind)?.append(bytes))
  }

  /** What is appended from now on is of this type. */
  changeType(kind: MediaKind, mime: string): void {
    if (this.#mimes.get(kind) === mime) return
    this.#mimes.set(kind, mime)
    this.#whenOpen(() => this.#queues.get(kind)?.changeType(mime))
  }

  /** Lets go of what was played, and of what nobody plays. */
  trim(): void {
    const { buffered, currentTime } = this.#video
    const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0
    const until = Math.max(currentTime - KEPT_BEHIND, end - KEPT_UNPLAYED)
    const start = buffered.length > 0 ? buffered.start(0) : 0
    if (until - start < TRIM_STEP) return
    for (const queue of this.#queues.values()) queue.trim(until)
  }

  /** Nothing more comes: the element plays to its end. */
  end(): void {
    this.#isEnding = true
    this.#endWhenIdle()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.removeAllListeners()
    this.#early = []
    for (const queue of this.#queues.values()) queue.close()
    URL.revokeObjectURL(this.#url)
  }

  #wire(): void {
    const source = this.#source
    source.addEventListener('sourceopen', () => this.#open(), { once: true })
    source.addEventListener('startstreaming', () => this.emit('streaming', true))
    source.addEventListener('endstreaming', () => this.emit('streaming', false))
    // A managed source opens only where the picture cannot leave for another device (Media Source Extensions 2, 3.1.2).
    this.#video.disableRemotePlayback = true
    this.#video.src = this.#url
  }

  #open(): void {
    if (this.#isClosed) return
    try {
      this.#source.duration = Number.POSITIVE_INFINITY
      for (const [kind, mime] of this.#mimes) this.#queues.set(kind, this.#addQueue(mime))
    } catch {
      this.emit('failed')
      return
    }
    for (const task of this.#early.splice(0)) task()
  }

  #addQueue(mime: string): AppendQueue {
    const queue = new AppendQueue(this.#source.addSourceBuffer(mime), () => this.#video.currentTime - KEPT_WHEN_FULL)
    queue.on('appended', () => {
      this.emit('appended')
      this.#endWhenIdle()
    })
    queue.on('failed', () => this.emit('failed'))
    return queue
  }

  #whenOpen(task: () => void): void {
    if (this.#queues.size > 0) task()
    else this.#early.push(task)
  }

  #endWhenIdle(): void {
    const isIdle = this.#early.length === 0 && [...this.#queues.values()].every((queue) => queue.isIdle)
    if (this.#isEnding && isIdle && this.#source.readyState === 'open') this.#source.endOfStream()
  }
}
