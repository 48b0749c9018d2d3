/** The packager of one broadcast: bytes of fragmented MP4 in; segments, playlists and facts about them out. */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { Attempts, CLOSED_SINK, type PackagerSink } from './Attempts.ts'
import { ChunkFeed } from './ChunkFeed.ts'
import { Dash } from './Dash.ts'
import { LivePlaylist } from './LivePlaylist.ts'
import type { RenditionReport } from './mediaPlaylist.ts'
import { type RenditionFacts, renderMultivariantPlaylist } from './multivariantPlaylist.ts'
import type { Rendition } from './Rendition.ts'
import { factsOf, listsMedia } from './renditionFacts.ts'
import { Segmenter, type SegmenterOptions } from './Segmenter.ts'
import type { Resource, Segment } from './SegmentStore.ts'
import { LOOK_EVERY_MS } from './SilenceWatch.ts'

/** The numbers that the next run of this broadcast starts with. */
export interface NextSequence {
  readonly mediaSequence: number
  readonly discontinuitySequence: number
}

export interface PackagerLog {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}

export interface PackagerOptions extends SegmenterOptions {
  readonly clock: Clock
  readonly log: PackagerLog
  /** When the broadcast was live first, for a run that goes on with one; milliseconds since the Unix epoch. */
  readonly liveSince: number | null
  /** Must have stored them when it returns: called before any of a segment is listed. */
  persistSequence(next: NextSequence): void
}

export type PackagerEvents = {
  /** All layers should send a key frame, together and soon. */
  keyFrameNeeded: []
  /** A segment was listed: in all renditions, under the same number. */
  segment: [{ mediaSequence: number; duration: number; listed: readonly { rendition: string; segment: Segment }[] }]
  /** Parts were published, segments listed, or the broadcast ended: playlists say something new. Once a pass. */
  progress: []
  /** What the multivariant playlist lists, or whether it is present, changed. */
  renditions: [readonly RenditionFacts[]]
  /** The bytes of an attempt can't be read; its sink takes no more. `write` throws it too. */
  fault: [{ rendition: string; error: Error }]
  closed: [reason: string]
}

type State = { kind: 'open' } | { kind: 'ended' } | { kind: 'closed' }

export class Packager extends TypedEmitter<PackagerEvents> {
  /** Frames as they come, before parts are full. */
  readonly feed = new ChunkFeed()
  readonly dash: Dash
  readonly #options: PackagerOptions
  readonly #segmenter: Segmenter
  readonly #stopLooking: CancelTimer
  readonly #playlists = new Map<string, LivePlaylist>()
  readonly #attempts: Attempts
  /** Grows with whatever playlists say. */
  #version = 0
  #revision = 0
  #multivariant: string | null = null
  #announced = ''
  #toldFault = ''
  #toldStore = ''
  #state: State = { kind: 'open' }

  static create(options: PackagerOptions): Packager {
    return new Packager(options)
  }

