/** In charge of the seats of one broadcast: two lines, WebRTC and MSE, what each viewer may have now, and telling it. */
import { NearcastError } from '../../shared/errors.ts'
import type { SeatWishes } from '../../shared/signaling.ts'
import { SeatLine } from '../delivery/seatPolicy.ts'
import type { Viewer } from '../delivery/Viewer.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Trailing } from '../lib/Trailing.ts'
import type { SeatCounters } from './seatCounters.ts'

export interface SeatLimits {
  /** Viewers of the broadcast with WebRTC at once. */
  readonly webrtc: number
  /** Viewers of the broadcast on MSE at once. */
  readonly mse: number
  /** Whether the server takes one more MSE socket, of whatever broadcast. */
  mseHasRoom(): boolean
}

export interface SeatsOptions {
  readonly limits: SeatLimits
  readonly counters: SeatCounters
  readonly clock: Clock
}

/** Where the picture comes from now, as far as seats depend on it. */
export interface SeatSource {
  /** Whether there is something to consume over WebRTC. */
  readonly isSending: boolean
  /** Whether its worker carries further viewers. */
  readonly hasRoom: boolean
}

/** Milliseconds after which those who want no seat are told that there are some again, or none: no news for them. */
const ROOM_INTERVAL = 1_000

/** Milliseconds between two looks whether the server takes MSE sockets again, while somebody waits for that. */
const MSE_ROOM_INTERVAL = 1_000

/** Sockets of one viewer: one, and for a moment a second that takes its place. */
const MAX_SOCKETS = 2

/** Somebody without a signaling session. */
type Guest = symbol

export class Seats {
  readonly #options: SeatsOptions
  readonly #webrtc: SeatLine<Viewer>
  readonly #mse: SeatLine<Viewer | Guest>
  readonly #wishes = new Map<Viewer, SeatWishes>()
  /** Sockets of the MSE push that each viewer has: one, and for a moment a second. */
  readonly #sockets = new Map<Viewer, number>()
  readonly #tellAll: Trailing
  #cancelWake: CancelTimer | null = null
  #closed = false

