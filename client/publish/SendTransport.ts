/** In charge of one WebRTC transport to the server and the producers on it. When it is lost, its owner makes another. */
import { Device, type types } from 'mediasoup-client'
import { NearcastError } from '../../shared/errors.ts'
import type { IceServer, RtpCapabilities, RtpParameters } from '../../shared/rtp.ts'
import type { MediaSource } from '../../shared/signaling.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { SignalingClient } from '../signaling/SignalingClient.ts'
import { contentHintFor } from './encodings.ts'
import { fitEncodings, produceAudio, produceVideo } from './producing.ts'

/** What fills the producers. */
export interface Tracks {
  readonly video: MediaStreamTrack | null
  readonly audio: MediaStreamTrack | null
  /** Whether the video is a shared screen. */
  readonly screen: boolean
  /** Whether the sound is music, to be sent in stereo. */
  readonly music: boolean
}

export interface SendTransportOptions {
  readonly signaling: SignalingClient
  readonly rtpCapabilities: RtpCapabilities
  /** Through TURN only: for networks that ask for it, and for tests. */
  readonly relayOnly: boolean
  readonly clock: Clock
}

type Events = {
  /** Whether anything gets through changed: for seconds only, perhaps. */
  path: [isThere: boolean]
  /** Nothing can be sent over it any more. */
  lost: []
}

/** A disconnected path may come back by itself within this time; then ICE is restarted. Milliseconds. */
const DISCONNECTED_PATIENCE = 1_500

/** From the first attempt to connect, or the first of ICE restarts in a row, to giving the transport up, milliseconds. */
const CONNECT_LIMIT = 8_000

export class SendTransport extends Emitter<Events> {
  readonly id: string
  readonly #options: SendTransportOptions
  readonly #device: Device
  readonly #transport: types.Transport
  readonly #producers = new Map<MediaSource, types.Producer>()
  /** How the sound that is sent was negotiated; that cannot change within a producer. */
  #isMusic = false
  #cancelPatience: CancelTimer | undefined
  #cancelLimit: CancelTimer | undefined
  #isOver = false

  /** Resolves when the server has made its end; nothing is sent yet. */
  static async create(options: SendTransportOptions): Promise<SendTransport> {
    const device = await Device.factory()
    await device.load({ routerRtpCapabilities: options.rtpCapabilities as types.RtpCapabilities })
    const answer = await options.signaling.request('publish:transport:create', {})
    const iceTransportPolicy = options.relayOnly ? 'relay' : 'all'
    const transport = device.createSendTransport({ ...answer, iceTransportPolicy } as types.TransportOptions)
    const send = new SendTransport(options, device, transport)
    send.#wire()
    return send
  }

  private constructor(options: SendTransportOptions, device: Device, transport: types.Transport) {
    super()
    this.id = transport.id
    this.#options = options
    this.#device = device
    this.#transport = transport
  }

  /** Whether media can still be sent over it. */
  get isUsable(): boolean {
    return !this.#isOver && !this.#transport.closed
  }

  /** Of the peer connection, for the studio's figures. */
  getStats(): Promise<RTCStatsReport> {
    return this.#transport.getStats()
  }

