/** Who watches a broadcast: viewers by their session, and players without our signaling by a session in their URLs. */
import type { ViewerCounts } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { PlayerTransport, SeatWishes } from '../../shared/signaling.ts'
import { newViewerSession } from '../auth/keys.ts'
import { Viewer, type ViewerFeed } from '../delivery/Viewer.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import { HttpSessions } from './HttpSessions.ts'
import { type SeatLimits, Seats } from './Seats.ts'
import { SyncGroup } from './SyncGroup.ts'
import type { SeatCounters } from './seatCounters.ts'

interface AudienceOptions {
  feed: Pick<ViewerFeed, 'router' | 'producers'>
  /** Viewer sessions at once. */
  maxViewers: number
  seats: SeatLimits
  seatCounters: SeatCounters
  clock: Clock
  log: Logger
}

interface Events extends Record<string, unknown[]> {
  changed: []
}

/** Sockets of a viewer: one of each kind, and for a moment the dead one that it came back from. */
interface Holders {
  signaling: number
  push: number
}

/** Milliseconds a viewer whose socket dropped keeps its seat. */
const LINGER = 5_000

export class Audience extends TypedEmitter<Events> implements ViewerFeed {
  readonly seats: Seats
  /** Viewers who want to show the same instant. */
  readonly inStep: SyncGroup<Viewer>
  readonly #options: AudienceOptions
  readonly #viewers = new Map<string, Viewer>()
  readonly #lingering = new Map<Viewer, CancelTimer>()
  readonly #byToken = new Map<string, Viewer>()
  readonly #holders = new Map<Viewer, Holders>()
  readonly #httpSessions: HttpSessions
  /** Sockets of the MSE push that have no signaling session. */
  #mseSockets = 0

  constructor(options: AudienceOptions) {
    super()
    this.#options = options
    const { maxViewers: max, clock } = options
    this.seats = new Seats({ limits: options.seats, counters: options.seatCounters, clock })
    this.inStep = new SyncGroup(clock)
    this.#httpSessions = new HttpSessions({ max, clock, onChanged: () => this.emit('changed') })
  }

  get router(): ViewerFeed['router'] {
    return this.#options.feed.router
  }

  get producers(): ViewerFeed['producers'] {
    return this.#options.feed.producers
  }

  get viewers(): Iterable<Viewer> {
    return this.#viewers.values()
  }

  get isEmpty(): boolean {
    return this.#viewers.size === 0 && this.#httpSessions.size === 0 && this.#mseSockets === 0
  }

  get counts(): ViewerCounts {
    const counts = {
      total: this.#viewers.size + this.#httpSessions.size + this.#mseSockets,
      webrtc: 0,
      mse: this.#mseSockets,
      hls: this.#httpSessions.size,
    }
    for (const { playing } of this.#viewers.values()) {
      if (playing !== null) counts[counted(playing)] += 1
    }
    return counts
  }

