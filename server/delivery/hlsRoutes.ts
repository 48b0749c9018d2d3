/** In charge of `/hls/…`: playlists and media of a live broadcast over plain HTTP, for any player on any page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'
import { viewerSessionSchema } from '../../shared/ids.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import { bearerToken } from '../auth/bearer.ts'
import { newViewerSession } from '../auth/keys.ts'
import type { Counter, Metrics } from '../ops/metrics.ts'
import { parseByteRange, sliceBuffers } from './byteRange.ts'
import type { HlsDirectory } from './HlsDirectory.ts'
import { parseHlsAddress } from './hlsAddress.ts'
import { allowEveryOrigin, caching, preflight, type RequestDoor, refuse, sendBuffers, sendText } from './mediaAnswer.ts'
import { isNotModified } from './negotiation.ts'
import { makePlaylistBytes, PlaylistCache } from './PlaylistCache.ts'

export interface HlsRoutesDeps {
  readonly directory: HlsDirectory
  readonly metrics: Metrics
  readonly log: ErrorLog
}

/** RFC 8216 4. */
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
/** For audio too: what a CMAF file may be called whatever is in it (Apple's HLS authoring specification, 1.x). */
const MEDIA_TYPE = 'video/mp4'

/** A listener for a bare `node:http` server, to be asked before Express: this is where the requests are. */
export function hlsRoutes(deps: HlsRoutesDeps): RequestDoor {
  const delivery = new HlsDelivery(deps)
  return (req, res) => {
    if (!req.url?.startsWith('/hls/')) return false
    void delivery.answer(req, res)
    return true
  }
}

class HlsDelivery {
  readonly #deps: HlsRoutesDeps
  readonly #playlists = new PlaylistCache()
  readonly #requests: Counter
  readonly #bytes: Counter

  constructor(deps: HlsRoutesDeps) {
    this.#deps = deps
    this.#requests = deps.metrics.counter('nearcast_hls_requests_total', 'Requests below /hls/, by what was asked for.')
    this.#bytes = deps.metrics.counter('nearcast_hls_bytes_total', 'Bytes of HLS bodies handed to the network.')
  }

  async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    allowEveryOrigin(res)
    try {
      if (req.method === 'OPTIONS') return preflight(res)
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD, OPTIONS')
        throw new NearcastError('method-not-allowed')
      }
      await this.#find(req, res)
    } catch (error) {
      const known = toNearcastError(error, this.#deps.log)
      this.#requests.inc({ kind: 'refused', status: String(known.status) })
      refuse(res, known)
    }
  }

  async #find(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = req.url ?? ''
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const address = parseHlsAddress(path)
    if (!address) throw unknownAddress(path)
    const source = this.#deps.directory.hls(address.id, { token: bearerToken(req.headers.authorization) })
    if (address.kind === 'media') {
      const media = source.resource(address.rendition, address.name)
      if (media === null) throw new NearcastError('media-not-found')
      if (media === 'gone') throw new NearcastError('media-gone')
      return this.#sendMedia(req, res, media, `"${address.rendition}/${address.name}"`)
    }

    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    const session = knownSession(query)
    if (address.kind === 'playlist') {
      const text = source.playlist(address.rendition)?.text() ?? null
      if (text === null) throw new NearcastError('media-not-found')
      if (session !== null && req.method === 'GET') this.#deps.directory.countHttpViewer(address.id, session)
      return this.#sendPlaylist(req, res, text, 'playlist')
    }
    // Our own player is counted by its signaling session already.
    const counted = query.get('player') !== '1'
    const text = source.multivariantPlaylist(counted ? { session: session ?? newViewerSession() } : {})
    if (text === null) throw new NearcastError('not-live')
    return this.#sendPlaylist(req, res, text, counted ? 'personal' : 'playlist')
  }

  async #sendPlaylist(
    req: IncomingMessage,
    res: ServerResponse,
    text: string,
    cache: 'playlist' | 'personal',
  ): Promise<void> {
    const playlist = cache === 'personal' ? makePlaylistBytes(text) : this.#playlists.get(text)
    const sent = await sendText(req, res, playlist, { type: PLAYLIST_TYPE, cache: caching[cache] })
    this.#requests.inc({ kind: 'playlist', status: String(sent.status) })
    this.#bytes.inc({ kind: 'playlist' }, sent.bytes)
  }

  #sendMedia(req: IncomingMessage, res: ServerResponse, media: readonly Buffer[], etag: string): void {
    const size = media.reduce((sum, buffer) => sum + buffer.byteLength, 0)
    res.setHeader('Cache-Control', caching.media)
    res.setHeader('ETag', etag)
    res.setHeader('Accept-Ranges', 'bytes')
    if (isNotModified(req.headers['if-none-match'], etag)) {
      this.#requests.inc({ kind: 'media', status: '304' })
      res.writeHead(304).end()
      return
    }
    res.setHeader('Content-Type', MEDIA_TYPE)
    const { range: wanted, 'if-range': ifRange } = req.headers
    const stillSame = ifRange === undefined || ifRange === etag
    const range = req.method === 'GET' && stillSame ? parseByteRange(wanted, size) : null
    if (range === null) {
      this.#send(req, res, 200, media)
    } else if (range === 'unsatisfiable') {
      res.setHeader('Content-Range', `bytes */${size}`)
      res.setHeader('Cache-Control', 'no-store')
      this.#send(req, res, 416, [])
    } else {
      res.setHeader('Content-Range', `bytes ${range.first}-${range.last}/${size}`)
      this.#send(req, res, 206, sliceBuffers(media, range))
    }
  }

  #send(req: IncomingMessage, res: ServerResponse, status: number, body: readonly Buffer[]): void {
    this.#requests.inc({ kind: 'media', status: String(status) })
    this.#bytes.inc({ kind: 'media' }, sendBuffers(req, res, status, body))
  }
}

function knownSession(query: URLSearchParams): string | null {
  const session = query.get('session')
  return v.is(viewerSessionSchema, session) ? session : null
}

function unknownAddress(path: string): NearcastError {
  try {
    decodeURIComponent(path)
    return new NearcastError('media-not-found')
  } catch {
    return new NearcastError('bad-request', 'The address is not well formed.')
  }
}
