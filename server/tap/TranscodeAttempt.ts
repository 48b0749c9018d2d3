/** One run of a transcode: a receiver of VP8, the FFmpeg that encodes it anew, the sinks of its rungs. Runs once. */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Attempt, AttemptEnd } from './Attempt.ts'
import type { EncoderSettings } from './encoders.ts'
import { describeExit, FfmpegProcess } from './FfmpegProcess.ts'
import { timeOffsetMs } from './ffmpegArgs.ts'
import { ivfFrame, ivfHeader } from './ivf.ts'
import { ladder, outgrows, type Rung } from './ladder.ts'
import type { RunCause, TapSink, TranscodedSinks } from './TapSink.ts'
import { transcodeCommand } from './transcodeArgs.ts'
import { type ReceivedFrame, Vp8Receiver } from './Vp8Receiver.ts'
import type { PictureSize } from './vp8Payload.ts'

/** How pictures are transcoded, the same for all broadcasts. */
export interface TranscodeSettings extends EncoderSettings {
  /** Shorter sides of the rungs, in pixels. */
  readonly heights: readonly number[]
}

export interface TranscodeOptions {
  readonly router: types.Router
  readonly producer: types.Producer
  readonly sink: Pick<TapSink, 'openTranscoded'>
  readonly ffmpegPath: string
  readonly settings: TranscodeSettings
  /** How many rungs at most. */
  readonly mostRungs: number
  readonly cause: RunCause
  readonly log: Logger
  readonly clock: Clock
}

/** A better layer than the first that came is waited for, for so long: browsers start the lowest one first (ms). */
const BEST_WITHIN_MS = 1_500
/** Nothing came out of FFmpeg for so long since a key frame was first waited for (ms). */
const NO_OUTPUT_AFTER_MS = 8_000
const LOOK_EVERY_MS = 1_000
/** Pictures come out this far behind those put in, look for look: the machine is too slow. A few frames are usual (ms). */
const BEHIND_MS = 1_000
const BEHIND_LOOKS = 5
/** A new size of the source counts once it stayed: browsers go through several when they begin (ms). */
const SIZE_SETTLED_MS = 3_000
/** Bytes that wait for FFmpeg, at most: 8 s of 4 Mbit/s. More are not written. */
const MOST_BACKLOG = 4 * 1024 * 1024
const TICKS_PER_MS = 90

type State =
  /** For the first key frame, or for a better layer's. */
  | { readonly kind: 'waiting'; readonly since: number }
  /** FFmpeg is being started. */
  | { readonly kind: 'starting'; readonly held: ReceivedFrame[] }
  | { readonly kind: 'running'; readonly process: FfmpegProcess }
  | { readonly kind: 'over' }

export class TranscodeAttempt implements Attempt {
  readonly #options: TranscodeOptions
  readonly #receiver: Vp8Receiver
  readonly #firstBytes = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<AttemptEnd>()
  readonly #since: number
  #state: State
  #process: FfmpegProcess | null = null
  #starting: Promise<void> = Promise.resolve()
  #rungs: readonly Rung[] = []
  #sinks: TranscodedSinks | null = null
  #stopLooking: CancelTimer = () => {}
  /** Media time of the newest frame given to FFmpeg, in milliseconds. */
  #given = 0
  #behindLooks = 0
  /** Frames are left out until the next key frame, since FFmpeg did not take those before. */
  #skipping = false
  #overloaded = false
  #size: { readonly now: PictureSize; readonly since: number } | null = null

  /** Resolves when frames are being received. @throws when the SFU refuses. */
  static async create(options: TranscodeOptions): Promise<TranscodeAttempt> {
    const receiver = await Vp8Receiver.create(options)
    const attempt = new TranscodeAttempt(options, receiver)
    try {
      attempt.#wire()
      await receiver.start()
      return attempt
    } catch (error) {
      attempt.#end({ reason: 'start-failed', detail: String(error) })
      throw error
    }
  }

  private constructor(options: TranscodeOptions, receiver: Vp8Receiver) {
    this.#options = options
    this.#receiver = receiver
    this.#since = options.clock.now()
    this.#state = { kind: 'waiting', since: this.#since }
  }

  get ended(): Promise<AttemptEnd> {
    return this.#ended.promise
  }

  get firstBytes(): Promise<void> {
    return this.#firstBytes.promise
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** How many rungs it encodes; 0 before it began. */
  get rungs(): number {
    return this.#rungs.length
  }

  /** It ended since FFmpeg could not keep up. */
  get overloaded(): boolean {
    return this.#overloaded
  }

  /** The encoder makes key frames by the clock, often enough for every segment; the sender has no part in it. */
  requestKeyFrame(): void {}

  async close(reason = 'closed'): Promise<void> {
    this.#end({ reason: 'closed', detail: reason })
    await this.#starting
    await this.#process?.closed
  }

  #wire(): void {
    this.#receiver.on('frame', (frame) => this.#take(frame))
    this.#receiver.on('closed', (reason) => this.#end({ reason: 'closed', detail: reason }))
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, () => this.#look())
  }

