/** In charge of what the studio is doing, without a page: devices, preview, being live, and the facts the page shows. */
import type { BroadcastFacts, RecordingState } from '../../shared/broadcast.ts'
import { type ErrorBody, isErrorCode, NearcastError } from '../../shared/errors.ts'
import type { BroadcastView } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { listDevices } from '../publish/capture.ts'
import { type CaptureProblem, captureProblem } from '../publish/captureProblem.ts'
import { Publisher } from '../publish/Publisher.ts'
import type { ProbeDoor } from '../publish/probeWay.ts'
import type { PublisherState, Trouble } from '../publish/publisherState.ts'
import type { ChatLine } from '../signaling/ChatLine.ts'
import { AudienceHistory } from './AudienceHistory.ts'
import { checkKey } from './checkKey.ts'
import { markSendingHere, wasSendingHere } from './keptKey.ts'
import { MediaDesk } from './MediaDesk.ts'

/** The page's `data-state`. */
export type StudioState = 'idle' | 'preview' | 'connecting' | 'live' | 'reconnecting' | 'ended'

/** Everything the page shows, anew at each change. */
export interface StudioView {
  readonly state: StudioState
  readonly title: string
  readonly watchUrl: string
  /** Why nothing can be done here, or null. */
  readonly refusal: NearcastError | null
  readonly problems: readonly CaptureProblem[]
  /** Why it is not live yet or any more, although it goes on trying; null when nothing is known. */
  readonly trouble: Trouble | null
  /** When the server ends the broadcast unless the connection is back, on its clock; null while nothing is lost. */
  readonly endsAt: number | null
  readonly broadcast: BroadcastView | null
  readonly recording: RecordingState
  readonly desk: MediaDesk
}

export interface StudioOptions {
  readonly url: string
  readonly broadcastId: string
  readonly publishKey: string
  readonly relayOnly: boolean
  readonly clock?: Clock
}

/** How often, and with how many milliseconds between, it looks for the recording after the end. */
const RECORDING_LOOKS = 20
const RECORDING_LOOK_MS = 500

