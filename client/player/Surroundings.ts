/** In charge of what happens around the player: the page is hidden or seen, the network another, the machine was asleep. */
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'

export type SurroundingsEvents = {
  hidden: [isHidden: boolean]
  /** Back online, or by another kind of network. */
  network: []
  /** The page's time stood still for seconds. */
  wake: []
}

/** Network Information API, where there is one; not in TypeScript's DOM library. */
interface Connection extends EventTarget {
  readonly type?: string
}

const TICK_MS = 1_000
/** Above what a busy page or the throttling of a hidden one makes of a second. */
const SLEEP_MS = 5_000

export class Surroundings extends Emitter<SurroundingsEvents> {
  readonly #connection: Connection | null = 'connection' in navigator ? (navigator.connection as Connection) : null
  readonly #wallClock: () => number
  readonly #cancel: CancelTimer
  #kind = this.networkKind
  #tickedAt: number

  constructor(clock: Clock = systemClock, wallClock: () => number = Date.now) {
    super()
    this.#wallClock = wallClock
    // The monotonic clock stands still during a sleep on some systems.
    this.#tickedAt = wallClock()
    this.#cancel = clock.every(TICK_MS, () => this.#tick())
    document.addEventListener('visibilitychange', this.#onVisibility)
    addEventListener('online', this.#onOnline)
    this.#connection?.addEventListener('change', this.#onConnection)
  }

  get isHidden(): boolean {
    return document.hidden
  }

  /** What the browser tells of the network: `wifi`, `cellular`, …; empty where it tells nothing. */
  get networkKind(): string {
    return this.#connection?.type ?? ''
  }

  close(): void {
    this.removeAllListeners()
    this.#cancel()
    document.removeEventListener('visibilitychange', this.#onVisibility)
    removeEventListener('online', this.#onOnline)
    this.#connection?.removeEventListener('change', this.#onConnection)
  }

  #tick(): void {
    const now = this.#wallClock()
    const slept = now - this.#tickedAt >= SLEEP_MS
    this.#tickedAt = now
    // Hidden pages' timers may be held back for a minute.
    if (slept && !document.hidden) this.emit('wake')
  }

  readonly #onVisibility = (): void => {
    this.#tickedAt = this.#wallClock()
    this.emit('hidden', document.hidden)
  }

  readonly #onOnline = (): void => this.emit('network')

  /** It also says so when the line is only measured anew. */
  readonly #onConnection = (): void => {
    if (this.networkKind === this.#kind) return
    this.#kind = this.networkKind
    this.emit('network')
  }
}
