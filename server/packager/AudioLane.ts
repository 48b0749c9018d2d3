/** The sound on its way into segments: AAC frames on an unbroken grid, whose clock is the Opus stream beside them. */

import { AudioAttempt, type SoundFrame } from './AudioAttempt.ts'
import { AAC_FRAME_SAMPLES, type AudioConfig, silentFrame } from './audioConfig.ts'
import { BoxError } from './boxReader.ts'
import { writeAudioInit } from './initSegment.ts'
import { Rendition, type RenditionOptions } from './Rendition.ts'
import { SilenceWatch } from './SilenceWatch.ts'
import { rescale, TIMELINE_RATE, type Timeline } from './Timeline.ts'
import type { WallClock } from './WallClock.ts'

/** Frames kept while the sound is not part of a segment: 4 s. */
const MAX_UNJOINED = 190

/** A hole larger than this is a clock gone wrong: 10 s. */
const MAX_FILL = 470

/** Frames in a row that came after their place was filled, until their clock is wrong: 5 s. */
const MAX_TOO_LATE = 235

/** Share of a frame by which sound may be off before a frame is repeated or dropped: enough not to go to and fro. */
const CORRECT_AT = 0.75

/**
 * AAC decoders play frames back to back whatever their timestamps say, so a clock that drifts is followed by whole
 * frames: one is repeated when the sound comes too late, one dropped when it comes too early, and it stays within 16 ms
 * of its place. Larger holes are filled with silence.
 */
export class AudioLane {
  readonly watch = new SilenceWatch()
  readonly #options: Omit<RenditionOptions, 'timescale'>
  #rendition: Rendition | null = null
  #attempt: AudioAttempt | null = null
  #config: AudioConfig | null = null
  /** Placed on the timeline, not yet on the grid. */
  #waiting: SoundFrame[] = []
  /** On the grid, back to back; the first begins at #taken. */
  #grid: Buffer[] = []
  #taken = 0
  #afterHole = true
  #last: Buffer | null = null
  #tooLate = 0
  /** Part of the segment under way. */
  present = false

  constructor(options: Omit<RenditionOptions, 'timescale'>) {
    this.#options = options
  }

  /** Null before the first segment with sound. */
  get rendition(): Rendition | null {
    return this.#rendition
  }

  get config(): AudioConfig | null {
    return this.#config
  }

  /** The clock of the attempt under way. */
  get clock(): WallClock | null {
    return this.#attempt?.clock ?? null
  }

  /** Media time of the first frame of the attempt in milliseconds; null while there is none whose instant is known. */
  get firstFrame(): number | null {
    return this.#attempt?.firstFrame ?? null
  }

  /** Frames are on the timeline and not yet in a segment. */
  get waiting(): boolean {
    return this.#waiting.length > 0
  }

  /** End of the sound on the grid, or of what waits to join it, in ticks of the timeline. */
  get reached(): number {
    if (this.present) return this.#ticks(this.#next)
    const last = this.#waiting.at(-1)
    return last ? this.#ticks(last.time + AAC_FRAME_SAMPLES) : 0
  }

  /** Half a frame in ticks: sound is cut at the frame nearest a boundary. */
  get halfFrame(): number {
    return this.#ticks(AAC_FRAME_SAMPLES / 2)
  }

  open(): void {
    this.#attempt = new AudioAttempt()
    this.watch.forgive()
    this.#afterHole = true
    this.#tooLate = 0
    this.#waiting = []
  }

