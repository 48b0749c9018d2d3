/** In charge of what is read from the disk below `/hls/`: the window of a live broadcast, recordings, and older segments. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'
import { viewerSessionSchema } from '../../shared/ids.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import type { KeptPlaylist, KeptPlaylists } from '../archive/KeptMedia.ts'
import type { StoredBytes } from '../archive/storedBytes.ts'
import { bearerToken } from '../auth/bearer.ts'
import { newViewerSession } from '../auth/keys.ts'
import type { Counter, Metrics } from '../ops/metrics.ts'
import { parseByteRange } from './byteRange.ts'
import { parseHlsAddress } from './hlsAddress.ts'
import type { KeptDirectory } from './KeptDirectory.ts'
import { type KeptAddress, parseKeptAddress } from './keptAddress.ts'
import { allowEveryOrigin, caching, preflight, refuse, sendText } from './mediaAnswer.ts'
import { isNotModified } from './negotiation.ts'
import { makePlaylistBytes, type PlaylistBytes } from './PlaylistCache.ts'

export interface KeptRoutesDeps {
  readonly directory: KeptDirectory
  readonly metrics: Metrics
  readonly log: ErrorLog
}

/** RFC 8216 4. */
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const MEDIA_TYPE = 'video/mp4'
/** Streams read at once from the disk; beyond that a client is asked to come back. */
const MAX_STREAMS = 1_000

export class KeptRoutes {
  readonly #deps: KeptRoutesDeps
  readonly #requests: Counter
  readonly #bytes: Counter
  /** The forms in which a playlist is sent, made once for all who ask, and gone with it. */
  readonly #forms = new WeakMap<KeptPlaylist, PlaylistBytes>()
  #streams = 0

  constructor(deps: KeptRoutesDeps) {
    this.#deps = deps
    this.#requests = deps.metrics.counter(
      'nearcast_kept_requests_total',
      'Requests for the window, recordings and older segments, by what was asked for.',
    )
    this.#bytes = deps.metrics.counter('nearcast_kept_bytes_total', 'Bytes read from the disk for viewers.')
    deps.metrics.observe('gauge', 'nearcast_kept_streams', 'Files being read for viewers.', () => this.#streams)
  }

  /** Answers a request for a playlist that only a disk can give, or leaves it untouched and says false. */
  readonly door = (req: IncomingMessage, res: ServerResponse): boolean => {
    const url = req.url ?? ''
    if (!url.startsWith('/hls/')) return false
    const address = parseKeptAddress(pathOf(url))
    if (!address) return false
    if (address.kind === 'index' && !this.#deps.directory.isRecording(address.id)) return false
    void this.#answer(req, res, () => this.#playlist(req, res, address))
    return true
  }

  /** Answers a request for a segment that has left the memory. Resolves with false, and an untouched response, for others. */
  async answerMedia(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    if (req.method !== 'GET' && req.method !== 'HEAD') return false
    const address = parseHlsAddress(pathOf(req.url ?? ''))
    if (address?.kind !== 'media') return false
    const { id, rendition, name } = address
    const kept = await this.#deps.directory.kept(id, credentialsOf(req)).catch(() => null)
    const stored = await kept?.find(rendition, name).catch((error: unknown) => {
      this.#deps.log.error({ error: String(error) }, 'what fills a hole of a recording could not be made')
      return null
    })
    if (!stored) return false
    await this.#answer(req, res, () => this.#media(req, res, stored, `"${rendition}/${name}"`))
    return true
  }

  async #answer(req: IncomingMessage, res: ServerResponse, task: () => Promise<void>): Promise<void> {
    allowEveryOrigin(res)
    try {
      if (req.method === 'OPTIONS') {
        preflight(res)
        return
      }
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD, OPTIONS')
        throw new NearcastError('method-not-allowed')
      }
      await task()
    } catch (error) {
      const known = toNearcastError(error, this.#deps.log)
      this.#count('refused', known.status)
      refuse(res, known)
    }
  }

