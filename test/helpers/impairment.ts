/** In charge of what a bad network does to one packet: loss, delay, jitter, reordering, a rate limit, an outage. */

/** A bad network in one direction; every field defaults to none of it. */
export interface Impairment {
  /** Share of packets lost, 0 to 1. */
  loss?: number
  /** Delay of every packet in milliseconds, and up to how much more of it at random; order is kept. */
  delay?: number
  jitter?: number
  /** Share of packets, 0 to 1, that are held back `reorderBy` milliseconds (20) and overtaken by later ones. */
  reorder?: number
  reorderBy?: number
  /** Bits per second, and how many milliseconds of it may queue (200) before packets are dropped. */
  rate?: number
  queue?: number
  /** Bytes that a packet may have; larger ones vanish, as where a path's MTU is smaller than anyone says. */
  largest?: number
  /** Nothing gets through. */
  outage?: boolean
}

/** What becomes of a packet: undefined is lost, else the moment it arrives, on the clock of the question. */
export type Fate = number | undefined

/** A random number from 0 to below 1. */
export type Random = () => number

/** Mulberry32: small, fast, and the same sequence for the same seed. Public domain, Tommy Ettinger. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** One direction of a link: remembers when the line is free and what arrived last. No I/O and no clock. */
export class ImpairedLink {
  readonly #random: Random
  #impairment: Impairment = {}
  #lineFree = 0
  #lastArrival = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** From the next packet on. */
  set(impairment: Impairment): void {
    this.#impairment = impairment
  }

  /** Decides about a packet of `bytes` that is sent at `now` milliseconds. */
  send(bytes: number, now: number): Fate {
    const { loss = 0, delay = 0, jitter = 0, reorder = 0, reorderBy = 20, rate, queue = 200 } = this.#impairment
    const { largest = Number.POSITIVE_INFINITY, outage } = this.#impairment
    // All numbers are drawn for every packet: changing one setting does not reshuffle what the others do.
    const [lossDraw, jitterDraw, reorderDraw] = [this.#random(), this.#random(), this.#random()]
    if (outage || bytes > largest || lossDraw < loss) return undefined

    let sent = now
    if (rate !== undefined) {
      const start = Math.max(now, this.#lineFree)
      if (start - now > queue) return undefined
      sent = start + (bytes * 8 * 1000) / rate
      this.#lineFree = sent
    }
    const arrival = Math.max(this.#lastArrival, sent + delay + jitterDraw * jitter)
    if (reorderDraw < reorder) return arrival + reorderBy
    this.#lastArrival = arrival
    return arrival
  }
}
