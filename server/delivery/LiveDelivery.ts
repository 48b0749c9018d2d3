/** In charge of one packager's HLS audience: whoever waits for its next parts is answered in one pass when they are there. */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { NearcastError } from '../../shared/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { HeldRequests } from './HeldRequests.ts'
import { HintedParts } from './HintedParts.ts'
import type { HlsAnswers } from './HlsAnswers.ts'
import type { HlsSource } from './HlsDirectory.ts'
import { PlaylistQueue, type PlaylistRequest } from './PlaylistQueue.ts'

/** What the deliveries of all broadcasts share. */
export interface LiveDeps {
  readonly answers: HlsAnswers
  readonly held: HeldRequests
  readonly clock: Clock
}

interface Rendition {
  readonly playlist: PlaylistQueue
  readonly parts: HintedParts
}

export class LiveDelivery {
  readonly #source: HlsSource
  readonly #deps: LiveDeps
  /** In entity tags: versions of another packager, or of this one before a restart, are others. */
  readonly #run = randomBytes(6).toString('base64url')
  readonly #renditions = new Map<string, Rendition>()

  /** Lives as long as the packager; `onClosed` is called when that is closed. */
  constructor(source: HlsSource, deps: LiveDeps, onClosed: () => void) {
    this.#source = source
    this.#deps = deps
    source.on('progress', () => this.#progress())
    source.on('closed', () => {
      this.#close()
      onClosed()
    })
  }

  /** Answers now or later. Throws `media-not-found`, `bad-request` or `too-many-waiting`. */
  playlist(rendition: string, request: PlaylistRequest): void {
    this.#find(rendition).playlist.ask(request)
  }

  /** Answers now or, when it is the part that comes next, later. Throws as above, and `media-gone`. */
  media(rendition: string, name: string, res: ServerResponse, address: string): void {
    if (!this.#send(res, rendition, name)) this.#find(rendition).parts.ask(res, address, name)
  }

  #find(id: string): Rendition {
    const known = this.#renditions.get(id)
    if (known) return known
    if (this.#source.playlist(id) === null) throw new NearcastError('media-not-found')
    const playlist = () => this.#source.playlist(id)
    const rendition = {
      playlist: new PlaylistQueue(playlist, `${this.#run}-${id}`, this.#deps),
      parts: new HintedParts({ playlist, send: (res, name) => this.#send(res, id, name) }, this.#deps),
    }
    this.#renditions.set(id, rendition)
    return rendition
  }

  #send(res: ServerResponse, rendition: string, name: string): boolean {
    const media = this.#source.resource(rendition, name)
    if (media === 'gone') throw new NearcastError('media-gone')
    if (media !== null) this.#deps.answers.media(res, media, `"${rendition}/${name}"`)
    return media !== null
  }

  /** Playlists first: who waits for one asks for the part next, who waits for the part itself is ahead already. */
  #progress(): void {
    for (const { playlist } of this.#renditions.values()) playlist.progress()
    for (const { parts } of this.#renditions.values()) parts.progress()
  }

  #close(): void {
    const error = new NearcastError('shutting-down', 'The broadcast is no longer served here.')
    for (const { playlist, parts } of this.#renditions.values()) {
      playlist.close(error)
      parts.close(error)
    }
    this.#renditions.clear()
  }
}