  #take(frame: ReceivedFrame): void {
    if (frame.size) this.#learn(frame.size)
    const state = this.#state
    switch (state.kind) {
      case 'waiting':
        if (frame.size) this.#begin(frame, frame.size, state.since)
        return
      case 'starting':
        state.held.push(frame)
        return
      case 'running':
        this.#give(state.process, frame)
        return
      case 'over':
    }
  }

  #learn(size: PictureSize): void {
    const before = this.#size?.now
    if (before?.width === size.width && before.height === size.height) return
    this.#size = { now: size, since: this.#options.clock.now() }
  }

  #begin(frame: ReceivedFrame, size: PictureSize, since: number): void {
    const { clock, settings, mostRungs, cause } = this.#options
    // Who watches already waits for any picture; a better layer is there by now, or does not come.
    if (cause === 'start' && !this.#receiver.isBest && clock.now() - since < BEST_WITHIN_MS) return
    const rungs = ladder(size, settings.heights, mostRungs)
    const held = [frame]
    this.#state = { kind: 'starting', held }
    this.#starting = this.#start(size, rungs, held).catch((error: unknown) => {
      this.#end({ reason: 'start-failed', detail: error instanceof Error ? error.message : String(error) })
    })
  }

  async #start(size: PictureSize, rungs: readonly Rung[], held: readonly ReceivedFrame[]): Promise<void> {
    const { ffmpegPath, settings, clock, log } = this.#options
    const process = await FfmpegProcess.create({
      ffmpegPath,
      command: transcodeCommand(rungs, settings),
      onOutput: (output, chunk) => this.#write(output, chunk),
      clock,
    })
    this.#process = process
    if (this.#state.kind === 'over') {
      await process.stop()
      return
    }
    const sizes = rungs.map(({ width, height }) => `${width}x${height}`)
    log.info(
      { pid: process.pid, encoder: settings.encoder, source: `${size.width}x${size.height}`, sizes },
      'transcoding',
    )
    process.closed.then((exit) => this.#end({ reason: 'ffmpeg-exited', detail: describeExit(exit) }))
    this.#rungs = rungs
    this.#sinks = this.#options.sink.openTranscoded(rungs.length, this.#options.cause)
    process.write(ivfHeader(size))
    this.#state = { kind: 'running', process }
    for (const frame of held) this.#give(process, frame)
  }

  #give(process: FfmpegProcess, frame: ReceivedFrame): void {
    if (process.backlog > MOST_BACKLOG) this.#skipping = true
    else if (frame.size) this.#skipping = false
    if (this.#skipping) {
      if (process.backlog <= MOST_BACKLOG) this.#receiver.requestKeyFrame()
      return
    }
    this.#given = frame.time / TICKS_PER_MS + timeOffsetMs
    this.#sinks?.reference(this.#given, frame.wall)
    process.write(ivfFrame(frame.time, frame.data))
  }

  #write(output: number, chunk: Buffer): void {
    if (this.#state.kind === 'over') return
    try {
      this.#sinks?.rungs[output]?.write(chunk)
      this.#firstBytes.resolve()
    } catch (error) {
      this.#end({ reason: 'sink-failed', detail: error instanceof Error ? error.message : String(error) })
    }
  }

  #look(): void {
    const position = this.#sinks?.position ?? null
    const now = this.#options.clock.now()
    if (position === null) {
      const waited = now - this.#since
      if (this.#state.kind === 'waiting' && waited >= BEST_WITHIN_MS) this.#receiver.requestKeyFrame()
      const detail = `nothing from FFmpeg for ${NO_OUTPUT_AFTER_MS} ms`
      if (waited >= NO_OUTPUT_AFTER_MS) this.#end({ reason: 'no-output', detail })
      return
    }
    this.#behindLooks = this.#given - position > BEHIND_MS ? this.#behindLooks + 1 : 0
    if (this.#behindLooks >= BEHIND_LOOKS) {
      this.#overloaded = true
      this.#end({ reason: 'replanned', detail: `encoding is ${Math.round(this.#given - position)} ms behind` })
      return
    }
    const { settings, mostRungs } = this.#options
    const size = this.#size
    if (!size || now - size.since < SIZE_SETTLED_MS || !outgrows(this.#rungs, size.now, settings.heights, mostRungs))
      return
    this.#end({ reason: 'replanned', detail: `the source is ${size.now.width}x${size.now.height} now` })
  }

  /** Closes the sinks, stops FFmpeg and the packets, at once. */
  #end(end: AttemptEnd): void {
    if (this.#state.kind === 'over') return
    this.#state = { kind: 'over' }
    this.#stopLooking()
    this.#receiver.close()
    for (const sink of this.#sinks?.rungs ?? []) {
      try {
        sink.close()
      } catch (error) {
        this.#options.log.warn({ err: error }, 'a sink failed to close')
      }
    }
    this.#process?.stop()
    this.#ended.resolve(end)
  }
}
