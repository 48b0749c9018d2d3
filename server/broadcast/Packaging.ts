/** A broadcast's packager over its whole life: made at the first tap, carried over interruptions, kept a while after the end. */
import { randomBytes } from 'node:crypto'
import type { RenditionFacts } from '../../shared/broadcast.ts'
import type { BroadcastView, Rung } from '../../shared/signaling.ts'
import type { DashSource } from '../delivery/DashDirectory.ts'
import type { HlsSource } from '../delivery/HlsDirectory.ts'
import type { MseFeed } from '../delivery/MseFeed.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import { BorrowedClock } from '../packager/BorrowedClock.ts'
import { type NextSequence, Packager } from '../packager/Packager.ts'
import type { TapSink } from '../tap/TapSink.ts'
import { Keeping, type KeepingOptions } from './Keeping.ts'
import { Poster, type StillSource } from './Poster.ts'

export interface PackagingOptions extends Omit<KeepingOptions, 'targetDuration'> {
  /** Seconds. */
  partTarget: number
  windowSegments: number
  /** The numbers that no playlist has used yet, and when the broadcast was live first. */
  nextSequence(): NextSequence & { readonly startedAt: number | null }
  /** Must have stored them when it returns. */
  persistSequence(next: NextSequence): void
  stills: StillSource
  clock: Clock
  readonly log: Logger
}

interface Events extends Record<string, unknown[]> {
  /** `ready` or `view` has. */
  changed: []
  keyFrameNeeded: []
}

/** All that HTTP delivery asks of a broadcast that is packaged. */
export type HttpSource = HlsSource & { readonly dash: DashSource; readonly feed: MseFeed }

/** Seconds: a common key frame from here on ends a segment (architecture.md, Segments). */
const SEGMENT_MINIMUM = 1.7

/** Whole seconds, for sources whose key frames we ask for. */
const TARGET_DURATION = 3

/** Milliseconds that playlists of an ended broadcast stay, so that HTTP viewers read its end. */
const ENDED_LINGER = 60_000

export class Packaging extends TypedEmitter<Events> {
  readonly keeping: Keeping
  readonly poster: Poster
  readonly #options: PackagingOptions
  #packager: Packager | null = null
  #ready = false
  #rungs: Rung[] = []
  #cancelLinger: CancelTimer | null = null

  constructor(options: PackagingOptions) {
    super()
    this.#options = options
    this.poster = new Poster(options)
    this.keeping = new Keeping({ ...options, targetDuration: TARGET_DURATION })
    this.keeping.on('changed', () => this.emit('changed'))
    this.keeping.on('written', (mediaSequence) => this.#packager?.release(mediaSequence))
  }

  /** Whether a player that comes now finds something to play. */
  get ready(): boolean {
    return this.#ready
  }

  /** What is served over HTTP, or null when nothing was ever packaged or its time is over. */
  get source(): HttpSource | null {
    return this.#packager
  }

  /** What clients show of it. */
  get view(): Pick<BroadcastView, 'recording' | 'timeShift' | 'rungs'> {
    return { ...this.keeping.view, rungs: this.#rungs }
  }

  get renditions(): RenditionFacts[] {
    return (this.#packager?.renditions() ?? []).map(
      ({ id, kind, codecs, width, height, frameRate, bandwidth, present }) => {
        const picture = kind === 'video' ? { width, height, frameRate } : { width: null, height: null, frameRate: null }
        return { id, kind, codecs, ...picture, bandwidth, present }
      },
    )
  }

  /** Where tapped media goes. */
  get sink(): TapSink {
    const packager = this.#packager ?? this.#create()
    this.#packager = packager
    return {
      openVideo: (layer, cause) => packager.openVideo(layer, cause),
      openAudio: (cause) => packager.openAudio(cause),
      openTranscoded: (rungs, cause) =>
        new BorrowedClock(Array.from({ length: rungs }, (_, rung) => packager.openVideo(rung, cause))),
    }
  }

  /** The source is gone for now; what comes next goes on after a discontinuity. */
  interrupt(): void {
    this.#packager?.interrupt()
  }

  /** The playlists get their end, and stay for a minute. Resolves when a recording can be watched. */
  async end(): Promise<void> {
    this.#packager?.end()
    this.#cancelLinger ??= this.#options.clock.after(ENDED_LINGER, () => {
      this.#drop('broadcast ended')
      void this.keeping.windowOver()
    })
    await this.keeping.end()
  }

  async close(reason: string): Promise<void> {
    this.#cancelLinger?.()
    this.#drop(reason)
    this.removeAllListeners()
    await this.keeping.close()
  }

  #create(): Packager {
    const { partTarget, windowSegments, persistSequence, clock, log } = this.#options
    const { mediaSequence, discontinuitySequence, startedAt } = this.#options.nextSequence()
    const packager = Packager.create({
      runId: randomBytes(6).toString('hex'),
      startMediaSequence: mediaSequence,
      startDiscontinuitySequence: discontinuitySequence,
      liveSince: startedAt,
      segmentMinimum: SEGMENT_MINIMUM,
      targetDuration: TARGET_DURATION,
      partTarget,
      windowSegments,
      persistSequence,
      clock,
      log,
    })
    packager.on('keyFrameNeeded', () => this.emit('keyFrameNeeded'))
    packager.on('renditions', (facts) => {
      this.#rungs = rungsOf(facts)
      this.emit('changed')
    })
    packager.on('segment', ({ listed }) => {
      const facts = packager.renditions()
      // Whoever hears that there is something to play hears of what to choose from as well.
      if (!this.#ready) this.#rungs = rungsOf(facts)
      this.#setReady(packager.ready)
      this.poster.see(listed, facts)
      this.keeping.add(listed, facts)
    })
    return packager
  }

  #drop(reason: string): void {
    this.#packager?.close(reason)
    this.#packager = null
    this.#rungs = []
    this.#setReady(false)
  }

  #setReady(ready: boolean): void {
    if (ready === this.#ready) return
    this.#ready = ready
    this.emit('changed')
  }
}

/** The pictures that are sent now. */
function rungsOf(facts: readonly ReturnType<Packager['renditions']>[number][]): Rung[] {
  const present = facts.filter((each) => each.kind === 'video' && each.present)
  return present.map(({ id, width, height }) => ({ id, width, height }))
}
