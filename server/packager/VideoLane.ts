/** One simulcast layer on its way into segments: reads an attempt's bytes, locks its clock, and queues its frames. */
import { readAccessUnit } from './accessUnit.ts'
import { BoxError } from './boxReader.ts'
import { FragmentReader, type Frame, type Track } from './fragmentReader.ts'
import { writeVideoInit } from './initSegment.ts'
import { type ParameterSets, parseSps, type SequenceParameters, sameParameterSets } from './parameterSets.ts'
import type { Rendition } from './Rendition.ts'
import { SilenceWatch } from './SilenceWatch.ts'
import { rescale, TIMELINE_RATE, type Timeline } from './Timeline.ts'
import type { VideoClock } from './VideoClock.ts'
import { WallClock } from './WallClock.ts'

interface QueuedFrame {
  /** Ticks of 90 kHz: on the shared axis of the clock before `place`, on the timeline after it. */
  readonly start: number
  readonly end: number
  readonly compositionOffset: number
  /** The sets in force from this key frame on; null for other frames. */
  readonly sets: ParameterSets | null
  readonly data: Buffer
}

/** Frames held at most, far above what boundaries and clocks need: a longer queue means a clock gone wrong. */
const MAX_QUEUED = 1200

/** One attempt of one layer: its state dies with it. */
class VideoAttempt {
  readonly clock: VideoClock
  readonly reader = new FragmentReader()
  readonly wall = new WallClock()
  track: Extract<Track, { kind: 'avc' }> | null = null
  sets: ParameterSets = { sps: [], pps: [] }
  /** From the layer's media time to the shared axis; null until a key frame is recognised. */
  shift: number | null = null
  /** In the layer's own time while there is no shift, then on the shared axis. */
  frames: QueuedFrame[] = []

  constructor(clock: VideoClock) {
    this.clock = clock
  }
}

/** Lives as long as the packager; attempts come and go. */
export class VideoLane {
  readonly rendition: Rendition
  readonly watch = new SilenceWatch()
  #attempt: VideoAttempt | null = null
  #queue: QueuedFrame[] = []
  #reached = 0
  #current: ParameterSets | null = null
  #facts: SequenceParameters | null = null
  #publishedClock: VideoClock | null = null
  /** Part of the segment under way. */
  present = false

  constructor(rendition: Rendition) {
    this.rendition = rendition
  }

  /** What its pictures are; null before the first segment. */
  get facts(): SequenceParameters | null {
    return this.#facts
  }

  /** The clock it is locked to or waits to lock to; null while no attempt is under way. */
  get clock(): VideoClock | null {
    return this.#attempt?.clock ?? null
  }

  get locked(): boolean {
    return this.#attempt !== null && this.#attempt.shift !== null
  }

  /** End of the newest frame on the timeline. */
  get reached(): number {
    return this.#reached
  }

  /** Key frames in the queue, on the timeline. */
  get keyFrames(): number[] {
    return this.#queue.filter((frame) => frame.sets).map((frame) => frame.start)
  }

