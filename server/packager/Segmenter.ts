/** Carries frames of all lanes into segments with common boundaries: decides nothing itself, but does what was decided. */
import { AudioLane } from './AudioLane.ts'
import { type Decision, decideBoundary, SAME_FRAME } from './boundary.ts'
import { Forming } from './Forming.ts'
import { KeyFrameRequests } from './KeyFrameRequests.ts'
import { Rendition, type RenditionOptions, type SegmentHead } from './Rendition.ts'
import type { Segment } from './SegmentStore.ts'
import { lookAtAll } from './SilenceWatch.ts'
import { type SegmentLength, segmentLength } from './segmentLength.ts'
import { TIMELINE_RATE, Timeline, ticks } from './Timeline.ts'
import { VideoClock } from './VideoClock.ts'
import { VideoLane } from './VideoLane.ts'

export interface SegmenterOptions extends Pick<RenditionOptions, 'runId' | 'partTarget' | 'follower'> {
  readonly startMediaSequence: number
  readonly startDiscontinuitySequence: number
  /** Seconds: a common key frame from here on ends a segment. */
  readonly segmentMinimum: number
  /** Whole seconds: no segment lasts longer. */
  readonly targetDuration: number
  readonly windowSegments: number
}

/** What the segmenter tells its owner; declared by it. */
export interface SegmenterOwner {
  /** A segment begins, whose parts players may see from now on: the numbers that a run after this one begins with. */
  begins(next: { mediaSequence: number; discontinuitySequence: number }): void
  /** A segment of every rendition that was ever there is done: same numbers, same time. List them together. */
  finished(segments: ReadonlyMap<Rendition, Segment>): void
  keyFrameNeeded(): void
}

/** Pictures under new parameter sets wait so long for a boundary before empty parts take their place. Ticks. */
const BLOCKED_PATIENCE = ticks(0.7)

type State =
  | { kind: 'forming'; forming: Forming }
  /** `horizon`: up to here players may have been told what there is, so that the segment can't end before. */
  | { kind: 'running'; timeline: Timeline; head: SegmentHead; start: number; horizon: number }

export class Segmenter {
  readonly audio: AudioLane
  readonly #options: SegmenterOptions
  readonly #owner: SegmenterOwner
  readonly #now: () => number
  readonly #requests: KeyFrameRequests
  readonly #lanes = new Map<number, VideoLane>()
  #sorted: readonly VideoLane[] = []
  #videoClock = new VideoClock()
  #state: State
  /** One timeline for the whole run, over interruptions. */
  #timeline: Timeline | null = null
  #mediaSequence: number
  #discontinuitySequence: number
  #breakNext: boolean
  #breakAsked = false
  #lastEnd = 0
  #hasListed = false