  /**
   * Sends what there is: a new producer where there is none yet, another track in the one there is. A producer that the
   * server did not acknowledge is none: the next call makes it anew. Rejects when no part is under way any more.
   */
  async send(tracks: Tracks): Promise<void> {
    const jobs: Promise<unknown>[] = []
    if (tracks.audio) jobs.push(this.#sendAudio(tracks.audio, tracks.music))
    if (tracks.video) jobs.push(this.#sendVideo(tracks.video, tracks.screen))
    const failed = (await Promise.allSettled(jobs)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  /** After the connection to the server came back: a path that died meanwhile could not be mended without it. */
  mend(): void {
    const state = this.#transport.connectionState
    if (state !== 'disconnected' && state !== 'failed') return
    this.#setLimit(null)
    this.#restartIce()
  }

  /** The server hears nothing: the path is made anew although it looks alive, unless that is under way already. */
  revive(): void {
    if (!this.#cancelLimit) this.#restartIce()
  }

  /** Fresh TURN credentials, used from the next ICE restart on. */
  async updateIceServers(iceServers: IceServer[]): Promise<void> {
    if (!this.#isOver) await this.#transport.updateIceServers({ iceServers })
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#setLimit(null)
    this.removeAllListeners()
    this.#transport.close()
  }

  #wire(): void {
    const { signaling } = this.#options
    const transportId = this.id
    this.#transport.on('connect', ({ dtlsParameters }, done, failed) => {
      signaling.request('publish:transport:connect', { transportId, dtlsParameters }).then(() => done(), failed)
    })
    this.#transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      const source: MediaSource = appData.source === 'microphone' ? 'microphone' : 'camera'
      signaling
        .request('publish:produce', { transportId, source, rtpParameters: rtpParameters as RtpParameters })
        .then(({ producerId }) => done({ id: producerId }), failed)
    })
    this.#transport.on('connectionstatechange', (state) => {
      if (state === 'connected' || state === 'disconnected' || state === 'failed') {
        this.emit('path', state === 'connected')
      }
      // A limit that runs goes on running through all states but the one it waits for.
      if (state === 'connected') this.#setLimit(null)
      if (state === 'connecting' && !this.#cancelLimit) this.#setLimit(CONNECT_LIMIT)
      if (state === 'disconnected' && !this.#cancelPatience) {
        this.#cancelPatience = this.#options.clock.after(DISCONNECTED_PATIENCE, () => this.#restartIce())
      }
      if (state === 'failed') this.#restartIce()
    })
  }

  /** Mends a path that died; a transport that does not mend in time is lost. Without signaling it waits for that. */
  #restartIce(): void {
    const { signaling } = this.#options
    if (this.#isOver) return
    this.#cancelPatience?.()
    this.#cancelPatience = undefined
    // A second attempt gets no time of its own: a new transport is the better third one.
    if (!this.#cancelLimit) this.#setLimit(CONNECT_LIMIT)
    const restart = async () => {
      const answer = await signaling.request('publish:transport:restart-ice', { transportId: this.id })
      if (this.#isOver) return
      await this.#transport.updateIceServers({ iceServers: answer.iceServers })
      await this.#transport.restartIce({ iceParameters: answer.iceParameters })
    }
    restart().catch((error: unknown) => {
      if (error instanceof NearcastError && error.code === 'unknown-id') this.#lose()
    })
  }

  /** Milliseconds in which it must be connected; null when it is. */
  #setLimit(ms: number | null): void {
    this.#cancelPatience?.()
    this.#cancelPatience = undefined
    this.#cancelLimit?.()
    this.#cancelLimit = ms === null ? undefined : this.#options.clock.after(ms, () => this.#onLimit())
  }

  #onLimit(): void {
    // A restarted path may have taken over without the state ever leaving `connected`.
    if (this.#transport.connectionState === 'connected') this.#setLimit(null)
    else this.#lose()
  }

  #lose(): void {
    if (this.#isOver) return
    this.emit('lost')
  }

  async #sendAudio(track: MediaStreamTrack, music: boolean): Promise<void> {
    if (this.#isMusic !== music) await this.#drop('microphone')
    this.#isMusic = music
    const producer = this.#producers.get('microphone')
    if (!producer) this.#producers.set('microphone', await produceAudio(this.#transport, track, music))
    else if (producer.track !== track) await producer.replaceTrack({ track })
  }

  async #sendVideo(track: MediaStreamTrack, screen: boolean): Promise<void> {
    track.contentHint = contentHintFor(screen ? 'screen' : 'camera')
    const producer = this.#producers.get('camera')
    if (!producer) {
      const codecs = this.#device.sendRtpCapabilities.codecs ?? []
      this.#producers.set('camera', await produceVideo(this.#transport, codecs, track))
      return
    }
    // Both at once: a frame of the one source in the sizes of the other would be a parameter set of its own.
    const replaced = producer.track === track ? undefined : producer.replaceTrack({ track })
    await Promise.all([replaced, fitEncodings(producer, track)])
  }

  /** Our end first: when the server is not told, the transport is at odds with it and its owner makes another. */
  async #drop(source: MediaSource): Promise<void> {
    const producer = this.#producers.get(source)
    if (!producer) return
    this.#producers.delete(source)
    producer.close()
    await this.#options.signaling.request('publish:producer:close', { producerId: producer.id })
  }
}
