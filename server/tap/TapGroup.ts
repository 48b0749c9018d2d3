/** The taps of a broadcast: one for each layer of its video or one for all when it is transcoded, one for its audio. */
import type { types } from 'mediasoup'
import { Disposer } from '../lib/Disposer.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { isTappable, isTranscodable } from './bareCapabilities.ts'
import { CopiedStream } from './CopiedStream.ts'
import { prepareFfmpeg } from './FfmpegProcess.ts'
import type { PortPool } from './PortPool.ts'
import type { EndReason } from './restartPolicy.ts'
import { Tap } from './Tap.ts'
import type { TapContext } from './TapAttempt.ts'
import { TapError } from './TapError.ts'
import type { TranscodeSettings } from './TranscodeAttempt.ts'
import { TranscodedStream } from './TranscodedStream.ts'

export interface TapGroupOptions extends TapContext {
  readonly ports: PortPool
  /** How VP8 is encoded anew; null when it is not. */
  readonly transcode: TranscodeSettings | null
}

export type TapGroupEvents = {
  /** The layers whose bytes are flowing, lowest first, whenever that changes. */
  layers: [active: number[]]
  /** A stream (`video:<layer>`, `video` when it is transcoded, or `audio`) was given up after too many failures in a row. */
  failed: [{ stream: string; reason: EndReason }]
  /** A stream runs again; its new sink is opened at its first bytes. */
  restarted: [{ stream: string; reason: EndReason; failures: number }]
}

interface TappedProducer {
  readonly producer: types.Producer
  readonly taps: readonly Tap[]
  readonly unwatch: () => void
}

/** At most one video and one audio producer at a time. */
export class TapGroup extends TypedEmitter<TapGroupEvents> {
  readonly #context: TapContext
  readonly #ports: PortPool
  readonly #transcode: TranscodeSettings | null
  readonly #queue = new SerialQueue()
  readonly #tapped = new Map<string, TappedProducer>()
  #closing: Promise<void> | undefined

  /** @throws when FFmpeg cannot be run. */
  static async create({ ports, transcode, ...context }: TapGroupOptions): Promise<TapGroup> {
    await prepareFfmpeg(context.ffmpegPath)
    return new TapGroup(context, ports, transcode)
  }

  private constructor(context: TapContext, ports: PortPool, transcode: TranscodeSettings | null) {
    super()
    this.#context = context
    this.#ports = ports
    this.#transcode = transcode
  }

  /** Process ids of the FFmpegs that run now. */
  get childPids(): number[] {
    return this.#taps.map((tap) => tap.pid).filter((pid) => pid !== undefined)
  }

  /** Layers whose bytes are flowing, lowest first. */
  get activeLayers(): number[] {
    const active = this.#taps.filter((tap) => tap.kind === 'video' && tap.active)
    return active.map((tap) => tap.layer).sort((a, b) => a - b)
  }

  /**
   * Taps each layer of a video producer, or an audio producer, from when it is being sent. Adding one again changes
   * nothing; one that closes is removed by itself.
   * @throws {TapError} `not-tappable`, `kind-taken`, `no-ports`, `closed`; nothing is tapped then.
   */
  async addProducer(producer: types.Producer): Promise<void> {
    if (this.#closing) throw new TapError('closed', 'the tap group is closed')
    const [codec] = producer.consumableRtpParameters.codecs
    if (!codec || !(isTappable(codec) || this.#transcodes(producer))) {
      throw new TapError('not-tappable', `${codec?.mimeType ?? 'a stream without codec'} cannot be tapped`)
    }
    await this.#queue.push(() => this.#add(producer))
  }

  /** Resolves when its FFmpegs are gone and its ports are back. Unknown ids are ignored. */
  async removeProducer(producerId: string): Promise<void> {
    if (this.#closing) return this.#closing
    await this.#queue.push(() => this.#remove(producerId, 'producer removed'))
  }

  /** Asks for key frames of all layers in one pass: they then come at the same frame. */
  requestKeyFrames(): void {
    for (const tap of this.#taps) if (tap.kind === 'video') tap.requestKeyFrame()
  }

  /** Resolves when all FFmpegs have really exited and all ports are back. Idempotent. */
  close(reason: string): Promise<void> {
    this.#closing ??= this.#close(reason)
    return this.#closing
  }

  async #close(reason: string): Promise<void> {
    await this.#queue.close(reason)
    await Promise.all([...this.#tapped.keys()].map((id) => this.#remove(id, reason)))
    this.#context.log.info(`taps closed: ${reason}`)
    this.removeAllListeners()
  }

  get #taps(): Tap[] {
    return [...this.#tapped.values()].flatMap(({ taps }) => taps)
  }

  async #add(producer: types.Producer): Promise<void> {
    if (producer.closed || this.#tapped.has(producer.id)) return
    for (const { producer: other } of this.#tapped.values()) {
      if (other.closed) await this.#remove(other.id, 'producer closed')
      else if (other.kind === producer.kind) throw new TapError('kind-taken', `${other.kind} is tapped already`)
    }
    const disposer = new Disposer()
    try {
      const layers = this.#transcodes(producer) ? 1 : (producer.consumableRtpParameters.encodings?.length ?? 1)
      const taps = Array.from({ length: layers }, (_, layer) => this.#createTap(producer, layer, disposer))
      const onClose = () => this.#onProducerClose(producer.id)
      producer.observer.once('close', onClose)
      this.#tapped.set(producer.id, { producer, taps, unwatch: () => producer.observer.off('close', onClose) })
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  #transcodes(producer: types.Producer): boolean {
    const [codec] = producer.consumableRtpParameters.codecs
    return this.#transcode !== null && codec !== undefined && isTranscodable(codec)
  }

  #createTap(producer: types.Producer, layer: number, disposer: Disposer): Tap {
    const settings = this.#transcodes(producer) ? this.#transcode : null
    const name = settings ? 'video' : producer.kind === 'video' ? `video:${layer}` : 'audio'
    const log = this.#context.log.child({ tap: name })
    const options = { ...this.#context, log, producer, layer, ports: this.#ports }
    const stream = settings ? new TranscodedStream({ ...options, settings }) : new CopiedStream(options)
    const tap = Tap.create({ ...this.#context, log, producer, stream })
    disposer.add(() => tap.close('another layer could not be tapped'))
    tap.on('active', () => {
      if (tap.kind === 'video') this.emit('layers', this.activeLayers)
    })
    tap.on('restarted', (reason, failures) => this.emit('restarted', { stream: name, reason, failures }))
    tap.on('failed', (reason) => this.emit('failed', { stream: name, reason }))
    return tap
  }

  async #remove(producerId: string, reason: string): Promise<void> {
    const tapped = this.#tapped.get(producerId)
    if (!tapped) return
    tapped.unwatch()
    await Promise.all(tapped.taps.map((tap) => tap.close(reason)))
    this.#tapped.delete(producerId)
  }

  #onProducerClose(producerId: string): void {
    // Rejects only when the group is closed meanwhile, which removes it too.
    this.#queue.push(() => this.#remove(producerId, 'producer closed')).catch(() => {})
  }
}
