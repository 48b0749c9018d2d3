/** In charge of examining a broadcast while it is live: looks at what is sent, every so often, and tries the ways there are. */
import type { CancelTimer, Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/Emitter.ts'
import { type ProbeDoor, type ProbeResult, probeWay } from '../../publish/probeWay.ts'
import { type Way, waysBy } from '../../publish/ways.ts'
import type { Facts, WayFacts } from './diagnose.ts'
import { type Entry, type Look, lookAt, type Vitals, vitalsOf } from './vitals.ts'

/** What it examines: a studio's session. */
export interface Patient {
  readonly door: ProbeDoor | null
  getStats(): Promise<Iterable<readonly [string, unknown]> | null>
}

export interface DoctorOptions {
  readonly patient: Patient
  readonly clock: Clock
  /** Tries one way; really, by default. */
  readonly probe?: (way: Way, door: ProbeDoor, clock: Clock) => Promise<ProbeResult>
}

/** Milliseconds between two looks. */
const INTERVAL = 2_000

/** Looks that are kept: half a minute, in which whatever is wrong happens more than once. */
const MAX_LOOKS = 16

export class Doctor extends Emitter<{ change: [] }> {
  readonly #options: DoctorOptions
  readonly #cancel: CancelTimer
  #looks: readonly Look[] = []
  #vitals: Vitals | null = null
  #ways: readonly WayFacts[] | null = null
  #isTrying = false
  #isClosed = false

  /** Looks at once, and again until it is closed. */
  static create(options: DoctorOptions): Doctor {
    const doctor = new Doctor(options)
    void doctor.#look()
    return doctor
  }

  private constructor(options: DoctorOptions) {
    super()
    this.#options = options
    this.#cancel = options.clock.every(INTERVAL, () => void this.#look())
  }

  get findings(): Pick<Facts, 'vitals' | 'ways'> {
    return { vitals: this.#vitals, ways: this.#ways }
  }

  get isTrying(): boolean {
    return this.#isTrying
  }

  /** Tries all ways to the server at once; results come one by one. Never rejects. */
  async tryWays(): Promise<void> {
    const { patient, clock, probe = probeWay } = this.#options
    const { door } = patient
    if (this.#isTrying || this.#isClosed || !door) return
    this.#isTrying = true
    this.emit('change')
    const servers = await door.request('ice-servers', {}).catch(() => null)
    const found = new Map<string, WayFacts>()
    const ways = waysBy(servers?.iceServers ?? [])
    await Promise.all(
      ways.map(async (way) => {
        const attempt = () => probe(way, door, clock).catch((): ProbeResult => ({ kind: 'unknown' }))
        const first = await attempt()
        // coturn refuses everybody for the moment in which another program holds its database.
        const result = first.kind === 'refused' ? await attempt() : first
        found.set(way.id, { id: way.id, result })
        this.#ways = ways.flatMap(({ id }) => found.get(id) ?? this.#ways?.find((before) => before.id === id) ?? [])
        this.emit('change')
      }),
    )
    this.#isTrying = false
    this.emit('change')
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
    this.removeAllListeners()
  }

  async #look(): Promise<void> {
    const report = await this.#options.patient.getStats().catch(() => null)
    if (this.#isClosed) return
    // What a connection counted that is no more says nothing about the next one.
    const look = report && lookAt(report as Iterable<readonly [string, Entry]>)
    this.#looks = look ? [...(continues(this.#looks.at(-1), look) ? this.#looks : []), look].slice(-MAX_LOOKS) : []
    this.#vitals = vitalsOf(this.#looks)
    this.emit('change')
  }
}

/** Whether a look is of the same connection as the one before: no counter of what it sends began anew. */
function continues(before: Look | undefined, now: Look): boolean {
  if (!before) return true
  return [...now.values()].every(({ id, bytesSent = 0 }) => bytesSent >= (before.get(id)?.bytesSent ?? 0))
}
