/** In charge of reading from `getStats()` how long a receiver holds what arrives before it shows it. No I/O. */

/** Sums since the connection began, of its picture, or of its sound when it has none. Seconds. */
interface HeldSums {
  readonly emitted: number
  readonly held: number
  /** What would have been held if nobody had asked for more. */
  readonly least: number
}

/** Averages over the time between two looks, in seconds. */
interface Held {
  readonly held: number
  readonly least: number
}

/** The members used here of webrtc-stats' RTCInboundRtpStreamStats; browsers leave out what they do not have. */
interface StatsEntry {
  readonly type: string
  readonly kind?: string
  readonly mid?: string
  readonly jitterBufferDelay?: number
  readonly jitterBufferMinimumDelay?: number
  readonly jitterBufferEmittedCount?: number
}

/** Null where the browser does not tell, or nothing has come. */
export function heldSums(entries: Iterable<StatsEntry>): HeldSums | null {
  let sums: HeldSums | null = null
  for (const { type, kind, mid, ...entry } of entries) {
    if (type !== 'inbound-rtp' || mid === 'probator' || (sums !== null && kind !== 'video')) continue
    const { jitterBufferDelay: held, jitterBufferMinimumDelay: least, jitterBufferEmittedCount: emitted } = entry
    if (held === undefined || emitted === undefined) continue
    sums = { emitted, held, least: least ?? held }
  }
  return sums
}

/** Null while nothing was shown in between, and when the connection began anew. */
export function heldBetween(before: HeldSums | null, after: HeldSums | null): Held | null {
  if (before === null || after === null || after.emitted <= before.emitted) return null
  const share = (sum: number): number => Math.max(0, sum / (after.emitted - before.emitted))
  return { held: share(after.held - before.held), least: share(after.least - before.least) }
}

/** Looks again and again. */
export class HeldMeter {
  #sums: HeldSums | null = null
  #held: Held | null = null

  /** Seconds that are held beyond what is needed; null while that is not known. */
  get surplus(): number | null {
    return this.#held && Math.max(0, this.#held.held - this.#held.least)
  }

  note(sums: HeldSums | null): void {
    // Nothing new shown: what was held is what is held.
    this.#held = heldBetween(this.#sums, sums) ?? this.#held
    this.#sums = sums
  }
}
