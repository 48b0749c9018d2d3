/** In charge of remembering by which transports the picture came. */
import type { PlayerTransport } from '../../shared/signaling.ts'

/** One change of transport. */
export interface TransportChange {
  readonly transport: PlayerTransport | null
  /** Milliseconds since the Unix epoch, on the server's clock where it is known. */
  readonly at: number
}

/** Changes that are kept. */
const MOST = 100

export class TransportHistory {
  readonly #changes: TransportChange[] = []

  /** Oldest first, the last hundred of them. */
  get all(): readonly TransportChange[] {
    return [...this.#changes]
  }

  /** Says whether it is a change at all. */
  add(transport: PlayerTransport | null, at: number): boolean {
    if (transport === (this.#changes.at(-1)?.transport ?? null)) return false
    this.#changes.push({ transport, at })
    if (this.#changes.length > MOST) this.#changes.shift()
    return true
  }
}
