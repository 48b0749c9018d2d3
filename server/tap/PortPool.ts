/** The process's one pool of loopback UDP ports between SFU and FFmpeg, handed out as RTP/RTCP pairs. */
import { TapError } from './TapError.ts'

/** RTP on an even port, RTCP on the odd one after it (RFC 3550, section 11); FFmpeg relies on that. */
export interface PortPair {
  readonly rtp: number
  readonly rtcp: number
}

/** Pairs go round: one just given back is the last to be taken again, so a port that is busy elsewhere is not retried. */
export class PortPool {
  readonly #free: PortPair[]
  readonly #taken = new Map<number, PortPair>()

  /**
   * @param range Both inclusive, 1 to 65535; an odd first or an even last port stays unused.
   * @param skip Pairs to begin after: servers side by side that begin anywhere rarely want the same ports, and a port
   *   that one of them gave back a moment ago may still be sent to.
   */
  static create(range: { first: number; last: number }, skip = 0): PortPool {
    const free: PortPair[] = []
    for (let rtp = range.first + (range.first % 2); rtp + 1 <= range.last; rtp += 2) free.push({ rtp, rtcp: rtp + 1 })
    return new PortPool([...free.slice(skip), ...free.slice(0, skip)])
  }

  private constructor(free: PortPair[]) {
    this.#free = free
  }

  /** Pairs in use. */
  get used(): number {
    return this.#taken.size
  }

  /** Pairs left. */
  get available(): number {
    return this.#free.length
  }

  /** Takes a pair. @throws {TapError} `no-ports` when all are in use. */
  acquire(): PortPair {
    const pair = this.#free.shift()
    if (!pair) throw new TapError('no-ports', `all ${this.#taken.size} port pairs between SFU and FFmpeg are in use`)
    this.#taken.set(pair.rtp, pair)
    return pair
  }

  /** Gives a pair back; a pair that is not in use is ignored. */
  release(pair: PortPair): void {
    const taken = this.#taken.get(pair.rtp)
    if (!taken) return
    this.#taken.delete(pair.rtp)
    this.#free.push(taken)
  }
}
