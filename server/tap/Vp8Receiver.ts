/** Receives the best layer of a VP8 producer inside this process, as whole frames with the instants of their capture. */
import type { types } from 'mediasoup'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { bareCapabilities } from './bareCapabilities.ts'
import { LoopbackRtp } from './LoopbackRtp.ts'
import { readSenderReport, type SenderReport } from './rtpPacket.ts'
import { type Vp8Frame, Vp8Frames } from './Vp8Frames.ts'

export interface ReceivedFrame extends Vp8Frame {
  /** Milliseconds since the Unix epoch: the capture once a sender report came, before that the arrival, which is later. */
  readonly wall: number
}

type ReceiverEvents = {
  frame: [ReceivedFrame]
  /** The producer or its router is gone. */
  closed: [reason: string]
}

export interface ReceiverOptions {
  readonly router: types.Router
  readonly producer: types.Producer
  /** Where the SFU's own end may be; anywhere when left out. */
  readonly sfuPorts?: { min: number; max: number }
  readonly clock: Clock
}

/** The first key frame mediasoup asks for itself at `resume`. Milliseconds. */
const ASK_EVERY_MS = 300
/** Ticks of 90 kHz a millisecond. */
const TICKS_PER_MS = 90

/**
 * In this process and not in FFmpeg: frames keep their RTP times through FFmpeg only if we write these times ourselves, and
 * the size of a picture has to be known before FFmpeg can be told into what to encode it. Over UDP, since mediasoup sends
 * no sender reports on its direct transports.
 */
export class Vp8Receiver extends TypedEmitter<ReceiverEvents> {
  readonly #options: ReceiverOptions
  readonly #line: LoopbackRtp
  readonly #consumer: types.Consumer
  readonly #frames = new Vp8Frames()
  #report: SenderReport | null = null
  #cancelAsking: CancelTimer = () => {}
  #closed = false

  /** Receives nothing before `start`. @throws when the SFU refuses, or the codec is none that can be transcoded. */
  static async create(options: ReceiverOptions): Promise<Vp8Receiver> {
    const line = await LoopbackRtp.create(options.router, options.sfuPorts)
    try {
      const consumer = await line.transport.consume({
        producerId: options.producer.id,
        rtpCapabilities: bareCapabilities(options.producer.consumableRtpParameters),
        paused: true,
        enableRtx: false,
      })
      return new Vp8Receiver(options, line, consumer)
    } catch (error) {
      line.close()
      throw error
    }
  }

  private constructor(options: ReceiverOptions, line: LoopbackRtp, consumer: types.Consumer) {
    super()
    this.#options = options
    this.#line = line
    this.#consumer = consumer
  }

  /** Whether there is no better layer than the one that is received. */
  get isBest(): boolean {
    const { type, consumableRtpParameters } = this.#options.producer
    const top = (consumableRtpParameters.encodings?.length ?? 1) - 1
    return type === 'simple' || (this.#consumer.currentLayers?.spatialLayer ?? -1) >= top
  }

  /** Frames come from now on, the first one being a key frame. */
  async start(): Promise<void> {
    const { clock } = this.#options
    this.#line.on('rtp', (packet) => this.#take(packet))
    this.#line.on('rtcp', (packet) => {
      this.#report = readSenderReport(packet) ?? this.#report
    })
    this.#consumer.on('producerclose', () => this.#lose('producer closed'))
    this.#line.on('closed', (reason) => this.#lose(reason))
    this.#cancelAsking = clock.every(ASK_EVERY_MS, () => {
      if (this.#frames.keyFrameNeeded) this.requestKeyFrame()
    })
    await this.#consumer.resume()
  }

  /** Asks the sender for a key frame. */
  requestKeyFrame(): void {
    // Fails only when the consumer is gone, which is said in another way.
    if (!this.#closed) this.#consumer.requestKeyFrame().catch(() => {})
  }

  /** No frame comes from now on. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelAsking()
    this.removeAllListeners()
    this.#line.close()
  }

  #take(packet: Buffer): void {
    const now = this.#options.clock.now()
    for (const frame of this.#frames.push(packet, now)) {
      const report = this.#report
      const wall = report ? report.wall + ((frame.timestamp - report.timestamp) | 0) / TICKS_PER_MS : now
      this.emit('frame', { ...frame, wall })
    }
  }

  #lose(reason: string): void {
    if (!this.#closed) this.emit('closed', reason)
  }
}