  /**
   * Takes up the seat of `session` when it still exists, else a new one. Throws `no-seat` when the room is full. The
   * socket calls `release` once, when it is gone: only the last socket gives the viewer up, at once when it `left`, else
   * unless it comes back within a few seconds or still takes what is pushed.
   */
  join(
    session: string | undefined,
    wants: SeatWishes = { webrtc: true, mse: true },
  ): { viewer: Viewer; release: (left: boolean) => void } {
    const viewer = (session === undefined ? undefined : this.#viewers.get(session)) ?? this.#seat()
    this.seats.want(viewer, wants)
    return { viewer, release: this.#hold(viewer, 'signaling') }
  }

  takeSeat(viewer: Viewer): void {
    this.seats.takeWebRtc(viewer)
  }

  giveSeatBack(viewer: Viewer, worked: boolean): void {
    this.seats.giveWebRtcBack(viewer, worked)
  }

  /** What can be consumed over WebRTC, or the worker that carries it, has changed. */
  sourceChanged(): void {
    const { router, producers } = this
    this.seats.follow({ isSending: producers.length > 0, hasRoom: router?.hasRoom ?? true })
  }

  /** Takes a viewer among those in step, or out of them (null); what they have agreed on then, both in milliseconds. */
  keepInStep(viewer: Viewer, least: number | null): number | null {
    if (least === null) this.inStep.leave(viewer)
    else this.inStep.report(viewer, least)
    return least === null ? null : this.inStep.delay
  }

  /** A player without our signaling asked for a media playlist, whose answer may be held; ignored when the room is full. */
  sawHttpSession(session: string, heldFor = 0): void {
    this.#httpSessions.saw(session, heldFor)
  }

  /**
   * Seats a socket of the MSE push until the returned function is called. One with a viewer's token belongs to that viewer,
   * who stays as long as it is open, and is `left` when the viewer goes; one without is counted as somebody. Throws
   * `no-seat`, `unknown-id` or `too-many-connections`.
   */
  seatMseViewer(token: string | null, left: () => void): () => void {
    if (token === null) return this.#seatGuest()
    const viewer = this.#byToken.get(token)
    if (viewer === undefined) throw new NearcastError('unknown-id')
    const giveBack = this.seats.takeMse(viewer)
    const release = this.#hold(viewer, 'push')
    const forget = viewer.once('closed', left)
    return () => {
      forget()
      giveBack()
      release(false)
    }
  }

  close(reason: string): void {
    this.removeAllListeners()
    this.seats.close()
    for (const viewer of this.#viewers.values()) viewer.close(reason)
    this.#httpSessions.close()
    this.inStep.close()
  }

  #seatGuest(): () => void {
    if (this.#mseSockets >= this.#options.maxViewers) throw new NearcastError('no-seat')
    const giveBack = this.seats.takeMse(null)
    this.#mseSockets += 1
    this.emit('changed')
    return () => {
      giveBack()
      this.#mseSockets -= 1
      this.emit('changed')
    }
  }

  /** A socket keeps the viewer until the returned function is called. */
  #hold(viewer: Viewer, by: keyof Holders): (left: boolean) => void {
    this.#stay(viewer)
    const holders = this.#holders.get(viewer) ?? { signaling: 0, push: 0 }
    this.#holders.set(viewer, holders)
    holders[by] += 1
    return (left) => {
      if (viewer.isClosed) return
      holders[by] -= 1
      if (holders.signaling > 0) return
      if (left) viewer.close('left')
      else if (holders.push === 0) this.#linger(viewer)
    }
  }

  #seat(): Viewer {
    if (this.#viewers.size >= this.#options.maxViewers) throw new NearcastError('no-seat')
    const names = { session: newViewerSession(), pushToken: newViewerSession() }
    const viewer = new Viewer(names, this, this.#options.clock, this.#options.log)
    this.#viewers.set(viewer.session, viewer)
    this.#byToken.set(viewer.pushToken, viewer)
    this.seats.enter(viewer)
    viewer.on('moved', () => this.emit('changed'))
    viewer.once('closed', () => {
      this.#stay(viewer)
      this.#holders.delete(viewer)
      this.inStep.leave(viewer)
      this.#viewers.delete(viewer.session)
      this.#byToken.delete(viewer.pushToken)
      this.seats.leave(viewer)
      this.emit('changed')
    })
    this.emit('changed')
    return viewer
  }

  #linger(viewer: Viewer): void {
    this.#lingering.set(
      viewer,
      this.#options.clock.after(LINGER, () => viewer.close('socket lost')),
    )
  }

  #stay(viewer: Viewer): void {
    this.#lingering.get(viewer)?.()
    this.#lingering.delete(viewer)
  }
}

function counted(transport: PlayerTransport): 'webrtc' | 'mse' | 'hls' {
  switch (transport) {
    case 'webrtc':
    case 'mse':
      return transport
    case 'llhls':
    case 'hls':
    case 'native-hls':
      return 'hls'
  }
}