  private constructor(options: PackagerOptions) {
    super()
    this.#options = options
    this.#segmenter = new Segmenter(
      { ...options, follower: this.feed },
      {
        begins: (next) => this.#persist(next),
        finished: (segments) => this.#list(segments),
        keyFrameNeeded: () => this.emit('keyFrameNeeded'),
      },
      () => options.clock.now(),
    )
    this.dash = new Dash({ ...options, now: () => options.clock.now(), rates: () => this.renditions() })
    this.#attempts = new Attempts({
      moved: (woken) => {
        if (woken) this.#segmenter.forgive()
        this.#guard(() => this.#segmenter.advance())
      },
      fault: (rendition, error) => {
        options.log.warn({ rendition, error: error.message }, 'unreadable media')
        this.emit('fault', { rendition, error })
      },
    })
    this.#stopLooking = options.clock.every(LOOK_EVERY_MS, () => this.#guard(() => this.#segmenter.look()))
  }

  /** A player that comes now finds something to play: all that was there when the run began. */
  get ready(): boolean {
    return this.#state.kind !== 'closed' && this.#segmenter.renditions.some(listsMedia)
  }

  /** What can be watched now. */
  renditions(): RenditionFacts[] {
    return factsOf(this.#segmenter.lanes, this.#segmenter.audio)
  }

  /** A session goes into the media playlist addresses, so that a player without our signaling can be counted. */
  multivariantPlaylist({ session }: { session?: string } = {}): string | null {
    if (!this.ready) return null
    this.#multivariant ??= renderMultivariantPlaylist(this.renditions())
    return session === undefined ? this.#multivariant : renderMultivariantPlaylist(this.renditions(), session)
  }

  /** The newest version of a media playlist; null for what never had a segment. */
  playlist(renditionId: string): LivePlaylist | null {
    const known = this.#playlists.get(renditionId)
    if (known) return known
    const store = this.#find(renditionId)?.store
    if (!store || store.listed.length === 0) return null
    const { targetDuration, partTarget } = this.#options
    const playlist = new LivePlaylist(this.#version, {
      targetDuration,
      partTarget,
      segments: store.listed,
      open: store.open,
      reports: this.#reportsFor(renditionId),
      ended: this.#state.kind === 'ended',
    })
    this.#playlists.set(renditionId, playlist)
    return playlist
  }

  /** An init segment, segment or part by file name; `gone` when it left the window; null when it never was. */
  resource(renditionId: string, name: string): Resource | 'gone' | null {
    return this.#find(renditionId)?.store.find(name) ?? null
  }

  /** Segments up to this number are kept on disk as well, from where the older ones are served. */
  release(mediaSequence: number): void {
    for (const { store } of this.#segmenter.renditions) store.release(mediaSequence)
  }

  /**
   * A new attempt of a simulcast layer, 0 the lowest; it takes the place of the layer's last one. After a `restart` all
   * renditions get a discontinuity at the next boundary: what died took media with it.
   */
  openVideo(layer: number, cause: 'start' | 'restart' = 'start'): PackagerSink {
    if (this.#state.kind !== 'open') return CLOSED_SINK
    const lane = this.#segmenter.openVideo(layer)
    if (cause === 'restart' && lane.facts) this.#segmenter.breakNext()
    return this.#attempts.begin(lane.rendition.id, lane)((chunk) => lane.write(chunk))
  }

  /** A new attempt of the sound: AAC to be heard, and the same input's Opus for its clock. */
  openAudio(cause: 'start' | 'restart' = 'start'): { aac: PackagerSink; opus: PackagerSink } {
    if (this.#state.kind !== 'open') return { aac: CLOSED_SINK, opus: CLOSED_SINK }
    const { audio } = this.#segmenter
    if (cause === 'restart' && audio.rendition) this.#segmenter.breakNext()
    audio.open()
    const sink = this.#attempts.begin('audio', audio)
    return { aac: sink((chunk) => audio.writeAac(chunk)), opus: sink((chunk) => audio.writeOpus(chunk)) }
  }

  /** The source is gone for now: lists what is there. New sinks go on after a discontinuity. */
  interrupt(): void {
    if (this.#state.kind !== 'open') return
    this.#attempts.clear()
    this.#guard(() => this.#segmenter.interrupt())
    this.#tellRenditions()
  }

  /** The broadcast has ended: the playlists get their end and stay as they are. */
  end(): void {
    if (this.#state.kind !== 'open') return
    this.interrupt()
    this.#state = { kind: 'ended' }
    this.#stopLooking()
    this.feed.end()
    this.#changed()
    this.dash.end()
  }

  /** Frees everything; what is asked afterwards is answered null. */
  close(reason: string): void {
    if (this.#state.kind === 'closed') return
    this.#state = { kind: 'closed' }
    this.#stopLooking()
    this.#attempts.clear()
    this.dash.close()
    this.#playlists.clear()
    this.feed.end()
    this.#options.log.info({ reason }, `packager closed: ${reason}`)
    this.emit('closed', reason)
    this.removeAllListeners()
  }

  /** Whatever goes wrong in the segments of one broadcast ends neither the process nor the broadcast, but the run. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#segmenter.abandon()
      const told = String(error)
      if (told !== this.#toldFault) this.#options.log.warn({ error }, 'the packager failed, its run begins anew')
      this.#toldFault = told
    }
    this.feed.flush()
    const revision = this.#segmenter.renditions.reduce((sum, rendition) => sum + rendition.revision, 0)
    if (revision !== this.#revision) this.#changed()
    this.#revision = revision
  }

  #changed(): void {
    this.#version++
    this.#playlists.clear()
    this.#multivariant = null
    this.emit('progress')
  }

  /** Numbers that can't be stored are no reason to stop: they matter only to a run after this process. */
  #persist(next: NextSequence): void {
    try {
      this.#options.persistSequence(next)
      this.#toldStore = ''
    } catch (error) {
      if (String(error) !== this.#toldStore) this.#options.log.warn({ error }, 'sequence numbers could not be stored')
      this.#toldStore = String(error)
    }
  }

  #list(segments: ReadonlyMap<Rendition, Segment>): void {
    const [eldest] = this.#segmenter.renditions.toSorted((a, b) => b.store.kept.length - a.store.kept.length)
    const earlier = [...(eldest?.store.kept ?? [])]
    for (const [rendition, segment] of segments) {
      if (rendition.store.kept.length === 0) rendition.backfill(earlier)
      rendition.list(segment)
    }
    this.#playlists.clear()
    this.#multivariant = null
    const mediaSequence = Math.max(...[...segments.values()].map((segment) => segment.mediaSequence))
    this.dash.list(segments)
    const listed = [...segments].map(([rendition, segment]) => ({ rendition: rendition.id, segment }))
    const duration = Math.max(...[...segments.values()].map((segment) => segment.duration))
    this.emit('segment', { mediaSequence, duration, listed })
    this.#tellRenditions()
  }

  /** Says so when what a player can choose from has changed; measured rates change all the time and are no news. */
  #tellRenditions(): void {
    const facts = this.renditions()
    const news = JSON.stringify(
      facts.map(({ id, codecs, width, height, present }) => [id, codecs, width, height, present]),
    )
    if (news === this.#announced) return
    this.#announced = news
    this.emit('renditions', facts)
  }

  #reportsFor(id: string): RenditionReport[] {
    const others = this.#segmenter.renditions.filter((rendition) => rendition.id !== id)
    return others.flatMap((rendition) => {
      const last = rendition.store.newestPart
      return last ? [{ uri: `../${rendition.id}/playlist.m3u8`, ...last }] : []
    })
  }

  #find(id: string): Rendition | undefined {
    if (this.#state.kind === 'closed') return undefined
    return this.#segmenter.renditions.find((rendition) => rendition.id === id)
  }
}
