/** Keeps a broadcast's phase and its grace timer: the one place where a phase changes. */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { BroadcastRecord } from '../store/broadcastRecord.ts'
import { nextPhase, type Phase, type PhaseEvent, restoredPhase } from './phase.ts'

interface Events extends Record<string, unknown[]> {
  changed: [before: Phase, now: Phase]
}

export class PhaseKeeper extends TypedEmitter<Events> {
  readonly #clock: Clock
  readonly #gracePeriod: number
  #phase: Phase
  #cancelGrace: CancelTimer | null = null
  #closed = false

  /** `gracePeriod` in milliseconds. A broadcast that was live when the server stopped waits a whole one. */
  constructor(record: BroadcastRecord, gracePeriod: number, clock: Clock) {
    super()
    this.#clock = clock
    this.#gracePeriod = gracePeriod
    this.#phase = restoredPhase(record, this.#now, gracePeriod)
    this.#watchGrace()
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Moves on, if the event leads anywhere from here. Ignored once closed. */
  apply(event: PhaseEvent): void {
    if (this.#closed) return
    const before = this.#phase
    this.#phase = nextPhase(before, event, this.#now, this.#gracePeriod)
    if (this.#phase === before) return
    this.#watchGrace()
    this.emit('changed', before, this.#phase)
  }

  /** The phase stays as it is from now on: what the store has is what the next start goes on from. */
  close(): void {
    this.#closed = true
    this.#cancelGrace?.()
    this.removeAllListeners()
  }

  /** Whole milliseconds: phases are stored. */
  get #now(): number {
    return Math.round(this.#clock.now())
  }

  #watchGrace(): void {
    this.#cancelGrace?.()
    this.#cancelGrace = null
    if (this.#phase.state !== 'interrupted') return
    const left = Math.max(0, this.#phase.endsAt - this.#clock.now())
    this.#cancelGrace = this.#clock.after(left, () => this.apply({ type: 'grace-over' }))
  }
}