  async #playlist(req: IncomingMessage, res: ServerResponse, address: KeptAddress): Promise<void> {
    const kept = await this.#deps.directory.kept(address.id, credentialsOf(req))
    const isWindow = address.kind === 'window' || (address.kind === 'media' && address.file === 'window')
    const playlists: KeptPlaylists | null | undefined = isWindow ? kept?.window : kept?.recording
    if (!playlists) throw new NearcastError('media-not-found', 'There is nothing to go back to.')
    const query = new URLSearchParams((req.url ?? '').split('?')[1] ?? '')
    const given = query.get('session')
    const session = v.is(viewerSessionSchema, given) ? given : null
    if (address.kind === 'media') {
      const playlist = playlists.media(address.rendition)
      if (!playlist) throw new NearcastError('media-not-found')
      if (isWindow && session !== null) this.#deps.directory.countHttpViewer(address.id, session)
      await this.#sendPlaylist(req, res, playlist, caching.playlist)
      return
    }
    // Our own player is counted by its signaling session already, and what is over has no audience.
    const counted = isWindow && query.get('player') !== '1'
    const playlist = playlists.multivariant(counted ? (session ?? newViewerSession()) : undefined)
    if (!playlist) throw new NearcastError('media-not-found')
    await this.#sendPlaylist(req, res, playlist, counted ? caching.personal : caching.playlist)
  }

  async #sendPlaylist(req: IncomingMessage, res: ServerResponse, playlist: KeptPlaylist, cache: string): Promise<void> {
    const form = this.#forms.get(playlist) ?? makePlaylistBytes(playlist.text)
    this.#forms.set(playlist, form)
    const { status } = await sendText(req, res, form, { type: PLAYLIST_TYPE, cache })
    this.#count('playlist', status)
  }

  async #media(req: IncomingMessage, res: ServerResponse, stored: StoredBytes, etag: string): Promise<void> {
    if (this.#streams >= MAX_STREAMS) throw new NearcastError('server-full', 'Too many files are read at present.')
    const { 'if-none-match': match, range: wanted, 'if-range': ifRange } = req.headers
    res.setHeader('Cache-Control', caching.media)
    res.setHeader('ETag', etag)
    res.setHeader('Accept-Ranges', 'bytes')
    if (isNotModified(match, etag)) {
      this.#count('media', 304)
      res.writeHead(304).end()
      return
    }
    const { size } = stored
    const mayBeCut = req.method === 'GET' && (ifRange === undefined || ifRange === etag)
    const range = mayBeCut ? parseByteRange(wanted, size) : null
    if (range === 'unsatisfiable') {
      this.#count('media', 416)
      res.setHeader('Cache-Control', 'no-store')
      res.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end()
      return
    }
    const { first, last } = range ?? { first: 0, last: size - 1 }
    if (range) res.setHeader('Content-Range', `bytes ${first}-${last}/${size}`)
    res.setHeader('Content-Type', MEDIA_TYPE)
    res.setHeader('Content-Length', last - first + 1)
    const status = range ? 206 : 200
    if (req.method === 'HEAD') {
      this.#count('media', status)
      res.writeHead(status).end()
      return
    }
    this.#streams += 1
    try {
      const stream = await stored.open({ first, last }).catch(() => {
        for (const name of ['Content-Range', 'Content-Length', 'ETag', 'Accept-Ranges']) res.removeHeader(name)
        throw new NearcastError('media-gone')
      })
      this.#count('media', status)
      this.#bytes.inc({}, last - first + 1)
      res.writeHead(status)
      // Ends the stream with the response, and the response with the stream. Who left early is no error of ours.
      await pipeline(stream, res).catch(() => res.destroy())
    } finally {
      this.#streams -= 1
    }
  }

  #count(kind: 'playlist' | 'media' | 'refused', status: number): void {
    this.#requests.inc({ kind, status: String(status) })
  }
}

function pathOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}

function credentialsOf(req: IncomingMessage): { token: string | null } {
  return { token: bearerToken(req.headers.authorization) }
}