  /** @param now wall clock in milliseconds */
  constructor(options: SegmenterOptions, owner: SegmenterOwner, now: () => number) {
    this.#options = options
    this.#owner = owner
    this.#now = now
    this.#requests = new KeyFrameRequests(now, () => owner.keyFrameNeeded())
    this.#state = this.#form()
    this.#mediaSequence = options.startMediaSequence
    this.#breakNext = options.startMediaSequence > 0 || options.startDiscontinuitySequence > 0
    this.#discontinuitySequence = options.startDiscontinuitySequence - (this.#breakNext ? 1 : 0)
    this.audio = new AudioLane({ ...this.#renditionOptions('audio') })
  }

  /** Lowest layer first. */
  get lanes(): readonly VideoLane[] {
    return this.#sorted
  }

  get renditions(): readonly Rendition[] {
    return [...this.lanes, this.audio].map((lane) => lane.rendition).filter((rendition) => rendition !== null)
  }

  /** Begins an attempt of a layer: the lane to write to. */
  openVideo(layer: number): VideoLane {
    const lane = this.#lanes.get(layer) ?? this.#addLane(layer)
    if (!this.lanes.some((other) => other !== lane && other.clock)) this.#videoClock = new VideoClock()
    lane.open(this.#videoClock)
    return lane
  }

  /** The segment after the one under way begins with a discontinuity. */
  breakNext(): void {
    this.#breakAsked = true
  }

  /** After frames came. */
  advance(): void {
    if (this.#state.kind === 'forming') this.#tryStart(this.#state.forming)
    while (this.#state.kind === 'running') {
      for (const lane of this.lanes) if (lane.clock?.ready) lane.place(this.#state.timeline)
      if (this.audio.clock?.ready) this.audio.place(this.#state.timeline)
      const decision = this.#decide(this.#state)
      if (decision.kind === 'wait') {
        const { start, timeline } = this.#state
        const due = start + this.#length.due
        this.#state.horizon = Math.max(this.#state.horizon, decision.horizon)
        this.#carry(decision.horizon)
        if (!decision.pending) this.#requests.weigh(this.lanes, due, timeline.wallAt(due))
        return
      }
      if (decision.kind === 'stop') this.stop()
      else {
        this.#finish(this.#state.head, decision.at)
        this.#begin(this.#state.timeline, decision.at, decision.kept)
      }
    }
  }

  /** To be called every LOOK_EVERY_MS of SilenceWatch: notices what fell silent. */
  look(): void {
    const watched = [...this.lanes, this.audio].filter((lane) => lane.present || lane.reached > 0)
    const now = this.#timeline?.ticksAt(this.#now()) ?? Number.POSITIVE_INFINITY
    lookAtAll(watched, now, this.#options.partTarget * 1000)
    this.advance()
  }

  /** A lane that was silent moves again: the source as a whole may have paused, so nobody is blamed for being a bit later. */
  forgive(): void {
    for (const lane of this.lanes) lane.watch.forgive()
  }

  /** Ends the segment under way with what is there; what comes next starts anew, after a discontinuity. */
  stop(): void {
    if (this.#state.kind === 'running') {
      const { start, horizon } = this.#state
      const reached = [...this.lanes, this.audio].filter((lane) => lane.present).map((lane) => lane.reached)
      const end = Math.min(Math.max(horizon, ...reached), start + ticks(this.#options.targetDuration))
      if (end - start > ticks(0.1) || this.#isShown) this.#finish(this.#state.head, end)
      this.#lastEnd = Math.max(this.#lastEnd, end)
    }
    this.abandon()
  }

  /** Gives up the segment under way, but for the parts that players know of; what comes next starts anew, after a discontinuity. */
  abandon(): void {
    if (this.#state.kind === 'running') {
      const { head, start, horizon } = this.#state
      if (this.#isShown) this.#close(head, horizon)
      this.#lastEnd = Math.max(this.#lastEnd, start)
    }
    for (const rendition of this.renditions) rendition.drop()
    for (const lane of this.lanes) {
      lane.leave()
      lane.dropBefore(Number.POSITIVE_INFINITY)
    }
    this.audio.leave()
    this.#breakNext ||= this.#lastEnd > 0
    this.#state = this.#form()
  }

  /** The source is gone: ends all attempts and the segment under way. */
  interrupt(): void {
    this.stop()
    for (const lane of [...this.lanes, this.audio]) lane.end()
  }

  #form(): State {
    return { kind: 'forming', forming: new Forming(this.#requests, this.#now) }
  }

  #addLane(layer: number): VideoLane {
    const lane = new VideoLane(new Rendition({ ...this.#renditionOptions(`v${layer}`), timescale: TIMELINE_RATE }))
    this.#lanes.set(layer, lane)
    this.#sorted = [...this.#lanes.entries()].sort(([a], [b]) => a - b).map(([, each]) => each)
    return lane
  }

  #renditionOptions(id: string) {
    const { runId, partTarget, targetDuration, windowSegments, follower } = this.#options
    return { id, runId, partTarget, targetDuration, listedSegments: windowSegments, follower }
  }

  #tryStart(forming: Forming): void {
    const begin = forming.decide({
      lanes: this.lanes,
      audio: this.audio,
      videoClock: this.#videoClock,
      mayBegin: (wall) => (this.#timeline?.ticksAt(wall) ?? 0) >= this.#lastEnd,
    })
    if (!begin) return
    this.#timeline ??= new Timeline(begin.first)
    for (const lane of this.lanes) if (lane.clock) lane.place(this.#timeline)
    this.audio.place(this.#timeline)
    this.#begin(this.#timeline, Math.max(this.#lastEnd, this.#timeline.ticksAt(begin.first)), begin.kept)
  }

  #decide({ start, horizon }: Extract<State, { kind: 'running' }>): Decision {
    const blocked = this.lanes.map((lane) => lane.blockedAt).filter((at) => at !== null)
    const { audio } = this
    return decideBoundary({
      start,
      earliest: Math.min(start + this.#length.minimum, ...blocked),
      committed: horizon,
      latest: start + ticks(this.#options.targetDuration),
      newcomers: this.lanes.some((lane) => lane.clock && lane.reached === 0),
      video: this.lanes.map((lane) => lane.progress(start)),
      audio: audio.present ? { reached: audio.reached + audio.halfFrame, silent: audio.watch.silent } : null,
    })
  }

  get #length(): SegmentLength {
    return segmentLength(this.#options.segmentMinimum, this.#options.partTarget, !this.#hasListed)
  }

  #carry(horizon: number): void {
    for (const lane of this.lanes) {
      if (lane.present) lane.advance(horizon)
      else if (lane.standTo(horizon)) continue
      const blocked = lane.blockedAt !== null && horizon - lane.blockedAt > BLOCKED_PATIENCE
      if (!lane.present || lane.watch.silent || blocked) lane.rendition.idleTo(horizon)
    }
    const { audio } = this
    if (audio.present) {
      const seen = this.lanes.filter((lane) => lane.present && !lane.watch.silent).map((lane) => lane.reached)
      if (audio.watch.silent && seen.length > 0) audio.fillTo(Math.min(horizon, ...seen))
      audio.advance(horizon)
    } else {
      audio.rendition?.idleTo(audio.samplesAt(horizon))
    }
  }

  /** The segment under way has parts that players know of. */
  get #isShown(): boolean {
    return this.renditions.some((rendition) => rendition.shown)
  }

  #finish(head: SegmentHead, end: number): void {
    for (const lane of this.lanes) {
      if (lane.present) lane.advance(end)
      else lane.standTo(end)
    }
    if (this.audio.present) {
      this.audio.fillTo(end)
      this.audio.advance(end)
    }
    this.#close(head, end)
  }

  /** Ends the segment under way in all renditions with the frames it has, and has it listed if it has any. */
  #close(head: SegmentHead, end: number): void {
    const known = this.#isShown
    const segments = new Map<Rendition, Segment>()
    for (const rendition of this.renditions) {
      const isSound = rendition === this.audio.rendition
      const segment = isSound
        ? rendition.finish(this.audio.present ? this.audio.nearest(end) : this.audio.samplesAt(end), 0)
        : rendition.finish(end, SAME_FRAME)
      if (segment) segments.set(rendition, segment)
    }
    this.#lastEnd = end
    if (!known && [...segments.values()].every((segment) => segment.gap)) return
    this.#mediaSequence = head.mediaSequence + 1
    this.#discontinuitySequence = head.discontinuitySequence
    this.#breakNext = false
    this.#hasListed = true
    this.#owner.finished(segments)
  }

  #begin(timeline: Timeline, at: number, kept: readonly string[]): void {
    const joining = this.lanes.filter((lane) => kept.includes(lane.rendition.id) && lane.dropToKeyFrame(at))
    for (const lane of this.lanes) {
      if (!joining.includes(lane)) lane.dropBefore(at - SAME_FRAME)
      lane.leave()
    }
    const { audio } = this
    this.#breakNext ||= this.#breakAsked || joining.some((lane) => lane.breaks) || (audio.present && audio.breaks)
    this.#breakAsked = false
    const head: SegmentHead = {
      mediaSequence: this.#mediaSequence,
      discontinuitySequence: this.#discontinuitySequence + (this.#breakNext ? 1 : 0),
      discontinuity: this.#breakNext,
      startsAt: timeline.wallAt(at),
    }
    const { mediaSequence, discontinuitySequence } = head
    this.#owner.begins({ mediaSequence: mediaSequence + 1, discontinuitySequence: discontinuitySequence + 1 })
    for (const lane of joining) {
      lane.join()
      lane.rendition.begin(head, at, SAME_FRAME)
    }
    for (const lane of this.lanes) if (!lane.present) lane.miss(head, at, joining.length === 0)
    if (audio.present ? audio.breaks : audio.clock && audio.waiting && audio.reached > at) audio.join(at)
    if (audio.present && audio.rendition) {
      const start = audio.nearest(at)
      const startsAt = timeline.wallAt((start * TIMELINE_RATE) / audio.rendition.timescale)
      audio.rendition.begin({ ...head, startsAt }, start, 0)
    } else {
      audio.rendition?.beginGap(head, audio.samplesAt(at))
    }
    this.#state = { kind: 'running', timeline, head, start: at, horizon: at }
  }
}