  constructor(options: SeatsOptions) {
    this.#options = options
    this.#webrtc = new SeatLine(options.limits.webrtc)
    this.#mse = new SeatLine(options.limits.mse)
    this.#webrtc.setRunning(false, options.clock.now())
    this.#tellAll = new Trailing(ROOM_INTERVAL, options.clock, () => {
      for (const viewer of this.#wishes.keys()) this.#tell(viewer)
    })
  }

  /** Viewers who wait for WebRTC. */
  get waiting(): number {
    return this.#webrtc.waiting
  }

  /** Viewers who have WebRTC, or are about to. */
  get taken(): number {
    return this.#webrtc.used
  }

  /** A viewer is there, and takes its place in line; what it wants follows. */
  enter(viewer: Viewer): void {
    this.#wishes.set(viewer, { webrtc: false, mse: false })
    this.#webrtc.enter(viewer)
    this.#mse.enter(viewer)
  }

  /** What it can use and wants. */
  want(viewer: Viewer, wishes: SeatWishes): void {
    if (!this.#wishes.has(viewer)) return
    this.#wishes.set(viewer, wishes)
    this.#webrtc.want(viewer, wishes.webrtc, this.#options.clock.now())
    this.#settle(viewer)
  }

  leave(viewer: Viewer): void {
    this.#wishes.delete(viewer)
    this.#sockets.delete(viewer)
    this.#webrtc.leave(viewer)
    this.#mse.leave(viewer)
    this.#settle()
  }

  /** Takes its WebRTC seat; throws `no-seat` when it may have none. */
  takeWebRtc(viewer: Viewer): void {
    const taken = this.#webrtc.use(viewer, this.#options.clock.now())
    this.#settle(viewer)
    if (!taken) throw this.#refusal('webrtc')
  }

  /** @param worked a connection stood */
  giveWebRtcBack(viewer: Viewer, worked: boolean): void {
    this.#webrtc.release(viewer, worked, this.#options.clock.now())
    this.#settle(viewer)
  }

  /** A socket of the MSE push until the returned function is called. Throws `no-seat`. */
  takeMse(viewer: Viewer | null): () => void {
    const release = viewer === null ? this.#seatGuest() : this.#seatSocket(viewer)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      release()
    }
  }

  /** The source has changed, or its worker has. */
  follow({ isSending, hasRoom }: SeatSource): void {
    if (this.#closed) return
    this.#webrtc.isOpen = hasRoom
    this.#webrtc.setRunning(isSending, this.#options.clock.now())
    this.#settle()
    // A worker that is busy takes promises back.
    for (const viewer of this.#wishes.keys()) this.#tell(viewer)
  }

  close(): void {
    this.#closed = true
    this.#cancelWake?.()
    this.#tellAll.close()
  }

  #seatGuest(): () => void {
    const guest: Guest = Symbol('guest')
    this.#mse.enter(guest)
    const taken = this.#mse.use(guest, this.#options.clock.now())
    if (!taken) this.#mse.leave(guest)
    this.#settle()
    if (!taken) throw this.#refusal('mse')
    return () => {
      this.#mse.leave(guest)
      this.#settle()
    }
  }

  #seatSocket(viewer: Viewer): () => void {
    const before = this.#sockets.get(viewer) ?? 0
    if (before >= MAX_SOCKETS) throw new NearcastError('too-many-connections')
    const taken = before > 0 || this.#mse.use(viewer, this.#options.clock.now())
    if (taken) this.#sockets.set(viewer, before + 1)
    this.#settle(viewer)
    if (!taken) throw this.#refusal('mse')
    return () => {
      if (!this.#wishes.has(viewer)) return
      const left = (this.#sockets.get(viewer) ?? 1) - 1
      this.#sockets.set(viewer, left)
      if (left === 0) this.#mse.release(viewer, true, this.#options.clock.now())
      this.#settle(viewer)
    }
  }

  #refusal(seat: 'webrtc' | 'mse'): NearcastError {
    this.#options.counters.refused.inc({ seat })
    return new NearcastError('no-seat')
  }

  /** Passes on what can be, and tells whom it concerns. */
  #settle(changed?: Viewer): void {
    if (this.#closed) return
    const { clock, limits, counters } = this.#options
    const now = clock.now()
    const concerned = new Set<Viewer | Guest>(changed === undefined ? [] : [changed])
    const webrtc = this.#webrtc.settle(now)
    for (const viewer of [...webrtc.promoted, ...webrtc.lapsed]) concerned.add(viewer)
    for (const viewer of concerned) if (typeof viewer !== 'symbol') this.#wantMse(viewer, now)
    this.#mse.isOpen = limits.mseHasRoom()
    const mse = this.#mse.settle(now)
    for (const viewer of [...mse.promoted, ...mse.lapsed]) concerned.add(viewer)
    counters.promoted.inc({ seat: 'webrtc' }, webrtc.promoted.length)
    counters.promoted.inc({ seat: 'mse' }, mse.promoted.length)
    counters.lapsed.inc({ seat: 'webrtc' }, webrtc.lapsed.length)
    counters.lapsed.inc({ seat: 'mse' }, mse.lapsed.length)
    for (const viewer of concerned) if (typeof viewer !== 'symbol') this.#tell(viewer)
    this.#tellAll.call()
    this.#plan(now)
  }

  /** Who has WebRTC, or only needs to take it, needs no seat on MSE. */
  #wantMse(viewer: Viewer, now: number): void {
    const wishes = this.#wishes.get(viewer)
    if (wishes) this.#mse.want(viewer, wishes.mse && !this.#webrtc.isServed(viewer), now)
  }

  #tell(viewer: Viewer): void {
    viewer.maySit({ webrtc: this.#webrtc.may(viewer), mse: this.#mse.may(viewer) })
  }

  #plan(now: number): void {
    this.#cancelWake?.()
    const waitsForServer = this.#mse.waiting > 0 && !this.#options.limits.mseHasRoom()
    const next = Math.min(
      this.#webrtc.wakeAt(now) ?? Number.POSITIVE_INFINITY,
      this.#mse.wakeAt(now) ?? Number.POSITIVE_INFINITY,
      waitsForServer ? now + MSE_ROOM_INTERVAL : Number.POSITIVE_INFINITY,
    )
    this.#cancelWake = Number.isFinite(next) ? this.#options.clock.after(next - now, () => this.#settle()) : null
  }
}
