/**
 * In charge of the attempts over HTTP, one a way: begun once the server has media and their player is fetched, and succeeded
 * by another where there comes something that only one begun anew can play.
 */
import type { Clock } from '../lib/clock.ts'
import type { Front } from './Front.ts'
import type { HttpVia } from './httpLane.ts'
import type { createHttpPlayer, HttpPlayerOptions } from './httpPlayer.ts'
import { ComingPlayers, type loadHttpPlayers } from './httpSupport.ts'
import type { Player } from './Player.ts'
import type { Report } from './policyState.ts'
import type { Wish } from './quality/Wish.ts'
import type { Stage } from './Stage.ts'
import { Succession } from './Succession.ts'
import type { WatchSession } from './WatchSession.ts'

export interface HttpAttemptsOptions {
  readonly session: WatchSession
  readonly stage: Stage
  readonly wish: Wish
  readonly clock: Clock
  readonly front: Front
  /** Fetches the players; `loadHttpPlayers` unless given. */
  readonly load?: typeof loadHttpPlayers
  /** What the policy is to know of the attempts under way. */
  readonly tell: (report: Report) => void
}

/** Milliseconds after a succession that failed until another is tried: on a line that is too slow for two, it would fail, too. */
const NEXT_TRY_MS = 60_000

type Create = (options: Pick<HttpPlayerOptions, 'from' | 'succeeds'>) => Player | null

export class HttpAttempts {
  readonly #options: HttpAttemptsOptions
  readonly #players = new Map<HttpVia, Player>()
  readonly #coming: ComingPlayers
  #succession: Succession | null = null
  #triesFrom = 0

  constructor(options: HttpAttemptsOptions) {
    this.#options = options
    this.#coming = new ComingPlayers(options.load)
  }

  get(via: HttpVia): Player | undefined {
    return this.#players.get(via)
  }

  /** Begins unless that is done already; called again while the server prepares, until it has media. */
  start(via: HttpVia): void {
    // Before there is media, asking for it would cost refusals and growing pauses: the server says when it is there.
    if (this.#options.session.view?.http === 'preparing') return
    if (this.#players.has(via) || this.#coming.has(via)) return
    this.#coming.start(via, ({ createHttpPlayer }) => this.#begin(via, createHttpPlayer))
  }

  stop(via: HttpVia): void {
    this.#coming.cancel(via)
    const player = this.#players.get(via)
    if (!player) return
    this.#players.delete(via)
    if (player === this.#succession?.former) this.#callOff()
    this.#options.front.retire(player)
  }

  close(): void {
    this.#coming.close()
    this.#callOff()
    for (const player of this.#players.values()) player.close()
  }

  #begin(via: HttpVia, createPlayer: typeof createHttpPlayer): void {
    const { front, session, stage, wish, clock, tell } = this.#options
    const create: Create = (options) => createPlayer(via, { session, stage, wish, clock, ...options })
    const player = create({ from: front.shown?.capturedAt() ?? null })
    if (player === null) {
      tell({ kind: 'http:failed', via, why: 'browser' })
      return
    }
    this.#players.set(via, player)
    this.#listen(via, player, create)
  }

  #listen(via: HttpVia, player: Player, create: Create): void {
    const { front, stage, tell } = this.#options
    // One that is only seen until another has taken its place, or that gets ready for it, has nothing to say.
    const report = (what: Report): void => {
      if (this.#players.get(via) === player) tell(what)
    }
    player.on('frame', () => report({ kind: 'http:frame', via }))
    player.on('flow', ({ frames }) => {
      front.noticeFlow(player, frames)
      report({ kind: 'http:flow', via, frames: frames || player.video.paused })
    })
    player.on('renew', () => stage.hold(player.video))
    player.on('failed', (why) => report({ kind: 'http:failed', via, why }))
    player.on('ended', () => report({ kind: 'http:ended', via }))
    player.on('outdated', () => {
      if (this.#players.get(via) === player && !this.#succession) this.#succeed(via, player, create)
    })
  }

  #succeed(via: HttpVia, former: Player, create: Create): void {
    const { front, clock } = this.#options
    const isWell = front.shown === former && front.isMoving
    if (isWell && clock.now() < this.#triesFrom) return
    const next = isWell ? create({ from: null, succeeds: former }) : null
    if (!next) {
      former.renew?.()
      return
    }
    this.#listen(via, next, create)
    this.#succession = Succession.create({
      former,
      next,
      clock,
      onReady: () => {
        this.#succession = null
        this.#players.set(via, next)
        front.succeed(former, next)
      },
      onFailed: () => {
        this.#triesFrom = clock.now() + NEXT_TRY_MS
        this.#callOff()
      },
    })
  }

  /** What is seen stays, unless it is stopped itself. */
  #callOff(): void {
    if (!this.#succession) return
    this.#succession.close()
    this.#options.front.retire(this.#succession.next)
    this.#succession = null
  }
}
