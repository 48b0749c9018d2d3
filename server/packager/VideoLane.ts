/** One simulcast layer on its way into segments: puts its frames on the timeline and hands them to its rendition. */
import { SAME_FRAME, type VideoProgress } from './boundary.ts'
import { BoxError } from './boxReader.ts'
import { writeVideoInit } from './initSegment.ts'
import { type ParameterSets, parseSps, type SequenceParameters, sameParameterSets } from './parameterSets.ts'
import type { Rendition, SegmentHead } from './Rendition.ts'
import { SilenceWatch } from './SilenceWatch.ts'
import { TIMELINE_RATE, type Timeline, ticks } from './Timeline.ts'
import { keyFrameTimes, VideoAttempt, type VideoFrame } from './VideoAttempt.ts'
import type { VideoClock } from './VideoClock.ts'

/** Frames on the timeline that wait for a boundary, at most: far above what a segment holds. */
const MAX_QUEUED = 1200

/**
 * A sender that makes its encoder anew pauses, for 0.16 s and more (seen); the frame before may complete its part by
 * itself. What lasts longer is a still screen, and nobody should wait for what follows it. Ticks.
 */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [ticks(0.08), ticks(0.7)]
/** Ticks for which a picture stands in for those that are missing; after that, there are none. */
const STILL_FOR = ticks(10)
/** The shortest of so many frames tells how often frames come: on a busy machine some last several times as long. */
const USUAL_FRAMES = 4

/** Lives as long as the packager; attempts come and go. Times in ticks of the timeline. */
export class VideoLane {
  readonly rendition: Rendition
  readonly watch = new SilenceWatch()
  #attempt: VideoAttempt | null = null
  #queue: VideoFrame[] = []
  #reached = 0
  /** What the init segment in force says. */
  #sets: ParameterSets | null = null
  #facts: SequenceParameters | null = null
  #publishedAxis: symbol | null = null
  #present = false
  /** The key frame whose predecessor was left out. */
  #takenBackFor: VideoFrame | null = null
  /** How long the newest frames in segments last. */
  #lengths: number[] = []
  /** The newest key frame in a segment. */
  #still: Pick<VideoFrame, 'compositionOffset' | 'data'> | null = null
  /** Since when that key frame is all there is; null while it is not. */
  #standsSince: number | null = null

  constructor(rendition: Rendition) {
    this.rendition = rendition
  }

  /** Part of the segment under way. */
  get present(): boolean {
    return this.#present
  }

  /** What its pictures are; null before the first segment. */
  get facts(): SequenceParameters | null {
    return this.#facts
  }

  /** The clock that the attempt under way shares with others; null while there is none. */
  get clock(): VideoClock | null {
    return this.#attempt?.clock ?? null
  }

  /** End of the newest frame; 0 while an attempt has still to bring one. */
  get reached(): number {
    return this.#reached
  }