  /** Takes bytes of the AAC output. @throws BoxError when they can't be read; the attempt is then over */
  writeAac(chunk: Buffer): void {
    for (const duration of this.#attempt?.writeAac(chunk) ?? []) this.watch.moved(duration)
    if (this.watch.stranded || this.#tooLate > MAX_TOO_LATE) throw new BoxError('behind the other streams for too long')
  }

  /** Takes bytes of the Opus output, of which only the producer references matter. @throws BoxError */
  writeOpus(chunk: Buffer): void {
    this.#attempt?.writeOpus(chunk)
  }

  /** The attempt is over; what still waits to join goes with it, for nothing is left that could say what it is. */
  end(): void {
    this.#attempt = null
    this.#waiting = []
    this.watch.close()
  }

  /** Puts the attempt's frames onto the timeline, and onto the grid if the sound is part of the segment. */
  place(timeline: Timeline): void {
    const attempt = this.#attempt
    if (!attempt || attempt.clock.estimate === null || !attempt.config) return
    for (const { time, data } of attempt.takeFrames()) {
      const ticks = timeline.ticksAt(attempt.clock.wallAt((time * 1000) / attempt.timescale))
      this.#waiting.push({ time: rescale(ticks, TIMELINE_RATE, attempt.timescale), data })
    }
    if (this.present && !this.breaks) for (const frame of this.#waiting.splice(0)) this.#put(frame)
    else if (this.#waiting.length > MAX_UNJOINED) this.#waiting.splice(0, this.#waiting.length - MAX_UNJOINED)
  }

  /** Whether the attempt's sound is of another kind than the init segment says. */
  get breaks(): boolean {
    const config = this.#attempt?.config
    return Boolean(config && this.#config && !config.esds.equals(this.#config.esds) && this.#waiting.length > 0)
  }

  /** Joins the segment that begins at a time in ticks, or takes up a new configuration there. */
  join(at: number): void {
    const attempt = this.#attempt
    if (!attempt?.config) throw new RangeError('sound joins while an attempt brings it')
    this.#rendition ??= new Rendition({ ...this.#options, timescale: attempt.timescale })
    if (!this.#config?.esds.equals(attempt.config.esds)) {
      this.#config = attempt.config
      this.#rendition.describe(writeAudioInit(attempt.config, attempt.timescale), attempt.config.codec)
    }
    const start = rescale(at, TIMELINE_RATE, this.#rendition.timescale)
    while (this.#waiting[0] && this.#waiting[0].time < start - AAC_FRAME_SAMPLES / 2) this.#waiting.shift()
    const first = this.#waiting[0]?.time ?? start
    this.#taken = first - AAC_FRAME_SAMPLES * Math.round((first - start) / AAC_FRAME_SAMPLES)
    this.#grid = []
    this.#last = null
    this.#afterHole = true
    this.present = true
    for (const frame of this.#waiting.splice(0)) this.#put(frame)
  }

  /** Leaves: the source is gone. */
  leave(): void {
    this.present = false
    this.#waiting = []
    this.#grid = []
  }

  /** Fills the grid with silence up to the frame nearest to a time in ticks. */
  fillTo(time: number): void {
    const until = this.samplesAt(time)
    while (this.#next + AAC_FRAME_SAMPLES / 2 <= until) {
      this.#afterHole = true
      this.#grid.push(silentFrame(this.#config?.channels ?? 2))
    }
  }

  /** A time in ticks in samples of its rendition. */
  samplesAt(time: number): number {
    return rescale(time, TIMELINE_RATE, this.#rendition?.timescale ?? TIMELINE_RATE)
  }

  /** Where the frame nearest to a time in ticks begins, in samples: the sound's own boundary. */
  nearest(time: number): number {
    const at = this.samplesAt(time)
    return this.#taken + AAC_FRAME_SAMPLES * Math.round((at - this.#taken) / AAC_FRAME_SAMPLES)
  }

  /** Moves frames that begin before the horizon, less half a frame, into the segment under way. */
  advance(horizon: number): void {
    const until = this.samplesAt(horizon)
    while (this.#taken + AAC_FRAME_SAMPLES / 2 <= until) {
      const data = this.#grid.shift()
      if (!data) return
      const start = this.#taken
      this.#taken += AAC_FRAME_SAMPLES
      this.#rendition?.append({ compositionOffset: 0, sync: true, data }, start, this.#taken)
    }
  }

  get #next(): number {
    return this.#taken + this.#grid.length * AAC_FRAME_SAMPLES
  }

  #ticks(samples: number): number {
    const timescale = this.#rendition?.timescale ?? this.#attempt?.timescale
    return timescale === undefined ? 0 : rescale(samples, timescale, TIMELINE_RATE)
  }

  /** Puts one frame on the grid, after what is needed to bring it near its place. */
  #put({ time, data }: SoundFrame): void {
    const late = (time - this.#next) / AAC_FRAME_SAMPLES
    if (late > MAX_FILL) return
    this.#tooLate = late <= (this.#afterHole ? -0.5 : -CORRECT_AT) ? this.#tooLate + 1 : 0
    if (this.#tooLate > 0) return
    const missing = Math.round(late)
    if (!this.#afterHole && late >= CORRECT_AT && missing === 1 && this.#last) this.#grid.push(this.#last)
    else if (this.#afterHole || late >= CORRECT_AT) {
      for (let count = 0; count < missing; count++) this.#grid.push(silentFrame(this.#config?.channels ?? 2))
    }
    this.#grid.push(data)
    this.#last = data
    this.#afterHole = false
  }
}
