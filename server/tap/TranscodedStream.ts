/** The picture of a VP8 producer, encoded anew: what its tap runs. Remembers how many rungs the machine affords. */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { Clock } from '../lib/clock.ts'
import type { Attempt, TapStream } from './Attempt.ts'
import type { RunCause, TapSink } from './TapSink.ts'
import { TranscodeAttempt, type TranscodeSettings } from './TranscodeAttempt.ts'

export interface TranscodedStreamOptions {
  readonly router: types.Router
  readonly producer: types.Producer
  readonly sink: TapSink
  readonly ffmpegPath: string
  readonly settings: TranscodeSettings
  readonly log: Logger
  readonly clock: Clock
}

export class TranscodedStream implements TapStream {
  readonly kind = 'video'
  readonly layer = 0
  readonly #options: TranscodedStreamOptions
  #mostRungs: number

  constructor(options: TranscodedStreamOptions) {
    this.#options = options
    this.#mostRungs = options.settings.heights.length
  }

  /** A browser sends a single stream, or some of its layers. */
  get sent(): boolean {
    const { closed, score, type } = this.#options.producer
    return !closed && score.length > 0 && (type !== 'simulcast' || score.some((stream) => stream.score > 0))
  }

  async open(cause: RunCause): Promise<Attempt> {
    const attempt = await TranscodeAttempt.create({ ...this.#options, mostRungs: this.#mostRungs, cause })
    attempt.ended.then(() => this.#learn(attempt))
    return attempt
  }

  openFailed(): void {}

  close(): void {}

  /** The highest rung costs more than all others together: without it the rest goes on. */
  #learn({ overloaded, rungs }: TranscodeAttempt): void {
    if (!overloaded) return
    this.#mostRungs = Math.max(1, rungs - 1)
    const left = this.#mostRungs
    if (rungs > 1) this.#options.log.warn({ rungs: left }, 'the machine is too slow: the highest rung is left out')
    else this.#options.log.error('the machine is too slow to transcode a single rung')
  }
}
