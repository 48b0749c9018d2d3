/** What a broadcast is handed: its settings, the parts it shares with others, and the questions it asks. */
import type { Recordings } from '../archive/Recordings.ts'
import type { ChatSettings } from '../chat/Chat.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../ops/logger.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import type { Store } from '../store/Store.ts'
import type { TapSettings } from './MediaPath.ts'
import type { StillSource } from './Poster.ts'
import type { SeatLimits } from './Seats.ts'
import type { SeatCounters } from './seatCounters.ts'

export interface BroadcastSettings {
  /** Milliseconds. */
  gracePeriod: number
  /** Seconds. */
  partTarget: number
  windowSegments: number
  maxViewers: number
  seats: SeatLimits
  taps: TapSettings
}

export interface BroadcastDeps {
  settings: BroadcastSettings
  store: Store
  recordings: Recordings
  stills: StillSource
  seatCounters: SeatCounters
  chat: ChatSettings
  /** Which build of our pages there is. */
  build: string
  createRouter(): Promise<SfuRouter>
  /** Throws `server-full` when no further broadcast may be sent. */
  assertRoom(): void
  clock: Clock
  log: Logger
}
