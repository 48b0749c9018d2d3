/** One layer, copied, or the audio, turned into AAC: what a tap of H.264 and Opus runs. Holds one pair of ports. */
import type { types } from 'mediasoup'
import type { Attempt, TapStream } from './Attempt.ts'
import { isLayerSent } from './layerPresence.ts'
import type { PortPair, PortPool } from './PortPool.ts'
import { TapAttempt, type TapContext } from './TapAttempt.ts'
import type { RunCause } from './TapSink.ts'

export interface CopiedStreamOptions extends TapContext {
  readonly producer: types.Producer
  readonly layer: number
  readonly ports: PortPool
}

export class CopiedStream implements TapStream {
  readonly #options: CopiedStreamOptions
  #pair: PortPair

  /** @throws {TapError} `no-ports`. */
  constructor(options: CopiedStreamOptions) {
    this.#options = options
    this.#pair = options.ports.acquire()
  }

  get kind(): types.MediaKind {
    return this.#options.producer.kind
  }

  get layer(): number {
    return this.#options.layer
  }

  get sent(): boolean {
    const { producer, layer } = this.#options
    return !producer.closed && isLayerSent(producer, layer)
  }

  open(cause: RunCause, signal: AbortSignal): Promise<Attempt> {
    return TapAttempt.create({ ...this.#options, ports: this.#pair, cause, signal })
  }

  /** A port that somebody else holds would fail again: take another pair, if there is one. */
  openFailed(): void {
    const { ports } = this.#options
    if (ports.available === 0) return
    const pair = ports.acquire()
    ports.release(this.#pair)
    this.#pair = pair
  }

  close(): void {
    this.#options.ports.release(this.#pair)
  }
}
