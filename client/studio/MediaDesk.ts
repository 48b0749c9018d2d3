/** In charge of what is captured: camera, microphone, shared screen, what is switched off, and stand-ins for what is gone. */
import type { Params } from '../../shared/signaling.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { recall, remember } from '../lib/storage.ts'
import {
  type DeviceChoice,
  type Devices,
  openCamera,
  openDevices,
  openMicrophone,
  openScreen,
} from '../publish/capture.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { Tracks } from '../publish/SendTransport.ts'
import { blackVideo, type StandIn, silentAudio } from '../publish/standIns.ts'

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

/** Where the chosen devices are remembered. */
const CHOICE_KEY = 'nearcast-devices'

export class MediaDesk extends Emitter<Events> {
  readonly #clock: Clock
  #choice: DeviceChoice = readChoice()
  #devices: Devices = { cameras: [], microphones: [] }
  #camera: MediaStreamTrack | null = null
  #microphone: MediaStreamTrack | null = null
  #screen: MediaStreamTrack | null = null
  #standIns: { camera?: StandIn; microphone?: StandIn } = {}
  #muted = false
  #cameraOff = false

  constructor(clock: Clock) {
    super()
    this.#clock = clock
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
  async open(): Promise<readonly CaptureProblem[]> {
    const { camera, microphone, problems } = await openDevices(this.#choice)
    this.#takeCamera(camera)
    this.#takeMicrophone(microphone)
    this.#changed()
    return problems
  }

  setDevices(devices: Devices): void {
    this.#devices = devices
    this.emit('change')
  }

  async chooseCamera(id: string | undefined): Promise<void> {
    this.#remember({ ...this.#choice, camera: id })
    // Phones open one camera at a time: the one in use goes first, and black stands in for the moment.
    const former = this.inUse.camera
    const size = this.#camera?.getSettings()
    this.#standIn('camera', () => blackVideo({ ...FALLBACK_SIZE, ...pick(size) }, this.#clock))
    this.#takeCamera(null)
    this.emit('tracks')
    try {
      this.#takeCamera(await openCamera(id))
    } catch (error) {
      if (former !== '' && former !== id) this.#takeCamera(await openCamera(former).catch(() => null))
      throw error
    } finally {
      this.#changed()
      this.emit('status')
    }
  }

  async chooseMicrophone(id: string | undefined): Promise<void> {
    this.#remember({ ...this.#choice, microphone: id })
    this.#takeMicrophone(await openMicrophone(id))
    this.#changed()
    this.emit('status')
  }

  /** The next camera there is: front and back on a phone. */
  async switchCamera(): Promise<void> {
    const { cameras } = this.#devices
    const current = cameras.findIndex(({ id }) => id === this.inUse.camera)
    await this.chooseCamera(cameras[(current + 1) % Math.max(1, cameras.length)]?.id)
  }

  async shareScreen(): Promise<void> {
    const screen = await openScreen()
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
    if (!this.#camera) this.#standIn('camera', () => blackVideo(FALLBACK_SIZE, this.#clock))
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
    for (const track of [this.#camera, this.#microphone, this.#screen]) track?.stop()
    this.#standIns.camera?.close()
    this.#standIns.microphone?.close()
    this.#standIns = {}
    this.#camera = this.#microphone = this.#screen = null
    this.emit('change')
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
      this.#standIn('camera', () => blackVideo(size, this.#clock))
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
    this.#standIns[device] ??= make()
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

  #remember(choice: DeviceChoice): void {
    this.#choice = choice
    remember('browser', CHOICE_KEY, JSON.stringify(choice))
  }
}

function readChoice(): DeviceChoice {
  try {
    const { camera, microphone }: Record<string, unknown> = JSON.parse(recall('browser', CHOICE_KEY) ?? '{}')
    return {
      ...(typeof camera === 'string' ? { camera } : {}),
      ...(typeof microphone === 'string' ? { microphone } : {}),
    }
  } catch {
    return {}
  }
}

function pick(settings: MediaTrackSettings | undefined): { width?: number; height?: number } {
  const { width, height } = settings ?? {}
  return width && height ? { width, height } : {}
}
