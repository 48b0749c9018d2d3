/** In charge of requests for the part that comes next, which playlists hint at: held, and answered the moment it is there. */
import type { ServerResponse } from 'node:http'
import { NearcastError } from '../../shared/errors.ts'
import type { HeldRequest } from './HeldRequests.ts'
import type { LivePlaylist } from './HlsDirectory.ts'
import type { LiveDeps } from './LiveDelivery.ts'
import { HOLD_TARGETS } from './PlaylistQueue.ts'

interface Rendition {
  playlist(): LivePlaylist | null
  /** Sends what is there, and says whether it was. */
  send(res: ServerResponse, name: string): boolean
}

export class HintedParts {
  readonly #rendition: Rendition
  readonly #deps: LiveDeps
  readonly #waiting = new Set<WaitingPart>()

  constructor(rendition: Rendition, deps: LiveDeps) {
    this.#rendition = rendition
    this.#deps = deps
  }

  /** Holds a request for a file that is not there; throws `media-not-found` when it will not come next. */
  ask(res: ServerResponse, address: string, name: string): void {
    const playlist = this.#rendition.playlist()
    if (playlist?.hint !== name) throw new NearcastError('media-not-found')
    const until = this.#deps.clock.now() + HOLD_TARGETS * playlist.targetDuration * 1000
    const waiting = new WaitingPart(this, { res, address, until, name })
    this.#deps.held.hold(waiting)
    this.#waiting.add(waiting)
  }

  /** Sends parts that are there now, and refuses those that their segment ended without. */
  progress(): void {
    if (this.#waiting.size === 0) return
    const hint = this.#rendition.playlist()?.hint ?? null
    for (const waiting of this.#waiting) {
      if (waiting.name === hint) continue
      this.#deps.held.release(waiting)
      this.#waiting.delete(waiting)
      if (!this.#rendition.send(waiting.res, waiting.name)) this.expire(waiting)
    }
  }

  close(error: NearcastError): void {
    for (const waiting of this.#waiting) {
      this.#deps.held.release(waiting)
      this.#deps.answers.refuse(waiting.res, error)
    }
    this.#waiting.clear()
  }

  expire(waiting: WaitingPart): void {
    this.#waiting.delete(waiting)
    this.#deps.answers.refuse(waiting.res, new NearcastError('media-not-found'))
  }

  abandon(waiting: WaitingPart): void {
    this.#waiting.delete(waiting)
  }
}

class WaitingPart implements HeldRequest {
  readonly res: ServerResponse
  readonly address: string
  readonly until: number
  readonly name: string
  readonly #parts: HintedParts

  constructor(
    parts: HintedParts,
    { res, address, until, name }: Pick<WaitingPart, 'res' | 'address' | 'until' | 'name'>,
  ) {
    this.#parts = parts
    this.res = res
    this.address = address
    this.until = until
    this.name = name
  }

  expire(): void {
    this.#parts.expire(this)
  }

  abandon(): void {
    this.#parts.abandon(this)
  }
}
