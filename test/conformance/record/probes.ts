/** In charge of requests that no well-behaved player makes: they show how a server answers what is wrong or odd. */
import { setTimeout as pause } from 'node:timers/promises'
import { parseMediaPlaylist } from '../playlist/media.ts'
import type { MediaPlaylist } from '../playlist/model.ts'
import { withDirectives } from './Follower.ts'
import { type Exchange, fingerprint, type HttpClient, type RequestOptions } from './http.ts'
import { note, type Probe, type ProbeName, type Recording, type RenditionRecord } from './Record.ts'

/** How often a request is made whose answer must come at once: the quickest counts, since machines are busy. */
const TIMES = 3
/** Numbers that are none (6.2.5.2: a decimal-integer, 4.2: digits alone). */
const NO_NUMBERS = ['abc', '-1', '1.5', '', '0x10', '1e3']
/** How far beyond the last whole segment a request is surely too early: two, one under way, and one that ends meanwhile. */
const TOO_FAR = 4

/** How often a request is made, and how many milliseconds apart, while the server is away. */
const [MOST_TRIES, RETRY] = [12, 500]

class Prober {
  readonly #recording: Recording
  readonly #http: HttpClient
  readonly #signal: AbortSignal

  constructor(recording: Recording, http: HttpClient, signal: AbortSignal) {
    this.#recording = recording
    this.#http = http
    this.#signal = signal
  }

  async send(name: ProbeName, url: string, options: RequestOptions = {}): Promise<Probe | null> {
    let { exchange, body } = await this.#http.send(url, { ...options, signal: this.#signal })
    // A server that is away for a moment, as for a new start, says nothing about its rules.
    for (let tries = 1; isAway(exchange) && tries < MOST_TRIES && !this.#signal.aborted; tries++) {
      await pause(RETRY, undefined, { signal: this.#signal }).catch(() => {})
      ;({ exchange, body } = await this.#http.send(url, { ...options, signal: this.#signal }))
    }
    if (exchange.status === 0) return null
    note(this.#recording, 'probe', exchange)
    const playlist = /mpegurl/i.test(exchange.headers['content-type'] ?? '') ? parseMediaPlaylist(`${body}`) : null
    const probe = { exchange, playlist, fingerprint: fingerprint(body) }
    this.#recording.probes.set(name, [...(this.#recording.probes.get(name) ?? []), probe])
    return probe
  }
}

/** Wrong, early, late and plain requests for a playlist. */
export async function probePlaylist(
  recording: Recording,
  rendition: RenditionRecord,
  http: HttpClient,
  signal: AbortSignal,
): Promise<void> {
  const prober = new Prober(recording, http, signal)
  const { url } = rendition
  const ask = (name: ProbeName, query: Readonly<Record<string, string>>, options: RequestOptions = {}) =>
    prober.send(name, withDirectives(url, query), { headers: { 'accept-encoding': 'gzip' }, ...options })
  for (let time = 0; time < TIMES; time++) await prober.send('plain', url, { headers: { 'accept-encoding': 'gzip' } })
  const plain = await prober.send('identity', url, { headers: { 'accept-encoding': 'identity' } })
  const tag = plain?.exchange.headers.etag
  if (tag !== undefined) await prober.send('playlist-unchanged', url, { headers: { 'if-none-match': tag } })
  await prober.send('preflight', url, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://player.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'range',
    },
  })
  const now = () => rendition.snapshots.at(-1)?.playlist
  if (!now()?.serverControl?.canBlockReload) return
  const refused = () => [
    ask('part-without-msn', { _HLS_part: '0' }),
    ...NO_NUMBERS.map((bad) => ask('bad-numbers', { _HLS_msn: bad })),
    ...NO_NUMBERS.map((bad) => ask('bad-numbers', { _HLS_msn: `${newest(now())}`, _HLS_part: bad })),
    ask('far-msn', { _HLS_msn: `${newest(now()) + TOO_FAR}` }),
    ask('far-msn', { _HLS_msn: `${newest(now()) + 1000}`, _HLS_part: '0' }),
  ]
  const partTarget = now()?.partTarget ?? null
  // Of the segment after the one under way, which may end meanwhile.
  const far = partTarget === null ? null : 3 * Math.ceil(partTarget < 1 ? 3 / partTarget : 3)
  const next = () => (now()?.underWay?.msn ?? newest(now()) + 1) + 1
  for (let time = 0; time < TIMES; time++) {
    // All at once: a server that holds them takes its time for each.
    const asked = refused()
    if (far !== null) asked.push(ask('far-part', { _HLS_msn: `${next()}`, _HLS_part: `${far}` }))
    await Promise.all(asked)
  }
  if (partTarget === null) return
  for (let time = 0; time < TIMES; time++) {
    const done = now()?.segments.at(-2)
    if (done && done.parts.length > 0)
      await ask('past-end', { _HLS_msn: `${done.msn}`, _HLS_part: `${done.parts.length}` })
    await ask('old-msn', { _HLS_msn: '0', _HLS_part: '0' })
  }
}

/** Ranges, conditions and addresses of nothing. */
export async function probeMedia(
  recording: Recording,
  rendition: RenditionRecord,
  http: HttpClient,
  signal: AbortSignal,
): Promise<void> {
  const prober = new Prober(recording, http, signal)
  const segment = [...rendition.segments.values()].findLast(({ file }) => file?.facts)
  const got: Exchange | undefined = segment?.file?.exchange
  if (!segment || !got) return
  const { url } = segment
  await prober.send('again', url)
  await prober.send('range', url, { headers: { range: `bytes=8-${Math.min(1007, got.size - 1)}` } })
  await prober.send('range', url, { headers: { range: `bytes=${got.size - 10}-` } })
  await prober.send('range', url, { headers: { range: 'bytes=-100' } })
  await prober.send('range-unsatisfiable', url, { headers: { range: `bytes=${got.size + 1000}-` } })
  const tag = got.headers.etag
  if (tag !== undefined) await prober.send('media-unchanged', url, { headers: { 'if-none-match': tag } })
  await prober.send('missing', missing(url))
}

/** At the end: parts that playlists do not list any more, and directives for what has ended. */
export async function probeLast(recording: Recording, http: HttpClient, signal: AbortSignal): Promise<void> {
  const prober = new Prober(recording, http, signal)
  for (const { role, url, snapshots, parts } of recording.renditions.values()) {
    const last = snapshots.at(-1)
    if (!last || role !== 'media') continue
    const removed = parts.findLast(({ removedAt, file }) => removedAt !== null && file?.facts)
    if (removed) await prober.send('removed-part', removed.url)
    if (!last.playlist.ended) continue
    const msn = `${(last.playlist.segments.at(-1)?.msn ?? 0) + 1}`
    await prober.send('ended', withDirectives(url, { _HLS_msn: msn, _HLS_part: '0', _HLS_skip: 'YES' }))
  }
}

function isAway({ status }: Exchange): boolean {
  return status === 0 || status === 503
}

/** The same place, another name. */
function missing(url: string): string {
  return url.replace(/[^/]+?(\.\w+)?(\?.*)?$/, 'nothing-of-that-name$1')
}

function newest(playlist: MediaPlaylist | undefined): number {
  return playlist?.segments.at(-1)?.msn ?? playlist?.mediaSequence ?? 0
}
