/** In charge of what is captured: camera, microphone and shared screen, which of them are chosen, and which switched off. */
import type { Params } from '../../shared/signaling.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { SerialQueue } from '../lib/SerialQueue.ts'
import {
  type CameraChoice,
  type Devices,
  openCamera,
  openDevices,
  openMicrophone,
  openScreen,
} from '../publish/capture.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { Size } from '../publish/encodings.ts'
import { type Facing, facingOf, otherFacing } from '../publish/facing.ts'
import type { Tracks } from '../publish/SendTransport.ts'
import { blackVideo, silentAudio } from '../publish/standIns.ts'
import { DeviceSlot } from './DeviceSlot.ts'
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

const FALLBACK_SIZE: Size = { width: 1280, height: 720 }

export class MediaDesk extends Emitter<Events> {
  /** Devices are opened one after the other: of two quick choices the later one counts, however long either takes. */
  readonly #choices = new SerialQueue()
  readonly #camera: DeviceSlot
  readonly #microphone: DeviceSlot
  #choice = keptDevices()
  #devices: Devices = { cameras: [], microphones: [] }
  #screen: MediaStreamTrack | null = null
  #isClosed = false

  constructor(clock: Clock) {
    super()
    // Black in the size of what it stands in for, so that no parameter set changes.
    this.#camera = new DeviceSlot(clock, (settings) => blackVideo(sizeIn(settings)))
    this.#microphone = new DeviceSlot(clock, silentAudio)
    this.#camera.on('lost', () => this.#lost('camera'))
    this.#microphone.on('lost', () => this.#lost('microphone'))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get devices(): Devices {
    return this.#devices
  }

  /** Ids of the devices in use, empty where there is none. */
  get inUse(): { camera: string; microphone: string } {
    return { camera: this.#camera.id, microphone: this.#microphone.id }
  }

  get microphone(): MediaStreamTrack | null {
    return this.#microphone.device
  }

  get hasTracks(): boolean {
    return this.tracks.video !== null || this.tracks.audio !== null
  }

  get hasCamera(): boolean {
    return this.#camera.device !== null
  }

  get tracks(): Tracks {
    return {
      video: this.#screen ?? this.#camera.track,
      audio: this.#microphone.track,
      screen: this.#screen !== null,
      music: this.music,
    }
  }

  /** Whether the microphone is taken as it sounds, in stereo. */
  get music(): boolean {
    return this.#choice.music ?? false
  }

  /** Which way the camera in use looks; null for a webcam. */
  get facing(): Facing | null {
    const { device, id } = this.#camera
    if (!device) return null
    const { facingMode } = device.getSettings()
    const listed = this.#devices.cameras.find((camera) => camera.id === id)
    return facingOf(device.label, facingMode ? [facingMode] : []) ?? listed?.facing ?? null
  }

  /** The way that the other camera of a phone looks; null where there is none. */
  get otherFacing(): Facing | null {
    return otherFacing(this.#devices.cameras, this.facing)
  }

  /** What the person switched off. */
  get switchedOff(): { camera: boolean; microphone: boolean } {
    return { camera: this.#camera.isOff, microphone: this.#microphone.isOff }
  }

  /** As viewers are told: to them a camera that is gone is off, and a microphone that is gone is muted. */
  get status(): Params<'publish:status'> {
    return {
      muted: this.#microphone.isOff || this.#microphone.isGone,
      cameraOff: this.#screen === null && (this.#camera.isOff || this.#camera.isGone),
      screen: this.#screen !== null,
    }
  }

  /** Opens camera and microphone. Resolves with what could not be opened; rejects when nothing could. */
  open(): Promise<readonly CaptureProblem[]> {
    return this.#choices.push(async () => {
      const { camera, microphone, problems } = await openDevices(this.#choice)
      this.#refuseLate(camera, microphone)
      this.#camera.take(camera)
      this.#microphone.take(microphone)
      this.#changed()
      return problems
    })
  }

  setDevices(devices: Devices): void {
    this.#devices = devices
    this.emit('change')
  }

  chooseCamera(id: string | undefined): Promise<void> {
    return this.#choices.push(() => this.#replaceCamera({ camera: id }))
  }

  /** The other camera of a phone, else the next one there is. */
  switchCamera(): Promise<void> {
    return this.#choices.push(() => {
      const facing = this.otherFacing
      if (facing) return this.#replaceCamera({ facing })
      const { cameras } = this.#devices
      const current = cameras.findIndex(({ id }) => id === this.inUse.camera)
      return this.#replaceCamera({ camera: cameras[(current + 1) % Math.max(1, cameras.length)]?.id })
    })
  }

