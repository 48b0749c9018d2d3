/** One run of a layer's FFmpeg: its bytes become frames, and its clock is locked to that of the other layers. */
import { readAccessUnit } from './accessUnit.ts'
import { BoxError } from './boxReader.ts'
import { FragmentReader, type Frame, type Track } from './fragmentReader.ts'
import { writeVideoInit } from './initSegment.ts'
import { type ParameterSets, sameParameterSets } from './parameterSets.ts'
import { follows, rescale, TIMELINE_RATE, ticks } from './Timeline.ts'
import type { VideoClock } from './VideoClock.ts'
import { WallClock } from './WallClock.ts'

/** Times in ticks of 90 kHz. */
export interface VideoFrame {
  readonly start: number
  readonly end: number
  readonly compositionOffset: number
  /** The sets in force from this key frame on; null for other frames. */
  readonly sets: ParameterSets | null
  readonly data: Buffer
}

type VideoTrack = Extract<Track, { kind: 'avc' }>

/** Frames kept by a layer whose clock is not locked yet; past that, the oldest picture group is given up. */
const MAX_UNLOCKED = 300
/** Frames held at most, far above what boundaries and clocks need: more mean a clock gone wrong. */
const MAX_HELD = 1200

/** How sure an unlocked layer's time is: sender reports agree within 3 ms, frames are at least 16 ms apart. Ticks. */
const UNLOCKED_MARGIN = ticks(0.01)
/** A key frame that found no equal among the other layers' within this time will find none. Ticks. */
const LOCK_PATIENCE = ticks(0.3)

export class VideoAttempt {
  readonly clock: VideoClock
  readonly #reader = new FragmentReader()
  readonly #wall = new WallClock()
  #track: VideoTrack | null = null
  #sets: ParameterSets = { sps: [], pps: [] }
  /** From the layer's own media time to the shared axis; null until a key frame is recognised. */
  #shift: number | null = null
  #axis: symbol | null = null
  #frames: VideoFrame[] = []
  /** End of the newest frame in the layer's own ticks. */
  #newest: number | null = null

  constructor(clock: VideoClock) {
    this.clock = clock
  }

  /** Key frames not yet taken, on the clock's axis; none before the clock is locked. */
  get keyFrames(): number[] {
    return this.#locked ? keyFrameTimes(this.#frames) : []
  }

  /**
   * Up to which instant (milliseconds) a layer that is not locked yet surely has no key frame to offer, so that others can
   * wait for the one that locks it; null once it is locked, or while nothing is known.
   */
  get approached(): number | null {
    if (this.#locked || this.#newest === null || !this.#wall.settled) return null
    const oldest = this.#frames[0]?.start
    const time = oldest !== undefined && this.#newest - oldest <= LOCK_PATIENCE ? oldest : this.#newest
    return this.#wall.peek(((time - UNLOCKED_MARGIN) * 1000) / TIMELINE_RATE)
  }

  /** Takes bytes and returns the durations of the frames in them, in milliseconds. @throws BoxError */
  write(chunk: Buffer): number[] {
    const durations: number[] = []
    for (const event of this.#reader.push(chunk)) {
      if ('frame' in event) durations.push(this.#take(event.frame))
      else if (event.track.kind !== 'avc') throw new BoxError(`a video stream of kind ${event.track.kind}`)
      else {
        this.#track = event.track
        this.#sets = event.track.sets
      }
    }
    return durations
  }

  /** Hands over the frames on the clock's axis; none before the clock is locked. */
  takeFrames(): VideoFrame[] {
    return this.#locked ? this.#frames.splice(0) : []
  }

  get #locked(): boolean {
    return this.#shift !== null && this.#axis === this.clock.axis
  }

  #take(frame: Frame): number {
    const track = this.#track
    if (!track) throw new BoxError('a frame before its track')
    const unit = readAccessUnit(frame.data, track.nalLengthSize)
    if (unit.idr) this.#learn(unit.sps, unit.pps)
    const known = this.#sets.sps.length > 0 && this.#sets.pps.length > 0
    const toTicks = (time: number) => rescale(time, track.timescale, TIMELINE_RATE)
    const [start, end] = [toTicks(frame.dts), toTicks(frame.dts + frame.duration)]
    if (!follows(this.#newest, start, end, TIMELINE_RATE)) throw new BoxError('media time leapt')
    this.#newest = end
    if (!this.#locked && this.#shift !== null) {
      this.#shift = null
      this.#frames = []
    }
    const shift = this.#shift ?? 0
    const taken = {
      start: start + shift,
      end: end + shift,
      compositionOffset: toTicks(frame.compositionOffset),
      sets: unit.idr && known ? this.#sets : null,
      data: unit.data,
    }
    if (taken.sets || this.#frames.length > 0 || this.#shift !== null) this.#hold(taken)
    if (frame.reference) this.#keepTime(toTicks(frame.reference.mediaTime), frame.reference.wall, taken)
    return ((end - start) * 1000) / TIMELINE_RATE
  }

  /** Sets in the stream come whole or in part; those that can't be read end the attempt rather than the process. */
  #learn(sps: readonly Buffer[], pps: readonly Buffer[]): void {
    const found = { sps: sps.length > 0 ? sps : this.#sets.sps, pps: pps.length > 0 ? pps : this.#sets.pps }
    if (sameParameterSets(found, this.#sets)) return
    try {
      writeVideoInit(found, TIMELINE_RATE)
    } catch (error) {
      throw new BoxError(`unreadable parameter sets: ${String(error)}`)
    }
    this.#sets = found
  }

  #hold(frame: VideoFrame): void {
    this.#frames.push(frame)
    if (this.#shift === null && this.#frames.length > MAX_UNLOCKED) {
      const next = this.#frames.findIndex((each, index) => index > 0 && each.sets)
      this.#frames.splice(0, next < 0 ? this.#frames.length : next)
    }
    if (this.#frames.length > MAX_HELD) throw new BoxError('frames pile up: their clock is wrong')
  }

  /** A producer reference tells the time; `time` in the layer's own ticks. */
  #keepTime(time: number, wall: number, frame: VideoFrame): void {
    this.#wall.observe((time * 1000) / TIMELINE_RATE, wall)
    if (this.#shift === null) this.#lock()
    else if (frame.sets) this.clock.keyFrame(frame.start)
    if (this.#shift !== null) this.clock.observe(time + this.#shift, wall)
  }

  #lock(): void {
    const shift = this.clock.lock(this.#wall, keyFrameTimes(this.#frames))
    if (shift === null) return
    this.#shift = shift
    this.#axis = this.clock.axis
    this.#frames = this.#frames.map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }))
    for (const time of keyFrameTimes(this.#frames)) this.clock.keyFrame(time)
  }
}

/** Where the key frames of a run of frames begin. */
export function keyFrameTimes(frames: readonly VideoFrame[]): number[] {
  return frames.filter((frame) => frame.sets).map((frame) => frame.start)
}
