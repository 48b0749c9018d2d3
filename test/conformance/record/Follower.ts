/** In charge of one media playlist: reloads it as a strict client does, and has all downloaded that it lists. */
import { setTimeout as pause } from 'node:timers/promises'
import { parseMediaPlaylist } from '../playlist/media.ts'
import type { MediaPlaylist } from '../playlist/model.ts'
import { Downloader } from './Downloader.ts'
import type { Exchange, HttpClient } from './http.ts'
import { note, positionOf, type Recording, type RenditionRecord, type Snapshot } from './Record.ts'

/** Milliseconds between two tries while there is no playlist. */
const RETRY = 300
/** Milliseconds from an answer that brought nothing new to the next request, against spinning on a broken server. */
const NOTHING_NEW = 100
/** Every how manieth reload is made in both forms, full and as a delta update. */
const DELTA_EVERY = 4
/** Most pairs of full playlist and delta update that are kept, in bytes of text some megabytes. */
const MOST_DELTAS = 200

export class Follower {
  readonly rendition: RenditionRecord
  readonly #recording: Recording
  readonly #http: HttpClient
  readonly #downloader: Downloader
  readonly #signal: AbortSignal
  #last: { readonly playlist: MediaPlaylist; readonly text: string } | null = null
  #reloads = 0
  readonly #done: Promise<void>

  static create(recording: Recording, rendition: RenditionRecord, http: HttpClient, signal: AbortSignal): Follower {
    return new Follower(recording, rendition, http, signal)
  }

  private constructor(recording: Recording, rendition: RenditionRecord, http: HttpClient, signal: AbortSignal) {
    this.rendition = rendition
    this.#recording = recording
    this.#http = http
    this.#signal = signal
    this.#downloader = new Downloader(recording, rendition, http, signal)
    this.#done = this.#follow()
  }

  /** Whether the playlist has its end. */
  get ended(): boolean {
    return this.#last?.playlist.ended ?? false
  }

  /** Resolves when the signal came, or the playlist ended, and all downloads are through. */
  async done(): Promise<void> {
    await this.#done
    await this.#downloader.settled()
  }

  async #follow(): Promise<void> {
    while (!this.#signal.aborted && !this.ended) {
      const before = this.#last?.playlist ?? null
      const wait = await this.#reload(before)
      if (wait > 0) await pause(wait, undefined, { signal: this.#signal }).catch(() => {})
    }
  }

  /** One reload. Resolves with the milliseconds to wait before the next. */
  async #reload(before: MediaPlaylist | null): Promise<number> {
    const asked = before ? nextDirective(before) : null
    const url = asked ? withDirectives(this.rendition.url, asked.query) : this.rendition.url
    const timeout = 10_000 + (before?.targetDuration ?? 0) * 4000
    const headers = { 'accept-encoding': 'gzip' }
    const options = { headers, timeout, signal: this.#signal }
    const base = this.#last?.text
    const skips = before?.serverControl?.canSkipUntil != null && !before.iFramesOnly
    const delta =
      asked && skips && base !== undefined && ++this.#reloads % DELTA_EVERY === 0
        ? this.#http.send(withDirectives(url, { _HLS_skip: 'YES' }), options)
        : null
    const { exchange, body } = await this.#http.send(url, options)
    const other = await delta
    if (this.#signal.aborted && exchange.status === 0) return 0
    note(this.#recording, asked ? 'blocking' : 'playlist', exchange)
    if (exchange.status !== 200) return this.#missed(exchange)
    const text = body.toString()
    const playlist = parseMediaPlaylist(text)
    this.#last = { playlist, text }
    const snapshot: Snapshot = { exchange, playlist, asked: asked?.position ?? null }
    this.rendition.snapshots.push(snapshot)
    this.#downloader.take(snapshot)
    if (other && base !== undefined && other.exchange.status === 200) this.#compare(base, other.body.toString(), text)
    if (!asked)
      return before ? Math.max(NOTHING_NEW, playlist.targetDuration * 500) * (nextDirective(playlist) ? 0 : 1) : 0
    const [then, now] = [before && positionOf(before), positionOf(playlist)]
    return then?.msn === now?.msn && then?.part === now?.part ? NOTHING_NEW : 0
  }

  #missed(exchange: Exchange): number {
    const now = performance.now()
    const why = exchange.status > 0 ? `${exchange.status}` : (exchange.error ?? 'no answer')
    const open = this.rendition.outages.at(-1)
    if (open && open.why === why && now - open.until < RETRY * 10) open.until = now
    else this.rendition.outages.push({ from: exchange.sentAt, until: now, why })
    // Whoever waited for a part of a server that is gone begins anew with a plain request.
    this.#last = null
    return RETRY
  }

  /** Both were asked for at once and are woken by the same part, but only equal versions can be compared. */
  #compare(base: string, delta: string, full: string): void {
    const [one, two] = [positionOf(parseMediaPlaylist(delta)), positionOf(parseMediaPlaylist(full))]
    if (one?.msn !== two?.msn || one?.part !== two?.part) return
    if (this.rendition.deltas.length < MOST_DELTAS) this.rendition.deltas.push({ base, delta, full })
  }
}

/** A playlist address with more in its query. */
export function withDirectives(url: string, query: Readonly<Record<string, string>>): string {
  const added = Object.entries(query)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&')
  return `${url}${url.includes('?') ? '&' : '?'}${added}`
}

interface Directive {
  readonly position: { readonly msn: number; readonly part: number }
  readonly query: Readonly<Record<string, string>>
}

/** What the next reload waits for; null when the server does not let it wait (6.3.8). */
function nextDirective(playlist: MediaPlaylist): Directive | null {
  if (!playlist.serverControl?.canBlockReload || playlist.ended) return null
  const last = playlist.segments.at(-1)
  const msn = playlist.underWay?.msn ?? (last ? last.msn + 1 : playlist.mediaSequence)
  if (playlist.partTarget === null) return { position: { msn, part: -1 }, query: { _HLS_msn: `${msn}` } }
  const part = playlist.underWay?.parts.length ?? 0
  return { position: { msn, part }, query: { _HLS_msn: `${msn}`, _HLS_part: `${part}` } }
}