  chooseMicrophone(id: string | undefined): Promise<void> {
    return this.#choices.push(async () => {
      this.#choice = keepDevices({ ...this.#choice, microphone: id })
      await this.#openMicrophone()
      this.#changed()
      this.emit('status')
    })
  }

  /** Opens the microphone anew: browsers do not change the processing of one that is open. */
  setMusic(music: boolean): Promise<void> {
    return this.#choices.push(async () => {
      const wasOpen = this.#microphone.device !== null
      if (wasOpen) {
        this.#microphone.release()
        this.emit('tracks')
      }
      this.#choice = keepDevices({ ...this.#choice, music })
      try {
        if (wasOpen) await this.#openMicrophone()
      } finally {
        this.#changed()
        this.emit('status')
      }
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
    if (!this.hasCamera) this.#camera.release()
    this.#changed()
    this.emit('status')
  }

  /** The picture has another size now: a phone was turned, or a shared window was drawn larger. */
  sizeChanged(): void {
    this.emit('tracks')
  }

  setMuted(muted: boolean): void {
    this.#microphone.setOff(muted)
    this.emit('status')
    this.emit('change')
  }

  setCameraOff(off: boolean): void {
    this.#camera.setOff(off)
    this.emit('status')
    this.emit('change')
  }

  /** Gives every device back. */
  close(): void {
    this.#isClosed = true
    this.#choices.close()
    this.#camera.close()
    this.#microphone.close()
    this.#screen?.stop()
    this.#screen = null
    this.emit('change')
  }

  async #replaceCamera(choice: CameraChoice): Promise<void> {
    const { camera: _camera, facing: _facing, ...others } = this.#choice
    this.#choice = keepDevices({ ...others, ...choice })
    // Phones open one camera at a time: the one in use goes first, and black stands in for the moment.
    const former = this.inUse.camera
    this.#camera.release()
    this.emit('tracks')
    try {
      await this.#openCamera(choice)
    } catch (error) {
      const isAnother = former !== '' && former !== choice.camera
      if (isAnother && !this.#isClosed) await this.#openCamera({ camera: former }).catch(() => {})
      throw error
    } finally {
      this.#changed()
      this.emit('status')
    }
  }

  async #openCamera(choice: CameraChoice): Promise<void> {
    const camera = await openCamera(choice)
    this.#refuseLate(camera)
    this.#camera.take(camera)
  }

  async #openMicrophone(): Promise<void> {
    const microphone = await openMicrophone(this.#choice)
    this.#refuseLate(microphone)
    this.#microphone.take(microphone)
  }

  /** Throws once the desk is closed, and gives these back: nothing else would ever switch them off. */
  #refuseLate(...tracks: (MediaStreamTrack | null)[]): void {
    if (!this.#isClosed) return
    for (const track of tracks) track?.stop()
    throw new Error('the desk is closed')
  }

  #lost(device: 'camera' | 'microphone'): void {
    this.#changed()
    this.emit('status')
    this.emit('problem', { device, kind: 'lost' })
  }

  #changed(): void {
    this.emit('tracks')
    this.emit('change')
  }
}

function sizeIn({ width, height }: MediaTrackSettings): Size {
  return width && height ? { width, height } : FALLBACK_SIZE
}
