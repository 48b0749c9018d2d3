/** One run of a tap: a bare consumer, the FFmpeg it feeds and the sinks that FFmpeg fills. Runs once. */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Disposer } from '../lib/Disposer.ts'
import type { Attempt, AttemptEnd } from './Attempt.ts'
import { bareCapabilities } from './bareCapabilities.ts'
import { describeExit, FfmpegProcess } from './FfmpegProcess.ts'
import { audioCommand, listeningLine, videoCommand } from './ffmpegArgs.ts'
import type { PortPair } from './PortPool.ts'
import { tapSdp } from './sdp.ts'
import type { ByteSink, RunCause, TapSink } from './TapSink.ts'

/** What all runs of all taps of a group share. */
export interface TapContext {
  readonly router: types.Router
  readonly sink: TapSink
  /** The FFmpeg program, the same for all groups of the process. */
  readonly ffmpegPath: string
  /** Where the SFU's own ends may be, so that none takes a port that WebRTC needs; anywhere when left out. */
  readonly sfuPorts?: { min: number; max: number }
  /** AAC, bit/s. */
  readonly audioBitrate: number
  readonly log: Logger
  readonly clock: Clock
}

export interface AttemptOptions extends TapContext {
  readonly producer: types.Producer
  /** Simulcast layer; 0 for a single stream and for audio. */
  readonly layer: number
  readonly ports: PortPair
  readonly cause: RunCause
  readonly signal?: AbortSignal
}

/** Until the first bytes come out of FFmpeg (ms). */
const keyFrameIntervalMs = 200
/** Key frames asked for in vain after which a run is given up: 5 s. */
const keyFramesAskedFor = 25

export class TapAttempt implements Attempt {
  readonly #options: AttemptOptions
  readonly #transport: types.PlainTransport
  readonly #consumer: types.Consumer
  #sinks: ByteSink[] | undefined
  #process: FfmpegProcess | undefined
  #cancelKeyFrames: CancelTimer = () => {}
  #over = false
  readonly #firstBytes = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<AttemptEnd>()

