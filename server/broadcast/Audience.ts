/** Who watches a broadcast: viewers by their session, and players without our signaling by a session in their URLs. */
import type { ViewerCounts } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { newViewerSession } from '../auth/keys.ts'
import { Viewer, type ViewerFeed } from '../delivery/Viewer.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import { HttpSessions } from './HttpSessions.ts'

interface AudienceOptions {
  feed: Pick<ViewerFeed, 'router' | 'producers'>
  /** Viewer sessions at once. */
  maxViewers: number
  /** Viewers with WebRTC at once. */
  maxSeats: number
  clock: Clock
  log: Logger
}

interface Events extends Record<string, unknown[]> {
  changed: []
}

/** Milliseconds a viewer whose socket dropped keeps its seat. */
const LINGER = 5_000

export class Audience extends TypedEmitter<Events> implements ViewerFeed {
  readonly #options: AudienceOptions
  readonly #viewers = new Map<string, Viewer>()
  readonly #lingering = new Map<Viewer, CancelTimer>()
  /** Sockets on each seat: one, and for a moment the dead one that it came back from. */
  readonly #holders = new Map<Viewer, number>()
  readonly #httpSessions: HttpSessions
  /** Sockets of the MSE push that have no signaling session. */
  #mseSockets = 0

  constructor(options: AudienceOptions) {
    super()
    this.#options = options
    const { maxViewers: max, clock } = options
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
   * socket calls `release` once, when it is gone: only the last socket on a seat gives it up, at once when the viewer
   * `left`, else unless it comes back within a few seconds.
   */
  join(session: string | undefined): { viewer: Viewer; release: (left: boolean) => void } {
    const viewer = (session === undefined ? undefined : this.#viewers.get(session)) ?? this.#seat()
    this.#stay(viewer)
    this.#holders.set(viewer, (this.#holders.get(viewer) ?? 0) + 1)
    return { viewer, release: (left) => this.#release(viewer, left) }
  }

  assertSeat(viewer: Viewer): void {
    let taken = 0
    for (const other of this.#viewers.values()) if (other !== viewer && other.hasSeat) taken += 1
    if (taken >= this.#options.maxSeats) throw new NearcastError('no-seat')
  }

  /** A player without our signaling asked for a media playlist, whose answer may be held; ignored when the room is full. */
  sawHttpSession(session: string, heldFor = 0): void {
    this.#httpSessions.saw(session, heldFor)
  }

  /** Counts a socket of the MSE push until the returned function is called. Throws `no-seat` when the room is full. */
  addMseViewer(): () => void {
    if (this.#mseSockets >= this.#options.maxViewers) throw new NearcastError('no-seat')
    this.#mseSockets += 1
    this.emit('changed')
    return () => {
      this.#mseSockets -= 1
      this.emit('changed')
    }
  }

  close(reason: string): void {
    this.removeAllListeners()
    for (const viewer of this.#viewers.values()) viewer.close(reason)
    this.#httpSessions.close()
  }

  #seat(): Viewer {
    if (this.#viewers.size >= this.#options.maxViewers) throw new NearcastError('no-seat')
    const viewer = new Viewer(newViewerSession(), this, this.#options.clock, this.#options.log)
    this.#viewers.set(viewer.session, viewer)
    viewer.on('moved', () => this.emit('changed'))
    viewer.once('closed', () => {
      this.#stay(viewer)
      this.#holders.delete(viewer)
      this.#viewers.delete(viewer.session)
      this.emit('changed')
    })
    this.emit('changed')
    return viewer
  }

  #release(viewer: Viewer, left: boolean): void {
    if (viewer.isClosed) return
    const holders = (this.#holders.get(viewer) ?? 1) - 1
    this.#holders.set(viewer, holders)
    if (holders > 0) return
    if (left) viewer.close('left')
    else
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
