/** One stream of a producer: runs attempts while it is being sent, and decides about restarts. */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Attempt, AttemptEnd, TapStream } from './Attempt.ts'
import { type EndReason, restartPolicy } from './restartPolicy.ts'

export interface TapOptions {
  readonly producer: types.Producer
  /** Closed by the tap. */
  readonly stream: TapStream
  readonly log: Logger
  readonly clock: Clock
}

type TapEvents = {
  /** Whether bytes are flowing has changed. */
  active: [active: boolean]
  /** A new attempt runs after a failed one. */
  restarted: [reason: EndReason, failures: number]
  /** Too many failures in a row; the tap stays down until it is closed. */
  failed: [reason: EndReason]
}

type State =
  /** The layer is not sent, or the start is still to come. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly attempt: Attempt; readonly since: number }
  /** Backing off. */
  | { readonly kind: 'waiting'; readonly cancel: CancelTimer }
  | { readonly kind: 'failed' }
  | { readonly kind: 'closed' }

export class Tap extends TypedEmitter<TapEvents> {
  readonly #options: TapOptions
  readonly #queue = new SerialQueue()
  #state: State = { kind: 'idle' }
  #failures = 0
  #lastFailure: EndReason | undefined
  #active = false
  #closing: Promise<void> | undefined
  readonly #unwanted = new AbortController()

  /** Starts as soon as the stream is being sent. */
  static create(options: TapOptions): Tap {
    const tap = new Tap(options)
    tap.#wire()
    return tap
  }

  private constructor(options: TapOptions) {
    super()
    this.#options = options
  }

  get kind(): types.MediaKind {
    return this.#options.stream.kind
  }

  get layer(): number {
    return this.#options.stream.layer
  }

  /** Whether bytes of the present attempt have come. */
  get active(): boolean {
    return this.#active
  }

  /** Process id of the FFmpeg that runs now. */
  get pid(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.attempt.pid : undefined
  }

  /** Asks for a key frame, when it runs. */
  requestKeyFrame(): void {
    if (this.#state.kind === 'running') this.#state.attempt.requestKeyFrame()
  }

  /** Resolves when FFmpeg has really exited and the stream's ports are back. Idempotent. */
  close(reason: string): Promise<void> {
    this.#closing ??= this.#close(reason)
    return this.#closing
  }

  async #close(reason: string): Promise<void> {
    this.#options.producer.observer.off('score', this.#onScore)
    this.#unwanted.abort()
    // Once at once, for what runs, and once in turn, for what was being started.
    const stop = async (): Promise<void> => {
      if (this.#state.kind === 'waiting') this.#state.cancel()
      if (this.#state.kind === 'running') await this.#state.attempt.close(reason)
    }
    await stop()
    await this.#queue.push(stop)
    await this.#queue.close(reason)
    this.#setActive(false)
    this.#state = { kind: 'closed' }
    this.#options.stream.close()
    this.#options.log.info(`tap closed: ${reason}`)
    this.removeAllListeners()
  }

  #wire(): void {
    this.#options.producer.observer.on('score', this.#onScore)
    this.#options.log.info(`tap of ${this.#options.producer.type} producer ${this.#options.producer.id} created`)
    this.#wake()
  }

  /** The SFU takes 1.5 s to notice that a layer stopped; sinks close here and now, before it falls back to another. */
  readonly #onScore = (): void => {
    if (this.#state.kind === 'idle') this.#wake()
    else if (this.#state.kind === 'running' && !this.#sent) this.#state.attempt.close('layer no longer sent')
  }

  get #sent(): boolean {
    return this.#options.stream.sent
  }

  #wake(): void {
    // Rejects only when the tap was closed meanwhile.
    this.#queue.push(() => this.#start()).catch(() => {})
  }

  async #start(): Promise<void> {
    if (this.#closing || this.#state.kind !== 'idle' || !this.#sent) return
    const since = this.#options.clock.now()
    try {
      const cause = this.#lastFailure ? 'restart' : 'start'
      const attempt = await this.#options.stream.open(cause, this.#unwanted.signal)
      this.#state = { kind: 'running', attempt, since }
      attempt.firstBytes.then(() => this.#onFirstBytes(attempt, since))
      attempt.ended.then((end) => this.#queue.push(() => this.#onEnded(attempt, since, end))).catch(() => {})
      this.#options.log.info({ pid: attempt.pid }, 'tap started')
      if (this.#lastFailure) this.emit('restarted', this.#lastFailure, this.#failures)
      // It may have stopped while FFmpeg started.
      if (!this.#sent) attempt.close('layer no longer sent')
    } catch (error) {
      if (this.#closing || this.#options.producer.closed) return
      this.#options.stream.openFailed()
      this.#onFailure('start-failed', since, error instanceof Error ? error.message : String(error))
    }
  }

  #onFirstBytes(attempt: Attempt, since: number): void {
    if (this.#state.kind !== 'running' || this.#state.attempt !== attempt || this.#closing) return
    this.#options.log.info({ ms: Math.round(this.#options.clock.now() - since) }, 'tap delivers')
    this.#setActive(true)
  }

  async #onEnded(attempt: Attempt, since: number, end: AttemptEnd): Promise<void> {
    this.#setActive(false)
    await attempt.close()
    if (this.#closing || this.#options.producer.closed) return
    if (end.reason === 'closed' || end.reason === 'layer-left') this.#options.log.info(`tap paused: ${end.detail}`)
    this.#onFailure(end.reason === 'closed' ? 'layer-left' : end.reason, since, end.detail)
  }

  #onFailure(reason: EndReason, since: number, detail: string): void {
    const { clock, log } = this.#options
    const decision = restartPolicy(this.#failures, clock.now() - since, reason)
    this.#failures = decision.failures
    this.#lastFailure = reason === 'layer-left' ? undefined : reason
    if (decision.kind === 'give-up') {
      this.#state = { kind: 'failed' }
      log.error({ reason, failures: decision.failures }, `tap given up: ${detail}`)
      this.emit('failed', reason)
      return
    }
    if (reason === 'replanned') log.warn(`tap begins anew: ${detail}`)
    else if (reason !== 'layer-left') log.warn({ reason, restartAfterMs: decision.afterMs }, `tap failed: ${detail}`)
    const cancel = clock.after(decision.afterMs, () => {
      this.#state = { kind: 'idle' }
      this.#wake()
    })
    this.#state = { kind: 'waiting', cancel }
  }

  #setActive(active: boolean): void {
    if (this.#active === active) return
    this.#active = active
    this.emit('active', active)
  }
}
