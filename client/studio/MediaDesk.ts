/** In charge of what is captured: camera, microphone, shared screen, what is switched off, and stand-ins for what is gone. */
import type { Params } from '../../shared/signaling.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import { type Devices, openCamera, openDevices, openMicrophone, openScreen } from '../publish/capture.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { Tracks } from '../publish/SendTransport.ts'
import { blackVideo, type StandIn, silentAudio } from '../publish/standIns.ts'
import { keepDevices, keptDevices } from './keptDevices.ts'

type Events = {
  /** Other tracks should be sent. */
  tracks: []
  /** What is switched off changed. */
  status: []
  /** A device went away while in use. */
  problem: [CaptureProblem]
  /** Anything that the page shows. */
  change: []
}

const FALLBACK_SIZE = { width: 1280, height: 720 }

export class MediaDesk extends Emitter<Events> {
  readonly #clock: Clock
  /** Devices are opened one after the other: of two quick choices the later one counts, however long either takes. */
  readonly #choices = new SerialQueue()
  #choice = keptDevices()
  #devices: Devices = { cameras: [], microphones: [] }
  #camera: MediaStreamTrack | null = null
  #microphone: MediaStreamTrack | null = null
  #screen: MediaStreamTrack | null = null
  #standIns: { camera?: StandIn; microphone?: StandIn } = {}
  #muted = false
  #cameraOff = false
  #isClosed = false

