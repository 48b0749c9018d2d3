/** In charge of when a broadcast ends whose source is gone: as the server says, or as we reckon while we cannot hear it. */
import type { BroadcastView } from '../../shared/signaling.ts'

/** Milliseconds without a packet after which the server calls it silence, and the grace period begins. */
const SILENCE = 800

export interface OutageFacts {
  readonly view: Pick<BroadcastView, 'state' | 'endsAt'> | null
  /** When the last packet came through, on the server's clock; null while nothing is lost. */
  readonly lostAt: number | null
  /** Milliseconds; null before the server told. */
  readonly gracePeriod: number | null
}

/** On the server's clock in milliseconds; null when it does not end, or nobody can say. */
export function endOfGrace({ view, lostAt, gracePeriod }: OutageFacts): number | null {
  if (view?.state === 'interrupted' && view.endsAt !== null) return view.endsAt
  return lostAt === null || gracePeriod === null ? null : lostAt + SILENCE + gracePeriod
}

/** The members that are read of `RTCIceCandidatePairStats`. */
interface PairEntry {
  readonly type: string
  readonly timestamp: number
  readonly lastPacketReceivedTimestamp?: number
}

/** Milliseconds since anything came back over the connection; 0 where the browser does not tell. */
export function silentFor(entries: Iterable<PairEntry>): number {
  const silences = [...entries].flatMap(({ type, timestamp, lastPacketReceivedTimestamp: last }) =>
    type === 'candidate-pair' && last !== undefined && last > 0 ? [timestamp - last] : [],
  )
  return Math.max(0, Math.min(...(silences.length > 0 ? silences : [0])))
}

type Report = { values(): Iterable<PairEntry> }

/** One loss after the other; between two of them nothing ends. */
export class Outage {
  readonly #onChange: () => void
  #gracePeriod: number | null = null
  #lostAt: number | null = null

  /** `onChange` is told when it is known better since when the connection is lost. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Milliseconds that the server waits. */
  set gracePeriod(ms: number) {
    this.#gracePeriod = ms
  }

  /** Noticed just now. It began with the last packet that the server got, some seconds before anybody knows of it. */
  async begin(now: number, report: Promise<Report | null>): Promise<void> {
    if (this.#lostAt !== null) return
    this.#lostAt = now
    const silence = silentFor((await report)?.values() ?? [])
    if (this.#lostAt !== now || silence === 0) return
    this.#lostAt = now - silence
    this.#onChange()
  }

  /** All is well. */
  end(): void {
    this.#lostAt = null
  }

  endsAt(view: OutageFacts['view']): number | null {
    return endOfGrace({ view, lostAt: this.#lostAt, gracePeriod: this.#gracePeriod })
  }
}