  /** Resolves when RTP flows into a listening FFmpeg. @throws when anything on the way fails; all is closed then. */
  static async create(options: AttemptOptions): Promise<TapAttempt> {
    const disposer = new Disposer()
    try {
      const { router, producer, layer, ports, sfuPorts, audioBitrate, ffmpegPath, clock, signal } = options
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', ...(sfuPorts && { portRange: sfuPorts }) },
        rtcpMux: false,
        comedia: false,
      })
      disposer.add(() => transport.close())
      const consumer = await transport.consume({
        producerId: producer.id,
        rtpCapabilities: bareCapabilities(producer.consumableRtpParameters),
        paused: true,
        enableRtx: false,
        ...(producer.kind === 'video' ? { preferredLayers: { spatialLayer: layer } } : {}),
      })
      const attempt = new TapAttempt(options, transport, consumer)
      disposer.add(() => attempt.#silence())
      const sdp = describe(consumer, ports)
      attempt.#process = await FfmpegProcess.create({
        ffmpegPath,
        command: consumer.kind === 'video' ? videoCommand(sdp) : audioCommand(sdp, audioBitrate),
        readyLine: listeningLine,
        onOutput: (output, chunk) => attempt.#write(output, chunk),
        clock,
        ...(signal && { signal }),
      })
      disposer.add(() => attempt.#process?.stop().then(() => {}))
      attempt.#watch(attempt.#process)
      // mediasoup's first sender report leaves half a second after `connect`, if RTP flows by then.
      await transport.connect({ ip: '127.0.0.1', port: ports.rtp, rtcpPort: ports.rtcp })
      await consumer.resume()
      attempt.#askUntilFirstBytes()
      return attempt
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(options: AttemptOptions, transport: types.PlainTransport, consumer: types.Consumer) {
    this.#options = options
    this.#transport = transport
    this.#consumer = consumer
  }

  /** Resolves when the run is over: its sinks are closed, its process may still be going. */
  get ended(): Promise<AttemptEnd> {
    return this.#ended.promise
  }

  /** Resolves at the first bytes; never, when the run ends without any. */
  get firstBytes(): Promise<void> {
    return this.#firstBytes.promise
  }

  /** Process id of the FFmpeg, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Asks the sender for a key frame of this layer. Video only. */
  requestKeyFrame(): void {
    if (this.#over || this.#consumer.kind !== 'video') return
    // Fails only when the consumer is gone, which ends the run by itself.
    this.#consumer.requestKeyFrame().catch(() => {})
  }

  /** Ends the run; nothing is written from now on. Resolves when FFmpeg has really exited. Idempotent. */
  async close(reason = 'closed'): Promise<void> {
    this.#end({ reason: 'closed', detail: reason })
    await this.#process?.closed
  }

  #watch(process: FfmpegProcess): void {
    const { layer, producer } = this.#options
    // Another layer in the same stream has other parameter sets: not one more packet of it may be packaged.
    this.#consumer.on('layerschange', (layers) => {
      if (layers?.spatialLayer === layer || this.#over) return
      this.#end({ reason: 'layer-left', detail: `the SFU now sends layer ${layers?.spatialLayer ?? 'none'}` })
    })
    this.#consumer.on('producerclose', () => this.#end({ reason: 'closed', detail: 'producer closed' }))
    this.#transport.observer.on('close', () => this.#end({ reason: 'closed', detail: 'transport closed' }))
    process.closed.then((exit) => this.#end({ reason: 'ffmpeg-exited', detail: describeExit(exit) }))
    if (producer.closed) this.#end({ reason: 'closed', detail: 'producer closed' })
  }

  /** The first one mediasoup asks for itself at `resume`; another at once would come as a second, needless key frame. */
  #askUntilFirstBytes(): void {
    let asked = 0
    this.#cancelKeyFrames = this.#options.clock.every(keyFrameIntervalMs, () => {
      asked += 1
      if (asked < keyFramesAskedFor) this.requestKeyFrame()
      else this.#end({ reason: 'no-output', detail: `nothing from FFmpeg for ${asked * keyFrameIntervalMs} ms` })
    })
    if (this.#sinks || this.#over) this.#cancelKeyFrames()
  }

  #write(output: number, chunk: Buffer): void {
    if (this.#over) return
    try {
      this.#sinks ??= this.#open()
      this.#sinks[output]?.write(chunk)
    } catch (error) {
      this.#end({ reason: 'sink-failed', detail: error instanceof Error ? error.message : String(error) })
    }
  }

  #open(): ByteSink[] {
    const { sink, layer, cause } = this.#options
    this.#cancelKeyFrames()
    this.#firstBytes.resolve()
    if (this.#consumer.kind === 'video') return [sink.openVideo(layer, cause)]
    const { aac, opus } = sink.openAudio(cause)
    return [aac, opus]
  }

  #end(end: AttemptEnd): void {
    if (this.#over) return
    this.#silence()
    this.#process?.stop()
    this.#ended.resolve(end)
  }

  /** Closes the sinks and stops RTP, at once. */
  #silence(): void {
    this.#over = true
    this.#cancelKeyFrames()
    for (const sink of this.#sinks ?? []) {
      try {
        sink.close()
      } catch (error) {
        this.#options.log.warn({ err: error }, 'a sink failed to close')
      }
    }
    this.#transport.close()
  }
}

/** What FFmpeg needs to know of a consumer. */
function describe(consumer: types.Consumer, ports: PortPair): string {
  const [codec] = consumer.rtpParameters.codecs
  if (!codec) throw new Error('mediasoup gave a consumer without codec')
  return tapSdp({
    kind: consumer.kind,
    port: ports.rtp,
    payloadType: codec.payloadType,
    encoding: codec.mimeType.split('/')[1] ?? '',
    clockRate: codec.clockRate,
    ...(codec.channels === undefined ? {} : { channels: codec.channels }),
  })
}
