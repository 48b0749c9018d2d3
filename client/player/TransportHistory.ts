/** In charge of remembering by which transports the picture came. */
import type { PlayerTransport } from '../../shared/signaling.ts'

/** One change of transport. */
export interface TransportChange {
  readonly transport: PlayerTransport | null
  /** Milliseconds since the Unix epoch, on the server's clock where it is known. */
  readonly at: number
  /**
   * Milliseconds between the capture of the last frame that was seen before and of the first one after: what was missed, or
   * below zero seen twice. Null where it is not known, or there was no picture before.
   */
  readonly gap: number | null
}

/** Changes that are kept. */
const MOST = 100

export class TransportHistory {
  readonly #changes: TransportChange[] = []

  /** Oldest first, the last hundred of them. */
  get all(): readonly TransportChange[] {
    return [...this.#changes]
  }

  /** How often the picture came by another transport than before. */
  get switches(): number {
    const used = this.#changes.flatMap(({ transport }) => transport ?? [])
    return used.filter((transport, index) => index > 0 && transport !== used[index - 1]).length
  }

  /** Says whether it is a change at all. */
  add(change: TransportChange): boolean {
    if (change.transport === (this.#changes.at(-1)?.transport ?? null)) return false
    this.#changes.push(change)
    if (this.#changes.length > MOST) this.#changes.shift()
    return true
  }
}
