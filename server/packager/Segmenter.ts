/** Carries frames of all lanes into segments with common boundaries: decides nothing itself, but does what was decided. */
import { AudioLane } from './AudioLane.ts'
import { type Decision, decideBoundary, SAME_FRAME } from './boundary.ts'
import { KeyFrameRequests } from './KeyFrameRequests.ts'
import { Rendition, type SegmentHead } from './Rendition.ts'
import type { Segment } from './SegmentStore.ts'
import { decideStart } from './start.ts'
import { rescale, TIMELINE_RATE, Timeline, ticks } from './Timeline.ts'
import { VideoClock } from './VideoClock.ts'
import { VideoLane } from './VideoLane.ts'

export interface SegmenterOptions {
  readonly runId: string
  readonly startMediaSequence: number
  readonly startDiscontinuitySequence: number
  /** Seconds. */
  readonly partTarget: number
  /** Seconds: a common key frame from here on ends a segment. */
  readonly segmentMinimum: number
  /** Whole seconds: no segment lasts longer. */
  readonly targetDuration: number
  readonly windowSegments: number
}

/** What the segmenter tells its owner; declared by it. */
export interface SegmenterOwner {
  /** A segment of every rendition that was ever there is done: same numbers, same time. List them together. */
  finished(
    segments: ReadonlyMap<Rendition, Segment>,
    next: { mediaSequence: number; discontinuitySequence: number },
  ): void
  keyFrameNeeded(): void
}

/** Nothing is captured later than now: a stream beyond this, while others are not, has a clock gone wrong. Ticks. */
const FUTURE = ticks(1)

type State =
  /** Since when frames of the run to come are there; null before the first. Milliseconds. */
  { kind: 'forming'; since: number | null } | { kind: 'running'; timeline: Timeline; head: SegmentHead; start: number }

export class Segmenter {
  readonly audio: AudioLane
  readonly #options: SegmenterOptions
  readonly #owner: SegmenterOwner
  readonly #now: () => number
  readonly #requests: KeyFrameRequests
  readonly #lanes = new Map<number, VideoLane>()
  #videoClock = new VideoClock()
  #state: State = { kind: 'forming', since: null }
  /** One timeline for the whole run, over interruptions. */
  #timeline: Timeline | null = null
  #mediaSequence: number
  #discontinuitySequence: number
  #breakNext: boolean
  #breakAsked = false
  #lastEnd = 0

