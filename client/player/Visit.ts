/** In charge of one visit of a broadcast: the session with the server, what is watched by it, and the tab's seat. */
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { leaveSeat, type PlayerSource, seatStorage, takeSeat } from './playerSource.ts'
import type { Prefer } from './policyState.ts'
import { seatWishes } from './seatWishes.ts'
import { Watching, type WatchingOptions } from './Watching.ts'
import { WatchSession } from './WatchSession.ts'

export interface VisitOptions extends Omit<WatchingOptions, 'session'> {
  readonly source: PlayerSource
  readonly clock?: Clock
}

export type VisitEvents = {
  /** Once a second: numbers that people read have changed. */
  second: []
}

export class Visit extends Emitter<VisitEvents> {
  readonly session: WatchSession
  readonly watching: Watching
  readonly #source: PlayerSource
  readonly #cancelSeconds: CancelTimer

  /** Returns at once; the session's and the watching's events follow. */
  static create(options: VisitOptions): Visit {
    const { source, relayOnly, clock } = options
    const seat = takeSeat(source, seatStorage())
    const session = WatchSession.create({ ...source, wants: seatWishes(options.prefer), seat })
    const watching = Watching.create({ ...options, session, relayOnly: source.relayOnly || relayOnly })
    return new Visit(source, session, watching, clock)
  }

  private constructor(source: PlayerSource, session: WatchSession, watching: Watching, clock?: Clock) {
    super()
    this.#source = source
    this.session = session
    this.watching = watching
    this.#cancelSeconds = (clock ?? systemClock).every(1_000, () => this.emit('second'))
  }

  set prefer(prefer: Prefer) {
    this.session.want(seatWishes(prefer))
    this.watching.prefer = prefer
  }

  /** The page goes away, maybe to be loaded again: its seat waits for it. */
  leaveSeat(): void {
    leaveSeat(this.#source, this.session.seat, seatStorage())
  }

  close(): void {
    this.removeAllListeners()
    this.#cancelSeconds()
    this.watching.close()
    this.session.close()
  }
}