  /** How far it is with the segment that began at a time. */
  progress(start: number): VideoProgress {
    const { silent, closed } = this.watch
    const keyFrames = keyFrameTimes(this.#queue).filter((time) => time > start)
    return { id: this.rendition.id, present: this.present, silent, closed, keyFrames, reached: this.reached }
  }

  /** Key frames not yet on the timeline, on the clock's axis. */
  get unplacedKeyFrames(): number[] {
    return this.#attempt?.keyFrames ?? []
  }

  /** Where a key frame waits that the init segment does not describe: nothing from there on fits this segment. */
  get blockedAt(): number | null {
    const frame = this.#present ? this.#queue.find((each) => each.sets && !this.#fits(each.sets)) : undefined
    return frame?.start ?? null
  }

  /** Whether the key frame at the head of the queue asks for a discontinuity: other parameter sets, or another clock. */
  get breaks(): boolean {
    const sets = this.#queue[0]?.sets
    if (!sets || !this.#sets) return false
    return !this.#fits(sets) || this.#publishedAxis !== this.#axis
  }

  /** Begins an attempt; what the last one did not put on the timeline is dropped. */
  open(clock: VideoClock): void {
    this.#attempt = new VideoAttempt(clock)
    this.watch.forgive()
    if (!this.#present) this.#reached = 0
  }

  /** Takes bytes of the attempt. @throws BoxError when they can't be read; the attempt is then over */
  write(chunk: Buffer): void {
    for (const duration of this.#attempt?.write(chunk) ?? []) this.watch.moved(duration)
    if (this.watch.stranded) throw new BoxError('behind the other streams for too long')
    if (this.#queue.length > MAX_QUEUED) throw new BoxError('frames pile up: their clock is wrong')
  }

  /** The attempt is over; frames already on the timeline stay. */
  end(): void {
    this.#attempt = null
    this.watch.close()
  }

  /** Puts what is locked onto the timeline. */
  place(timeline: Timeline): void {
    const attempt = this.#attempt
    if (!attempt) return
    const approached = this.#present ? null : attempt.approached
    if (approached !== null) this.#reached = timeline.ticksAt(approached)
    const at = (time: number) => timeline.ticksAt(attempt.clock.wallAt(time))
    for (const frame of attempt.takeFrames()) {
      const start = at(frame.start)
      this.#reached = at(frame.end)
      // An attempt whose clock went wrong may have left frames in the future.
      while ((this.#queue.at(-1)?.start ?? start) > start) this.#queue.pop()
      this.#queue.push({ ...frame, start, end: this.#reached })
    }
  }

  /** Forgets waiting frames that begin before a time. */
  dropBefore(time: number): void {
    const kept = this.#queue.findIndex((frame) => frame.start >= time)
    this.#queue.splice(0, kept < 0 ? this.#queue.length : kept)
  }

  /** Forgets waiting frames before the key frame at a time; false, and all stay, when none is there. */
  dropToKeyFrame(at: number): boolean {
    const index = this.#queue.findIndex(({ sets, start }) => sets && Math.abs(start - at) <= SAME_FRAME)
    if (index > 0) this.#queue.splice(0, index)
    return index >= 0
  }

  /** Joins the segment that begins with the key frame at the head of the queue. */
  join(): void {
    const sets = this.#queue[0]?.sets
    const sps = sets?.sps[0]
    if (!sets || !sps) throw new RangeError('a video rendition joins at a key frame only')
    if (!this.#fits(sets)) {
      this.#facts = parseSps(sps)
      this.rendition.describe(writeVideoInit(sets, TIMELINE_RATE), this.#facts.codec)
      this.#sets = sets
      this.#still = null
    }
    this.#publishedAxis = this.#axis
    this.#present = true
    this.#standsSince = null
  }

  /** Is no part of the next segment. */
  leave(): void {
    this.#present = false
  }

  /**
   * Takes no part in the segment that begins at a time; `alone` says that no lane does. Where sound begins anew without a
   * picture, the last key frame stands in: hls.js 1.7 waits for a picture of that discontinuity until it is 12 s behind.
   */
  miss(head: SegmentHead, at: number, alone: boolean): void {
    if (!this.rendition.described) return
    const since = this.#standsSince ?? (head.discontinuity && this.#still ? at : null)
    this.#standsSince = alone && since !== null && at - since < STILL_FOR ? since : null
    this.rendition.beginGap(head, at, this.#standsSince !== null)
  }

  /** Lets what stands in for this lane stay until a horizon; false when nothing does. */
  standTo(horizon: number): boolean {
    if (this.#standsSince === null || !this.#still) return false
    this.rendition.standIn(this.#still, horizon)
    return true
  }

  /**
   * Moves frames that begin before the horizon into the segment under way, without those that may be torn: a sender that
   * makes its encoder anew throws away what it has not sent yet, so that the last frame before may lack its end (seen with
   * Chromium: no marker bit, no hole in the sequence numbers), and a browser gives up at half a frame.
   */
  advance(horizon: number): void {
    this.rendition.goOnTo(horizon)
    while (true) {
      const [frame, next] = this.#queue
      if (frame?.sets && !this.#fits(frame.sets)) this.#takeBackBefore(frame)
      if (!frame || frame.start >= horizon || (frame.sets && !this.#fits(frame.sets))) return
      const pauses = this.#pausesAfter(frame)
      if (pauses && !next && !this.watch.silent) return
      this.#queue.shift()
      if (pauses && next?.sets) this.#takenBackFor = next
      else this.#append(frame, horizon)
    }
  }

  #append({ compositionOffset, data, sets, start, end }: VideoFrame, horizon: number): void {
    this.#lengths = [...this.#lengths.slice(1 - USUAL_FRAMES), end - start]
    if (sets) this.#still = { compositionOffset, data }
    this.rendition.append({ compositionOffset, data, sync: sets !== null }, start, end, horizon)
  }

  /** Whether a frame lasts so long, and so much longer than others, that only what follows shows if it is whole. */
  #pausesAfter({ sets, start, end }: VideoFrame): boolean {
    const length = end - start
    const usual = Math.min(...this.#lengths)
    return sets === null && length > Math.max(SHORTEST_PAUSE, 1.5 * usual) && length <= LONGEST_PAUSE
  }

  /** Once: what stays is whole. */
  #takeBackBefore(frame: VideoFrame): void {
    if (this.#takenBackFor === frame) return
    this.#takenBackFor = frame
    this.rendition.takeBack()
  }

  get #axis(): symbol | null {
    return this.clock?.axis ?? null
  }

  #fits(sets: ParameterSets): boolean {
    return this.#sets !== null && sameParameterSets(sets, this.#sets)
  }
}