  /** @param now wall clock in milliseconds */
  constructor(options: SegmenterOptions, owner: SegmenterOwner, now: () => number) {
    this.#options = options
    this.#owner = owner
    this.#now = now
    this.#requests = new KeyFrameRequests(now, () => owner.keyFrameNeeded())
    this.#mediaSequence = options.startMediaSequence
    this.#breakNext = options.startMediaSequence > 0 || options.startDiscontinuitySequence > 0
    this.#discontinuitySequence = options.startDiscontinuitySequence - (this.#breakNext ? 1 : 0)
    this.audio = new AudioLane({ ...this.#renditionOptions('audio') })
  }

  /** Lowest layer first. */
  get lanes(): readonly VideoLane[] {
    return [...this.#lanes.entries()].sort(([a], [b]) => a - b).map(([, lane]) => lane)
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
    if (this.#state.kind === 'forming') this.#tryStart(this.#state)
    while (this.#state.kind === 'running') {
      for (const lane of this.lanes) if (lane.clock?.ready) lane.place(this.#state.timeline)
      if (this.audio.clock?.ready) this.audio.place(this.#state.timeline)
      const decision = this.#decide(this.#state)
      if (decision.kind === 'wait') {
        this.#carry(decision.horizon)
        const { start, timeline } = this.#state
        if (!decision.pending) this.#requests.weigh(this.lanes, start, timeline.wallAt(start))
        return
      }
      if (decision.kind === 'stop') this.stop()
      else this.#cut(this.#state, decision.at, decision.kept)
    }
  }

  /** To be called every LOOK_EVERY_MS of SilenceWatch: notices what fell silent. */
  look(): void {
    const watched = [...this.lanes, this.audio].filter((lane) => lane.present || lane.reached > 0)
    const now = (this.#timeline?.ticksAt(this.#now()) ?? Number.POSITIVE_INFINITY) + FUTURE
    const possible = watched.filter((lane) => lane.reached <= now)
    const frontier = Math.max(0, ...(possible.length > 0 ? possible : watched).map((lane) => lane.reached))
    for (const lane of watched) {
      const apart = (Math.abs(frontier - lane.reached) * 1000) / TIMELINE_RATE
      lane.watch.look(apart, this.#options.partTarget * 1000)
    }
    this.advance()
  }

  /** A lane that was silent moves again: the source as a whole may have paused, so nobody is blamed for being a bit later. */
  forgive(): void {
    for (const lane of this.lanes) lane.watch.forgive()
  }

  /** Ends the segment under way with what is there; what comes next starts anew, after a discontinuity. */
  stop(): void {
    if (this.#state.kind === 'running') {
      const { start } = this.#state
      const reached = [...this.lanes, this.audio].filter((lane) => lane.present).map((lane) => lane.reached)
      const end = Math.min(Math.max(start, ...reached), start + ticks(this.#options.targetDuration))
      if (end - start > ticks(0.1)) this.#finish(this.#state, end)
      this.#lastEnd = Math.max(this.#lastEnd, end)
    }
    this.abandon()
  }

  /** Gives up the segment under way; what comes next starts anew, after a discontinuity. */
  abandon(): void {
    if (this.#state.kind === 'running') this.#lastEnd = Math.max(this.#lastEnd, this.#state.start)
    for (const lane of this.lanes) {
      lane.leave()
      lane.dropBefore(Number.POSITIVE_INFINITY)
    }
    this.audio.leave()
    this.#breakNext ||= this.#lastEnd > 0
    this.#state = { kind: 'forming', since: null }
  }

  /** The source is gone: ends all attempts and the segment under way. */
  interrupt(): void {
    this.stop()
    for (const lane of [...this.lanes, this.audio]) lane.end()
  }

  #addLane(layer: number): VideoLane {
    const lane = new VideoLane(new Rendition({ ...this.#renditionOptions(`v${layer}`), timescale: TIMELINE_RATE }))
    this.#lanes.set(layer, lane)
    return lane
  }

  #renditionOptions(id: string) {
    const { runId, partTarget, windowSegments } = this.#options
    return { id, runId, partTarget, listedSegments: windowSegments }
  }

  #tryStart(state: Extract<State, { kind: 'forming' }>): void {
    const video = this.lanes.filter((lane) => lane.clock)
    const audible = this.audio.firstFrame
    if (audible === null && !video.some((lane) => lane.unplacedKeyFrames.length > 0)) {
      this.#requests.await(video)
      return
    }
    state.since ??= this.#now()
    const clock = this.#videoClock
    const usable = (at: number | null) => at !== null && (this.#timeline?.ticksAt(at) ?? 0) >= this.#lastEnd
    const decision = decideStart({
      elapsed: this.#now() - state.since,
      video: video.map((lane) => ({
        id: lane.rendition.id,
        keyFrames: lane.unplacedKeyFrames.filter((time) => usable(clock.peek(time))),
      })),
      audio: this.audio.clock && { heard: audible !== null },
      settled: (video.length === 0 || clock.settled) && (!this.audio.clock || this.audio.clock.settled),
    })
    if (decision.kind === 'wait') {
      if (decision.ask) this.#requests.ask()
      return
    }
    const first = decision.kind === 'picture' ? clock.wallAt(decision.at) : this.audio.clock?.wallAt(audible ?? 0)
    if (first === undefined) return
    this.#timeline ??= new Timeline(first)
    for (const lane of video) lane.place(this.#timeline)
    this.audio.place(this.#timeline)
    const at = Math.max(this.#lastEnd, this.#timeline.ticksAt(first))
    this.#begin(this.#timeline, at, decision.kind === 'picture' ? decision.kept : [])
  }

  #decide({ start }: Extract<State, { kind: 'running' }>): Decision {
    const blocked = this.lanes.map((lane) => lane.blockedAt).filter((at) => at !== null)
    const { audio } = this
    return decideBoundary({
      start,
      earliest: Math.min(start + ticks(this.#options.segmentMinimum), ...blocked),
      committed: Math.max(start, ...[...this.lanes, audio].map((lane) => (lane.present ? lane.committed : 0))),
      latest: start + ticks(this.#options.targetDuration),
      newcomers: this.lanes.some((lane) => lane.clock && lane.reached === 0),
      video: this.lanes.map((lane) => ({
        id: lane.rendition.id,
        present: lane.present,
        silent: lane.watch.silent,
        closed: lane.watch.closed,
        keyFrames: lane.keyFrames.filter((time) => time > start),
        reached: lane.reached,
      })),
      audio: audio.present ? { reached: audio.reached + audio.halfFrame, silent: audio.watch.silent } : null,
    })
  }

  #carry(horizon: number): void {
    for (const lane of this.lanes) if (lane.present) lane.advance(horizon)
    if (!this.audio.present) return
    const seen = this.lanes.filter((lane) => lane.present && !lane.watch.silent).map((lane) => lane.reached)
    if (this.audio.watch.silent && seen.length > 0) this.audio.fillTo(Math.min(horizon, ...seen))
    this.audio.advance(horizon)
  }

  #cut(state: Extract<State, { kind: 'running' }>, at: number, kept: readonly string[]): void {
    this.#finish(state, at)
    this.#begin(state.timeline, at, kept)
  }

  #finish({ head, start }: { head: SegmentHead; start: number }, end: number): void {
    const segments = new Map<Rendition, Segment>()
    for (const lane of this.lanes) {
      if (lane.present) lane.advance(end)
      else if (!lane.rendition.described) continue
      const { rendition } = lane
      // Pictures under new parameter sets wait for the boundary; until then the last old one stays.
      const longestFreeze = lane.blockedAt === null ? ticks(this.#options.partTarget) : end - start
      const segment = lane.present ? rendition.finish(end, longestFreeze) : rendition.gap(head, start, end - start)
      if (segment) segments.set(rendition, segment)
    }
    const { audio } = this
    if (audio.present && audio.rendition) {
      audio.fillTo(end)
      audio.advance(end)
      const segment = audio.rendition.finish(audio.nearest(end), 0)
      if (segment) segments.set(audio.rendition, segment)
    } else if (audio.rendition) {
      const { timescale } = audio.rendition
      const [from, to] = [rescale(start, TIMELINE_RATE, timescale), rescale(end, TIMELINE_RATE, timescale)]
      segments.set(audio.rendition, audio.rendition.gap(head, from, to - from))
    }
    this.#lastEnd = end
    if (![...segments.values()].some((segment) => segment.parts.length > 0)) return
    this.#mediaSequence = head.mediaSequence + 1
    this.#discontinuitySequence = head.discontinuitySequence
    this.#breakNext = false
    this.#owner.finished(segments, {
      mediaSequence: this.#mediaSequence,
      discontinuitySequence: this.#discontinuitySequence + 1,
    })
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
    for (const lane of joining) {
      lane.join()
      lane.rendition.begin(head, at)
    }
    if (audio.present ? audio.breaks : audio.clock && audio.waiting && audio.reached > at) audio.join(at)
    if (audio.present && audio.rendition) {
      const start = audio.nearest(at)
      const startsAt = timeline.wallAt((start * TIMELINE_RATE) / audio.rendition.timescale)
      audio.rendition.begin({ ...head, startsAt }, start)
    }
    this.#state = { kind: 'running', timeline, head, start: at }
  }
}
