/** In charge of one device: its track, what is sent in its place while it is gone, and whether it is switched off. */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { StandIn } from '../publish/standIns.ts'

type Events = {
  /** It went away while in use; the stand-in has taken over. */
  lost: []
}

/** Milliseconds that a stand-in outlives its use: longer than replacing a track takes. */
const LINGER = 2000

export class DeviceSlot extends Emitter<Events> {
  readonly #clock: Clock
  readonly #makeStandIn: (settings: MediaTrackSettings) => StandIn
  readonly #leaving = new Map<StandIn, CancelTimer>()
  #device: MediaStreamTrack | null = null
  #settings: MediaTrackSettings = {}
  #standIn: StandIn | null = null
  #isOff = false
  #isClosed = false

  /** `makeStandIn` gets the settings of the last device there was. */
  constructor(clock: Clock, makeStandIn: (settings: MediaTrackSettings) => StandIn) {
    super()
    this.#clock = clock
    this.#makeStandIn = makeStandIn
  }

  get device(): MediaStreamTrack | null {
    return this.#device
  }

  /** What there is to send. */
  get track(): MediaStreamTrack | null {
    return this.#device ?? this.#standIn?.track ?? null
  }

  /** Id of the device in use, empty where there is none. */
  get id(): string {
    return this.#device?.getSettings().deviceId ?? ''
  }

  get isOff(): boolean {
    return this.#isOff
  }

  /** Whether something else is sent in its place. */
  get isGone(): boolean {
    return this.#device === null && this.#standIn !== null
  }

  /** From now on it is this device; null leaves it without one, and without a stand-in. */
  take(device: MediaStreamTrack | null): void {
    this.#device?.stop()
    this.#device = device
    if (!device) return
    this.#settings = device.getSettings()
    device.enabled = !this.#isOff
    this.#dropStandIn()
    device.addEventListener('ended', () => {
      if (this.#device !== device) return
      this.release()
      this.emit('lost')
    })
  }

  /** Gives the device back; a stand-in takes over, since a stream must not fall silent. */
  release(): void {
    if (this.#isClosed) return
    if (this.#device) this.#settings = this.#device.getSettings()
    this.#standIn ??= this.#makeStandIn(this.#settings)
    this.take(null)
  }

  /** Switched off means black frames and silence, never a stream that stops: HTTP delivery would freeze. */
  setOff(off: boolean): void {
    this.#isOff = off
    if (this.#device) this.#device.enabled = !off
  }

  close(): void {
    this.#isClosed = true
    this.removeAllListeners()
    this.take(null)
    for (const [standIn, cancel] of this.#leaving) {
      cancel()
      standIn.close()
    }
    this.#leaving.clear()
    this.#standIn?.close()
    this.#standIn = null
  }

  /** Not before the track that takes its place is being sent. */
  #dropStandIn(): void {
    const standIn = this.#standIn
    this.#standIn = null
    if (!standIn) return
    const close = () => {
      this.#leaving.delete(standIn)
      standIn.close()
    }
    this.#leaving.set(standIn, this.#clock.after(LINGER, close))
  }
}
