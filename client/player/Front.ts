/** In charge of whose picture is seen: one player after the other, and whether what is seen moves. */
import type { PlayerTransport } from '../../shared/signaling.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { Handover } from './Handover.ts'
import { FLOW_INTERVAL_MS, type Player } from './Player.ts'
import type { Stage } from './Stage.ts'

export type FrontEvents = {
  /** Another picture, or none, or it moves or stands still now. */
  change: []
  /** By another transport than before; `gap`: see `TransportChange`. */
  transport: [transport: PlayerTransport | null, gap: number | null]
  /** What is seen has stood still for a while. */
  still: []
}

/**
 * A picture in which so many looks found nothing new stands still: 2.5 s, above what the SFU takes to move a viewer off a
 * layer that ended (1.5 s until mediasoup notices, and a key frame). Looks are counted because a busy page or a hidden tab
 * looks less often.
 */
const STANDSTILL_LOOKS = 2_500 / FLOW_INTERVAL_MS
/** A picture that has shown nothing new for so many looks is not worth waiting for. */
const HALTED_LOOKS = 2

export class Front extends Emitter<FrontEvents> {
  readonly #stage: Stage
  readonly #clock: Clock
  readonly #cancelLooks: CancelTimer
  /** Whose picture is seen. It may be closed already: then its last frame is what is seen. */
  #shown: Player | null = null
  #handover: Handover | null = null
  /** Not needed any more, but seen until another has taken its place. */
  readonly #retired = new Set<Player>()
  #stillLooks = 0
  #isMoving = false

  constructor(stage: Stage, clock: Clock) {
    super()
    this.#stage = stage
    this.#clock = clock
    this.#cancelLooks = clock.every(FLOW_INTERVAL_MS, () => this.#look())
  }

  get shown(): Player | null {
    return this.#shown
  }

  /** Whether what is seen changes, or what is heard goes on. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** Seconds behind capture, or null. */
  get latency(): number | null {
    return this.#isMoving ? (this.#shown?.latency() ?? null) : null
  }

  /** Brings the picture of this player, which has a frame, to the front. */
  show(player: Player): void {
    if (player === (this.#handover?.next ?? this.#shown)) return
    this.#handover?.close()
    this.#handover = null
    if (player === this.#shown) return
    const isMoving = this.#isMoving && this.#stillLooks < HALTED_LOOKS
    let isReady = false
    const handover = Handover.create({
      former: this.#shown,
      isMoving,
      next: player,
      clock: this.#clock,
      onReady: (gap) => {
        isReady = true
        this.#handover = null
        this.#swap(player, isMoving, gap)
      },
    })
    if (!isReady) this.#handover = handover
  }

  /** Puts a player in the place of another that nobody needs any more, where it goes on at that very instant. */
  succeed(former: Player, next: Player): void {
    if (former !== this.#shown) {
      this.retire(former)
      return
    }
    this.#retired.add(former)
    this.show(next)
  }

  /** A player that nobody needs any more is closed: at once, or when another has taken its place. */
  retire(player: Player): void {
    if (player === this.#shown) {
      this.#retired.add(player)
      if (this.#handover) return
      this.#stage.freeze(player.video)
      player.close()
      return
    }
    if (player === this.#handover?.next) {
      this.#handover.close()
      this.#handover = null
    }
    this.#stage.discard(player.video)
    player.close()
  }

  /** A look at a player found something new, or not. */
  noticeFlow(player: Player, frames: boolean): void {
    if (player !== this.#shown || !frames) return
    this.#stillLooks = 0
    if (this.#isMoving) return
    this.#isMoving = true
    this.emit('change')
  }

  /** What follows may take as long as at the start. */
  rest(): void {
    this.#stillLooks = 0
  }

  /** Nothing is seen any more. */
  clear(): void {
    const shown = this.#shown
    if (shown === null) return
    this.#handover?.close()
    this.#handover = null
    this.#stage.discard(shown.video)
    if (this.#retired.delete(shown)) shown.close()
    this.#shown = null
    this.#isMoving = false
    this.emit('transport', null, null)
    this.emit('change')
  }

  close(): void {
    this.removeAllListeners()
    this.#cancelLooks()
    this.#handover?.close()
    for (const player of this.#retired) player.close()
  }

  #swap(player: Player, fades: boolean, gap: number | null): void {
    const former = this.#shown
    this.#shown = player
    this.#stillLooks = 0
    this.#isMoving = true
    const isRetired = former !== null && this.#retired.has(former)
    this.#stage.show(player.video, {
      fades,
      keepsFormer: former !== null && !isRetired,
      onReplaced: () => {
        if (former && this.#retired.delete(former)) former.close()
      },
    })
    if (former?.transport !== player.transport) this.emit('transport', player.transport, gap)
    this.emit('change')
  }

  #look(): void {
    if (++this.#stillLooks !== STANDSTILL_LOOKS) return
    this.emit('still')
    if (!this.#isMoving) return
    this.#isMoving = false
    this.emit('change')
  }
}
