/** In charge of the requests for one media playlist: answered from its newest edition, or held until that says enough. */
import type { ServerResponse } from 'node:http'
import { NearcastError } from '../../shared/errors.ts'
import type { HeldRequest } from './HeldRequests.ts'
import type { LivePlaylist } from './HlsDirectory.ts'
import { decide, type HlsDirectives, noDirectives } from './hlsDirectives.ts'
import type { LiveDeps } from './LiveDelivery.ts'
import { PlaylistEdition } from './PlaylistEdition.ts'

/** A request for a media playlist. */
export interface PlaylistRequest {
  readonly res: ServerResponse
  readonly address: string
  /** Null when what it said is no directive. */
  readonly directives: HlsDirectives | null
  /** Says that the player is there, and may have to wait for so many milliseconds; null for who is counted otherwise. */
  readonly seen: ((heldFor: number) => void) | null
}

/** Target durations without news after which a player gets the playlist as it is: 8216bis, 6.2.5.2. */
export const HOLD_TARGETS = 3

export class PlaylistQueue {
  readonly #newestPlaylist: () => LivePlaylist | null
  readonly #run: string
  readonly #deps: LiveDeps
  readonly #waiting = new Set<WaitingPlaylist>()
  #edition: PlaylistEdition | null = null

  constructor(newestPlaylist: () => LivePlaylist | null, run: string, deps: LiveDeps) {
    this.#newestPlaylist = newestPlaylist
    this.#run = run
    this.#deps = deps
  }

  /** Throws `media-not-found`, `bad-request`, or `too-many-waiting`. */
  ask({ res, address, directives: asked, seen }: PlaylistRequest): void {
    const edition = this.#newest()
    if (!edition) throw new NearcastError('media-not-found')
    const { playlist } = edition
    const directives = playlist.ended ? noDirectives : asked
    const decision = directives && decide(directives, playlist)
    if (directives === null || decision === 'refuse') throw new NearcastError('bad-request')
    if (decision === 'answer') {
      seen?.(0)
      this.#deps.answers.playlist(res, edition, directives.skip, directives.msn !== null)
      return
    }
    const heldFor = HOLD_TARGETS * playlist.targetDuration * 1000
    const until = this.#deps.clock.now() + heldFor
    const waiting = new WaitingPlaylist(this, { res, address, until, directives, seen })
    this.#deps.held.hold(waiting)
    this.#waiting.add(waiting)
    seen?.(heldFor)
  }

  /** Answers all who have waited for what there is now. */
  progress(): void {
    if (this.#waiting.size === 0) return
    const edition = this.#newest()
    if (!edition) return
    const { playlist } = edition
    for (const waiting of this.#waiting) {
      if (decide(waiting.directives, playlist) !== 'answer') continue
      this.#deps.held.release(waiting)
      this.#answer(waiting, edition, !playlist.ended)
    }
  }

  /** Refuses whoever waits. */
  close(error: NearcastError): void {
    for (const waiting of this.#waiting) {
      this.#deps.held.release(waiting)
      this.#deps.answers.refuse(waiting.res, error)
    }
    this.#waiting.clear()
  }

  /** No news for so long: the playlist as it is, so that the player knows that we are there. */
  expire(waiting: WaitingPlaylist): void {
    const edition = this.#newest()
    if (edition) this.#answer(waiting, edition, false)
    else this.#deps.answers.refuse(waiting.res, new NearcastError('media-not-found'))
  }

  abandon(waiting: WaitingPlaylist): void {
    this.#waiting.delete(waiting)
    waiting.seen?.(0)
  }

  #answer(waiting: WaitingPlaylist, edition: PlaylistEdition, awaited: boolean): void {
    this.#waiting.delete(waiting)
    waiting.seen?.(0)
    this.#deps.answers.playlist(waiting.res, edition, waiting.directives.skip, awaited)
  }

  #newest(): PlaylistEdition | null {
    const playlist = this.#newestPlaylist()
    if (playlist === null) return null
    if (this.#edition?.playlist.version !== playlist.version) this.#edition = new PlaylistEdition(playlist, this.#run)
    return this.#edition
  }
}

class WaitingPlaylist implements HeldRequest {
  readonly res: ServerResponse
  readonly address: string
  readonly until: number
  readonly directives: HlsDirectives
  readonly seen: ((heldFor: number) => void) | null
  readonly #queue: PlaylistQueue

  constructor(
    queue: PlaylistQueue,
    {
      res,
      address,
      until,
      directives,
      seen,
    }: Pick<WaitingPlaylist, 'res' | 'address' | 'until' | 'directives' | 'seen'>,
  ) {
    this.#queue = queue
    this.res = res
    this.address = address
    this.until = until
    this.directives = directives
    this.seen = seen
  }

  expire(): void {
    this.#queue.expire(this)
  }

  abandon(): void {
    this.#queue.abandon(this)
  }
}
