/**
 * In charge of how far behind capture WebRTC plays, where somebody wants it farther than its packets need: so that it meets
 * what another transport shows. Browsers without `jitterBufferTarget` play as near as they can.
 */
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { nextTarget, pacedTarget } from './jitterSteps.ts'
import type { Wish } from './quality/Wish.ts'

/** A tenth faster than real: time-stretching keeps the pitch. */
const [EASING_INTERVAL_MS, EASING_STEP_MS] = [200, 20] as const

export class JitterTarget {
  /** What all viewers in step are to show, when nobody aims at anything else. */
  readonly #wish: Pick<Wish, 'delay'>
  readonly #clock: Clock
  readonly #receivers: RTCRtpReceiver[] = []
  /** Seconds behind capture; null: as near as it can. */
  #wanted: number | null = null
  /** Milliseconds that the receivers are told to wait; null: what they find right. */
  #target: number | null = null
  #latency: number | null = null
  #cancelEasing: CancelTimer | undefined

  constructor(wish: Pick<Wish, 'delay'>, clock: Clock) {
    this.#wish = wish
    this.#clock = clock
  }

  /** One more receiver that follows. */
  add(receiver: RTCRtpReceiver): void {
    this.#receivers.push(receiver)
    if (this.#target !== null) this.#apply()
  }

  /**
   * At once when it is farther behind; little by little when it is nearer, so that nobody notices. An aim that moves is
   * followed as looks are taken: what was measured before the last correction would be corrected twice.
   */
  aimAt(behind: number | null): void {
    const isFollowed = this.#wanted !== null
    this.#wanted = behind
    if (behind === null) {
      if (this.#wish.delay === null) this.#letGo()
      return
    }
    if (isFollowed) return
    this.#stopEasing()
    this.#set(nextTarget({ wanted: behind, latency: this.#latency, target: this.#target }))
  }

  /** So many seconds behind capture it plays now. */
  measured(latency: number): void {
    this.#latency = latency
    const { delay } = this.#wish
    if (this.#wanted !== null) this.#set(nextTarget({ wanted: this.#wanted, latency, target: this.#target }))
    else if (delay === null) this.#letGo()
    else {
      this.#stopEasing()
      this.#set(pacedTarget({ wanted: delay, latency, target: this.#target }))
    }
  }

  close(): void {
    this.#stopEasing()
    this.#receivers.length = 0
  }

  #letGo(): void {
    if (this.#target !== null) this.#cancelEasing ??= this.#clock.every(EASING_INTERVAL_MS, () => this.#ease())
  }

  #stopEasing(): void {
    this.#cancelEasing?.()
    this.#cancelEasing = undefined
  }

  #ease(): void {
    const next = (this.#target ?? 0) - EASING_STEP_MS
    if (next <= 0) this.#stopEasing()
    this.#set(next <= 0 ? null : next)
  }

  #set(target: number | null): void {
    if (target === this.#target) return
    this.#target = target
    this.#apply()
  }

  #apply(): void {
    for (const receiver of this.#receivers) {
      // Browsers refuse more than they can: then it stays as it is.
      try {
        if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = this.#target
      } catch {}
    }
  }
}