export class StudioSession extends Emitter<{ change: [] }> {
  readonly desk: MediaDesk
  /** Who watched, since it went live here. */
  readonly audience = new AudienceHistory()
  readonly #options: StudioOptions
  /** The server's wall clock in milliseconds, as well as it is known. */
  readonly now = (): number => this.#publisher?.serverNow ?? (this.#options.clock ?? systemClock).now()
  readonly #listDevices = (): void => {
    void listDevices().then((devices) => this.desk.setDevices(devices))
  }
  #state: StudioState = 'idle'
  #facts: BroadcastFacts | null = null
  #refusal: NearcastError | null = null
  #problems: readonly CaptureProblem[] = []
  #trouble: Trouble | null = null
  #broadcast: BroadcastView | null = null
  #publisher: Publisher | null = null
  #cancelLook: CancelTimer | null = null
  #closed = false

  constructor(options: StudioOptions) {
    super()
    this.#options = options
    this.desk = new MediaDesk(options.clock ?? systemClock)
    this.desk.on('tracks', () => void this.#publisher?.setTracks(this.desk.tracks).catch(() => {}))
    this.desk.on('status', () => this.#publisher?.setStatus(this.desk.status))
    this.desk.on('problem', (problem) => this.#note([problem]))
    this.desk.on('change', () => this.emit('change'))
  }

  get view(): StudioView {
    const { url, broadcastId } = this.#options
    return {
      state: this.#state,
      title: this.#broadcast?.title ?? this.#facts?.title ?? '',
      watchUrl: this.#facts?.urls.watch ?? `${url}/watch/${broadcastId}`,
      refusal: this.#refusal,
      problems: this.#problems,
      trouble: this.#trouble,
      endsAt: this.#publisher?.endsAt ?? null,
      broadcast: this.#broadcast,
      recording: this.#recording,
      desk: this.desk,
    }
  }

  /** The way of the chat; null before the first connection. */
  get chat(): ChatLine | null {
    return this.#publisher?.chat ?? null
  }

  /** One MP4 of what was recorded. */
  get downloadUrl(): string {
    const { url, broadcastId } = this.#options
    return `${url}/api/broadcasts/${broadcastId}/recording.mp4`
  }

  /** For the doctor's probes; null while nothing is published. */
  get door(): ProbeDoor | null {
    return this.#publisher?.door ?? null
  }

  /** What is really sent; null while nothing is. */
  async getStats(): Promise<RTCStatsReport | null> {
    return (await this.#publisher?.getStats()) ?? null
  }

  /** Learns what the broadcast is, opens the devices, and goes on by itself with one that was live before a reload. */
  async open(): Promise<void> {
    try {
      this.#facts = await fetchFacts(this.#options)
      if (this.#facts.state !== 'ended') await checkKey(this.#options)
    } catch (error) {
      this.#refuse(error instanceof NearcastError ? error : new NearcastError('internal'))
      return
    }
    if (this.#facts.state === 'ended') {
      this.#set('ended')
      return
    }
    navigator.mediaDevices?.addEventListener('devicechange', this.#listDevices)
    await this.openDevices()
    // A second tab must not take a running broadcast over without a click; one that nobody sends is anyone's to resume.
    const { state } = this.#facts
    if (state === 'interrupted' || (state === 'live' && wasSendingHere(this.#options.broadcastId))) this.goLive()
  }

  /** Asks for camera and microphone; again after the person mended what was wrong. */
  async openDevices(): Promise<void> {
    try {
      this.#note(await this.desk.open())
    } catch (error) {
      this.#note([captureProblem('camera', error)])
      return
    }
    if (this.#state === 'idle') this.#set('preview')
  }

  goLive(): void {
    if (this.#publisher || !this.desk.hasTracks) return
    const { url, broadcastId, publishKey, relayOnly } = this.#options
    const { tracks, status } = this.desk
    const publisher = Publisher.create({ url, broadcastId, publishKey, relayOnly, tracks, status })
    this.#publisher = publisher
    publisher.on('state', (state) => this.#follow(state))
    publisher.on('broadcast', (broadcast) => {
      this.#broadcast = broadcast
      this.audience.add(this.now(), broadcast.viewers)
      this.emit('change')
    })
    publisher.on('trouble', (trouble) => {
      this.#trouble = trouble
      this.emit('change')
    })
    publisher.on('outage', () => this.emit('change'))
    markSendingHere(broadcastId, true)
    this.#set('connecting')
  }

  /** Ends the broadcast for everyone. Rejects when the server could not be told. */
  async end(): Promise<void> {
    await this.#publisher?.end()
  }

  /** Runs one of the desk's commands; what goes wrong becomes a problem that the page shows. */
  async command(device: CaptureProblem['device'], task: () => Promise<void>): Promise<void> {
    try {
      await task()
      this.#note(this.#problems.filter((problem) => problem.device !== device))
    } catch (error) {
      const problem = captureProblem(device, error)
      if (problem.kind !== 'cancelled') this.#note([problem])
    }
  }

  /** The page goes away: the broadcast is interrupted, not ended. */
  close(): void {
    this.#closed = true
    this.#cancelLook?.()
    this.removeAllListeners()
    navigator.mediaDevices?.removeEventListener('devicechange', this.#listDevices)
    this.#publisher?.close()
    this.desk.close()
  }

  /** What the server said last, by whatever way. */
  get #recording(): RecordingState {
    if (this.#state === 'ended') return this.#facts?.recording ? 'kept' : 'off'
    return this.#broadcast?.recording ?? (this.#facts?.record ? 'on' : 'off')
  }

  #follow(state: PublisherState): void {
    if (state.kind === 'refused') {
      this.#refuse(state.error)
      return
    }
    if (state.kind === 'live') this.#trouble = null
    this.#set(state.kind)
    if (state.kind !== 'ended') return
    markSendingHere(this.#options.broadcastId, false)
    this.desk.close()
    void this.#lookForRecording(RECORDING_LOOKS)
  }

  /** It is finished a moment after the broadcast. */
  async #lookForRecording(looks: number): Promise<void> {
    this.#facts = await fetchFacts(this.#options).catch(() => this.#facts)
    this.emit('change')
    if (this.#closed || looks === 0 || !this.#facts?.record || this.#facts.recording) return
    const clock = this.#options.clock ?? systemClock
    this.#cancelLook = clock.after(RECORDING_LOOK_MS, () => void this.#lookForRecording(looks - 1))
  }

  #refuse(error: NearcastError): void {
    this.#refusal = error
    markSendingHere(this.#options.broadcastId, false)
    this.#publisher?.close()
    this.desk.close()
    this.#set(error.code === 'broadcast-ended' ? 'ended' : 'idle')
  }

  #note(problems: readonly CaptureProblem[]): void {
    // What was still being opened when the desk closed is nobody's problem any more.
    if (this.desk.isClosed) return
    this.#problems = problems
    this.#listDevices()
    this.emit('change')
  }

  #set(state: StudioState): void {
    this.#state = state
    this.emit('change')
  }
}

/** Rejects with the API's error, or `internal` when the server cannot be reached. */
async function fetchFacts({ url, broadcastId }: StudioOptions): Promise<BroadcastFacts> {
  const response = await fetch(`${url}/api/broadcasts/${encodeURIComponent(broadcastId)}`).catch(() => null)
  if (response?.ok) return response.json()
  const body: { error?: ErrorBody } = (await response?.json().catch(() => null)) ?? {}
  const { code, message } = body.error ?? {}
  throw new NearcastError(code !== undefined && isErrorCode(code) ? code : 'internal', message)
}
