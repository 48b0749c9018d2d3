/** In charge of fresh TURN credentials: asked for in good time before those there are expire. */
import type { IceServer } from '../../shared/rtp.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'

/** Milliseconds. Never more often than the one, since clocks may be wrong; never more seldom than the other. */
const SHORTEST = 20_000
const LONGEST = 4 * 60_000

/**
 * Milliseconds until new servers should be asked for: half of what is left of the shortest life, since an ICE restart
 * at any moment needs credentials that still hold. TURN user names begin with their expiry in seconds since the epoch
 * on the server's clock (draft-uberti-behave-turn-rest-00, section 2.2); `serverNow` is that clock in milliseconds, null
 * while it is not known: our own may be off by hours.
 */
export function renewalDelay(iceServers: readonly IceServer[], serverNow: number | null): number {
  const expiries = iceServers.flatMap(({ username }) => /^(\d+):/.exec(username ?? '')?.[1] ?? [])
  if (expiries.length === 0) return LONGEST
  if (serverNow === null) return SHORTEST
  const left = Math.min(...expiries.map((seconds) => Number(seconds) * 1000)) - serverNow
  return Math.min(LONGEST, Math.max(SHORTEST, left / 2))
}

export interface IceRenewalOptions {
  readonly clock: Clock
  /** The server's clock in milliseconds, null while it is not known. */
  readonly serverNow: () => number | null
  /** Rejects while there is no connection; it is asked again later. */
  readonly ask: () => Promise<{ iceServers: IceServer[] }>
  readonly use: (iceServers: IceServer[]) => void
}

export class IceRenewal {
  readonly #options: IceRenewalOptions
  #cancel: CancelTimer | undefined
  #isClosed = false

  constructor(options: IceRenewalOptions) {
    this.#options = options
  }

  /** These servers came just now. */
  plan(iceServers: readonly IceServer[]): void {
    const { clock, serverNow } = this.#options
    this.#cancel?.()
    if (this.#isClosed) return
    this.#cancel = clock.after(renewalDelay(iceServers, serverNow()), () => void this.#renew(iceServers))
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }

  async #renew(former: readonly IceServer[]): Promise<void> {
    const answer = await this.#options.ask().catch(() => null)
    if (this.#isClosed) return
    if (answer) this.#options.use(answer.iceServers)
    this.plan(answer?.iceServers ?? former)
  }
}
