/** One viewer of the MSE push: what it is sent, from which IDR on, and what becomes of it when it takes too little. */
import type { ErrorCode } from '../../shared/errors.ts'
import { MSE_VERSION, type MseInit, mseCloseCode } from '../../shared/mse.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import { chooseTracks, type MseChunk, type MseFeed, type MseTrack } from './MseFeed.ts'
import { Outflow, type OutflowSocket } from './Outflow.ts'

/** What is asked of a WebSocket that is open. */
export interface MseSocket extends OutflowSocket {
  close(code: number, reason: string): void
  /** Cuts the connection at once. */
  terminate(): void
}

export interface MseSessionOptions {
  readonly socket: MseSocket
  readonly feed: MseFeed
  /** The rendition asked for; null for the best. */
  readonly wanted: string | null
  readonly clock: Clock
}

interface Events extends Record<string, unknown[]> {
  /** The socket backed up: it gets nothing until an IDR finds it empty. */
  skipped: []
  sent: [bytes: number]
  closed: [code: ErrorCode | null]
}

/** Milliseconds that a socket may stay backed up before it is closed: some IDRs long. */
const SLOW_LIMIT_MS = 10_000
/** Milliseconds that the other side has to take the reason; then the connection is cut. */
const FAREWELL_MS = 1_000

/** `skipping` waits for an IDR; since when, milliseconds. */
type State = { kind: 'flowing' } | { kind: 'skipping'; since: number } | { kind: 'closed' }

export class MseSession extends TypedEmitter<Events> {
  readonly #socket: MseSocket
  readonly #feed: MseFeed
  readonly #wanted: string | null
  readonly #clock: Clock
  readonly #outflow: Outflow
  readonly #forget: (() => void)[]
  #chosen: readonly MseTrack[] = []
  /** The tracks that the viewer was told of. */
  #told: readonly MseTrack[] = []
  #state: State = { kind: 'flowing' }
  #cancelFarewell: CancelTimer | null = null

  /** Begins at once when there is media; a broadcast that is interrupted or about to begin makes it wait. */
  static create(options: MseSessionOptions): MseSession {
    const session = new MseSession(options)
    session.#begin()
    return session
  }

  private constructor({ socket, feed, wanted, clock }: MseSessionOptions) {
    super()
    this.#socket = socket
    this.#feed = feed
    this.#wanted = wanted
    this.#clock = clock
    this.#outflow = new Outflow(socket, () => clock.now())
    this.#forget = [
      feed.on('layout', () => this.#choose()),
      feed.on('chunk', (track, chunk) => this.#take(track, chunk)),
      feed.on('ended', () => this.close('broadcast-ended')),
    ]
  }

  /** Says why and closes; who does not take it is cut off. */
  close(code: ErrorCode): void {
    if (!this.#finish(code)) return
    this.#socket.close(mseCloseCode(code), code)
    this.#cancelFarewell = this.#clock.after(FAREWELL_MS, () => this.#socket.terminate())
  }

  /** The connection is gone. */
  socketClosed(): void {
    this.#cancelFarewell?.()
    this.#finish(null)
  }

  #begin(): void {
    this.#choose()
    const [first] = this.#chosen
    const backlog = first?.backlog() ?? null
    if (!first || !backlog) {
      this.#state = { kind: 'skipping', since: this.#clock.now() }
      return
    }
    this.#tell()
    this.#send(backlog.message)
    for (const other of this.#chosen.slice(1)) {
      const beside = other.backlog(first.since ?? 0)
      if (beside) this.#send(beside.message)
    }
  }

  #choose(): void {
    this.#chosen = chooseTracks(this.#feed.tracks, this.#wanted)
  }

  #take(track: MseTrack, chunk: MseChunk): void {
    if (!this.#chosen.includes(track) || !this.#mayHave(track, chunk)) return
    this.#tell()
    this.#send(chunk.message)
  }

  /** Whether the socket is well enough for a chunk, and the chunk good for something there. */
  #mayHave(track: MseTrack, chunk: MseChunk): boolean {
    const state = this.#state
    switch (state.kind) {
      case 'closed':
        return false
      case 'flowing':
        if (!this.#outflow.isBackedUp) return true
        this.#state = { kind: 'skipping', since: this.#clock.now() }
        this.emit('skipped')
        return false
      case 'skipping':
        if (track === this.#chosen[0] && chunk.independent && this.#outflow.isEmpty) {
          this.#state = { kind: 'flowing' }
          return true
        }
        if (this.#isTooSlow(state.since)) this.close('too-slow')
        return false
    }
  }

  /** A socket that is empty waits for nothing but an IDR: that is not its fault. */
  #isTooSlow(since: number): boolean {
    return !this.#outflow.isEmpty && this.#clock.now() - since > SLOW_LIMIT_MS
  }

  /** Describes the tracks if they are others than the viewer was told. */
  #tell(): void {
    const { timeOrigin } = this.#feed
    const isNews = (track: MseTrack) => !this.#told.includes(track)
    if (timeOrigin === null || (!this.#chosen.some(isNews) && this.#told.length === this.#chosen.length)) return
    const tracks = this.#chosen.map(({ id, mime, rendition }) => ({ id, mime, rendition }))
    const init: MseInit = { type: 'init', version: MSE_VERSION, tracks, timeOrigin }
    this.#outflow.send(JSON.stringify(init))
    // A media source cannot take up a kind later: where one comes or goes, the player begins with an empty one.
    const beginsAnew = kindsOf(this.#told) !== kindsOf(this.#chosen)
    for (const track of this.#chosen) if (beginsAnew || isNews(track)) this.#send(track.init)
    this.#told = this.#chosen
  }

  #send(message: Buffer): void {
    this.#outflow.send(message)
    this.emit('sent', message.byteLength)
  }

  #finish(code: ErrorCode | null): boolean {
    if (this.#state.kind === 'closed') return false
    this.#state = { kind: 'closed' }
    for (const step of this.#forget) step()
    this.emit('closed', code)
    this.removeAllListeners()
    return true
  }
}

function kindsOf(tracks: readonly MseTrack[]): string {
  return tracks.map(({ kind }) => kind).join()
}