  constructor(clock: Clock) {
    super()
    this.#clock = clock
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get devices(): Devices {
    return this.#devices
  }

  /** Ids of the devices in use, empty where there is none. */
  get inUse(): { camera: string; microphone: string } {
    return {
      camera: this.#camera?.getSettings().deviceId ?? '',
      microphone: this.#microphone?.getSettings().deviceId ?? '',
    }
  }

  get microphone(): MediaStreamTrack | null {
    return this.#microphone
  }

  get hasTracks(): boolean {
    return this.tracks.video !== null || this.tracks.audio !== null
  }

  get hasCamera(): boolean {
    return this.#camera !== null
  }

  get tracks(): Tracks {
    return {
      video: this.#screen ?? this.#camera ?? this.#standIns.camera?.track ?? null,
      audio: this.#microphone ?? this.#standIns.microphone?.track ?? null,
      screen: this.#screen !== null,
    }
  }

  /** What the person switched off. */
  get switchedOff(): { camera: boolean; microphone: boolean } {
    return { camera: this.#cameraOff, microphone: this.#muted }
  }

  /** As viewers are told: to them a camera that is gone is off, and a microphone that is gone is muted. */
  get status(): Params<'publish:status'> {
    const isCameraGone = this.#camera === null && this.#standIns.camera !== undefined
    const isMicrophoneGone = this.#microphone === null && this.#standIns.microphone !== undefined
    return {
      muted: this.#muted || isMicrophoneGone,
      cameraOff: this.#screen === null && (this.#cameraOff || isCameraGone),
      screen: this.#screen !== null,
    }
  }

  /** Opens camera and microphone. Resolves with what could not be opened; rejects when nothing could. */
  open(): Promise<readonly CaptureProblem[]> {
    return this.#choices.push(async () => {
      const { camera, microphone, problems } = await openDevices(this.#choice)
      this.#refuseLate(camera, microphone)
      this.#takeCamera(camera)
      this.#takeMicrophone(microphone)
      this.#changed()
      return problems
    })
  }

  setDevices(devices: Devices): void {
    this.#devices = devices
    this.emit('change')
  }

  chooseCamera(id: string | undefined): Promise<void> {
    return this.#choices.push(() => this.#replaceCamera(id))
  }

  chooseMicrophone(id: string | undefined): Promise<void> {
    return this.#choices.push(async () => {
      this.#choice = keepDevices({ ...this.#choice, microphone: id })
      const microphone = await openMicrophone(id)
      this.#refuseLate(microphone)
      this.#takeMicrophone(microphone)
      this.#changed()
      this.emit('status')
    })
  }

  /** The next camera there is: front and back on a phone. */
  switchCamera(): Promise<void> {
    return this.#choices.push(() => {
      const { cameras } = this.#devices
      const current = cameras.findIndex(({ id }) => id === this.inUse.camera)
      return this.#replaceCamera(cameras[(current + 1) % Math.max(1, cameras.length)]?.id)
    })
  }

  /** Not behind the other choices: browsers show the question only right after a click. */
  async shareScreen(): Promise<void> {
    const screen = await openScreen()
    this.#refuseLate(screen)
    this.#screen?.stop()
    this.#screen = screen
    // The browser's own *Stop sharing* ends the track.
    screen.addEventListener('ended', () => {
      if (this.#screen === screen) this.stopSharing()
    })
    this.#changed()
    this.emit('status')
  }

  /** Back to the camera. */
  stopSharing(): void {
    this.#screen?.stop()
    this.#screen = null
    // Whoever shared a screen without having a camera goes on in black: a stream must not fall silent.
    if (!this.#camera) this.#standIn('camera', () => blackVideo(FALLBACK_SIZE))
    this.#changed()
    this.emit('status')
  }

  setMuted(muted: boolean): void {
    this.#muted = muted
    this.#applySwitches()
    this.emit('status')
    this.emit('change')
  }

  setCameraOff(off: boolean): void {
    this.#cameraOff = off
    this.#applySwitches()
    this.emit('status')
    this.emit('change')
  }

  /** Gives every device back. */
  close(): void {
    this.#isClosed = true
    this.#choices.close()
    for (const track of [this.#camera, this.#microphone, this.#screen]) track?.stop()
    this.#standIns.camera?.close()
    this.#standIns.microphone?.close()
    this.#standIns = {}
    this.#camera = this.#microphone = this.#screen = null
    this.emit('change')
  }

  async #replaceCamera(id: string | undefined): Promise<void> {
    this.#choice = keepDevices({ ...this.#choice, camera: id })
    // Phones open one camera at a time: the one in use goes first, and black stands in for the moment.
    const former = this.inUse.camera
    const size = this.#camera?.getSettings()
    this.#standIn('camera', () => blackVideo({ ...FALLBACK_SIZE, ...pick(size) }))
    this.#takeCamera(null)
    this.emit('tracks')
    try {
      await this.#openCamera(id)
    } catch (error) {
      if (former !== '' && former !== id && !this.#isClosed) await this.#openCamera(former).catch(() => {})
      throw error
    } finally {
      this.#changed()
      this.emit('status')
    }
  }

  async #openCamera(id: string | undefined): Promise<void> {
    const camera = await openCamera(id)
    this.#refuseLate(camera)
    this.#takeCamera(camera)
  }

  /** Throws once the desk is closed, and gives these back: nothing else would ever switch them off. */
  #refuseLate(...tracks: (MediaStreamTrack | null)[]): void {
    if (!this.#isClosed) return
    for (const track of tracks) track?.stop()
    throw new Error('the desk is closed')
  }

  #takeCamera(track: MediaStreamTrack | null): void {
    this.#camera?.stop()
    this.#camera = track
    if (!track) return
    this.#dropStandIn('camera')
    const size = { ...FALLBACK_SIZE, ...pick(track.getSettings()) }
    track.addEventListener('ended', () => {
      if (this.#camera !== track) return
      this.#camera = null
      this.#standIn('camera', () => blackVideo(size))
      this.#changed()
      this.emit('status')
      this.emit('problem', { device: 'camera', kind: 'lost' })
    })
  }

  #takeMicrophone(track: MediaStreamTrack | null): void {
    this.#microphone?.stop()
    this.#microphone = track
    if (!track) return
    this.#dropStandIn('microphone')
    track.addEventListener('ended', () => {
      if (this.#microphone !== track) return
      this.#microphone = null
      this.#standIn('microphone', silentAudio)
      this.#changed()
      this.emit('status')
      this.emit('problem', { device: 'microphone', kind: 'lost' })
    })
  }

  #standIn(device: 'camera' | 'microphone', make: () => StandIn): void {
    if (!this.#isClosed) this.#standIns[device] ??= make()
  }

  #dropStandIn(device: 'camera' | 'microphone'): void {
    const standIn = this.#standIns[device]
    delete this.#standIns[device]
    // Not before the track that takes its place is being sent.
    if (standIn) this.#clock.after(2000, () => standIn.close())
  }

  #changed(): void {
    this.#applySwitches()
    this.emit('tracks')
    this.emit('change')
  }

  /** Switched off means black frames and silence, never a stream that stops: HTTP delivery would freeze. */
  #applySwitches(): void {
    if (this.#microphone) this.#microphone.enabled = !this.#muted
    if (this.#camera) this.#camera.enabled = !this.#cameraOff
  }
}

function pick(settings: MediaTrackSettings | undefined): { width?: number; height?: number } {
  const { width, height } = settings ?? {}
  return width && height ? { width, height } : {}
}