  /** Key frames not yet on the timeline, on the clock's axis. */
  get unplacedKeyFrames(): number[] {
    return this.locked ? (this.#attempt?.frames ?? []).filter((frame) => frame.sets).map((frame) => frame.start) : []
  }

  /** Where a key frame waits that the init segment does not describe: nothing from there on fits this segment. */
  get blockedAt(): number | null {
    const frame = this.present ? this.#queue.find((each) => each.sets && !this.#fits(each.sets)) : undefined
    return frame?.start ?? null
  }

  /** Begins an attempt; what the last one left unplaced is dropped. */
  open(clock: VideoClock): void {
    this.#attempt = new VideoAttempt(clock)
  }

  /** Takes bytes of the attempt. @throws BoxError when they can't be read; the attempt is then over */
  write(chunk: Buffer): void {
    const attempt = this.#attempt
    if (!attempt) return
    for (const event of attempt.reader.push(chunk)) {
      if ('frame' in event) this.#take(attempt, event.frame)
      else if (event.track.kind !== 'avc') throw new BoxError(`a video stream of kind ${event.track.kind}`)
      else {
        attempt.track = event.track
        attempt.sets = event.track.sets
      }
    }
  }

  /** The attempt is over; frames already on the timeline stay. */
  end(): void {
    this.#attempt = null
    this.watch.closed()
  }

  /** Puts what is locked onto the timeline. */
  place(timeline: Timeline): void {
    const attempt = this.#attempt
    if (!attempt || attempt.shift === null) return
    const at = (time: number) => timeline.ticksAt(attempt.clock.wallAt(time))
    for (const frame of attempt.frames) {
      const placed = { ...frame, start: at(frame.start), end: at(frame.end) }
      this.#queue.push(placed)
      this.#reached = placed.end
    }
    attempt.frames = []
  }

  /** Forgets frames on the timeline that begin before a time. */
  dropBefore(time: number): void {
    const kept = this.#queue.findIndex((frame) => frame.start >= time)
    this.#queue.splice(0, kept < 0 ? this.#queue.length : kept)
  }

  /** Whether the key frame at the head of the queue asks for a discontinuity: other parameter sets, or another clock. */
  get breaks(): boolean {
    const sets = this.#queue[0]?.sets
    if (!sets || !this.#current) return false
    return !this.#fits(sets) || this.#publishedClock !== this.clock
  }

  /** Joins the segment that begins with the key frame at the head of the queue. */
  join(): void {
    const sets = this.#queue[0]?.sets
    const sps = sets?.sps[0]
    if (!sets || !sps) throw new RangeError('a video rendition joins at a key frame only')
    if (!this.#fits(sets)) {
      this.rendition.describe(writeVideoInit(sets, TIMELINE_RATE))
      this.#facts = parseSps(sps)
      this.#current = sets
    }
    this.#publishedClock = this.clock
    this.present = true
  }

  /** Moves frames that begin before the horizon into the segment under way. */
  advance(horizon: number): void {
    while (true) {
      const frame = this.#queue[0]
      if (!frame || frame.start >= horizon || (frame.sets && !this.#fits(frame.sets))) return
      this.#queue.shift()
      const { compositionOffset, data } = frame
      this.rendition.append({ compositionOffset, data, sync: frame.sets !== null }, frame.end)
    }
  }

  #fits(sets: ParameterSets): boolean {
    return this.#current !== null && sameParameterSets(sets, this.#current)
  }

  #take(attempt: VideoAttempt, frame: Frame): void {
    if (!attempt.track) throw new BoxError('a frame before its track')
    const { timescale, nalLengthSize } = attempt.track
    const unit = readAccessUnit(frame.data, nalLengthSize)
    if (unit.idr && (unit.sps.length > 0 || unit.pps.length > 0)) {
      const { sets } = attempt
      const found = { sps: unit.sps.length > 0 ? unit.sps : sets.sps, pps: unit.pps.length > 0 ? unit.pps : sets.pps }
      if (!sameParameterSets(found, sets)) attempt.sets = checked(found)
    }
    const ticks = (time: number) => rescale(time, timescale, TIMELINE_RATE)
    const usable = unit.idr && attempt.sets.sps.length > 0 && attempt.sets.pps.length > 0
    const shift = attempt.shift ?? 0
    const queued = {
      start: ticks(frame.dts) + shift,
      end: ticks(frame.dts + frame.duration) + shift,
      compositionOffset: ticks(frame.compositionOffset),
      sets: usable ? attempt.sets : null,
      data: unit.data,
    }
    if (queued.sets || attempt.frames.length > 0 || attempt.shift !== null) attempt.frames.push(queued)
    if (attempt.frames.length + this.#queue.length > MAX_QUEUED)
      throw new BoxError('frames pile up: their clock is wrong')
    this.watch.moved((queued.end - queued.start) / (TIMELINE_RATE / 1000))
    this.#keepTime(attempt, frame, queued)
  }

  #keepTime(attempt: VideoAttempt, frame: Frame, queued: QueuedFrame): void {
    const { clock, wall, track } = attempt
    const reference = frame.reference
    if (!reference || !track) return
    const media = (reference.mediaTime * 1000) / track.timescale
    if (attempt.shift === null) {
      wall.observe(media, reference.wall)
      const shift = clock.lock(
        wall,
        attempt.frames.filter((each) => each.sets).map((each) => each.start),
      )
      if (shift === null) return
      attempt.shift = shift
      attempt.frames = attempt.frames.map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }))
      for (const each of attempt.frames) if (each.sets) clock.keyFrame(each.start)
      clock.observe(rescale(reference.mediaTime, track.timescale, TIMELINE_RATE) + shift, reference.wall)
      return
    }
    clock.observe(rescale(reference.mediaTime, track.timescale, TIMELINE_RATE) + attempt.shift, reference.wall)
    if (queued.sets) clock.keyFrame(queued.start)
  }
}

/** Sets that can't be read end the attempt rather than the process. */
function checked(sets: ParameterSets): ParameterSets {
  try {
    writeVideoInit(sets, TIMELINE_RATE)
    return sets
  } catch (error) {
    throw new BoxError(`unreadable parameter sets: ${String(error)}`)
  }
}
