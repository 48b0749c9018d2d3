/** In charge of `/hls/:id/poster.jpg`: the picture of a broadcast for lists, link previews and players. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NearcastError } from '../../shared/errors.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import { bearerToken } from '../auth/bearer.ts'
import type { ViewCredentials } from '../auth/mayWatch.ts'
import type { Counter, Metrics } from '../ops/metrics.ts'
import { allowEveryOrigin, preflight, type RequestDoor, refuse, sendBuffers } from './mediaAnswer.ts'
import { isNotModified } from './negotiation.ts'

/** A JPEG and its strong entity tag. */
export interface PosterPicture {
  readonly bytes: Buffer
  readonly etag: string
}

export interface PosterDirectory {
  /** The newest there is; null when there is none. Rejects with broadcast-not-found. */
  poster(id: string, credentials: ViewCredentials): Promise<PosterPicture | null>
}

export interface PosterRoutesDeps {
  readonly directory: PosterDirectory
  readonly metrics: Metrics
  readonly log: ErrorLog
}

/** Ids are made of characters that are never percent-encoded. The query is whatever a page adds to get a newer one. */
const POSTER = /^\/hls\/([\w-]{16})\/poster\.jpg(?:\?(.*))?$/s
/** As often as a new one is made. */
const CACHING = 'public, max-age=10'

/** A listener for a bare `node:http` server, to be asked before that of HLS. */
export function posterRoutes({ directory, metrics, log }: PosterRoutesDeps): RequestDoor {
  const requests = metrics.counter('nearcast_poster_requests_total', 'Requests for pictures of broadcasts.')
  return (req, res) => {
    const [, id, query = ''] = POSTER.exec(req.url ?? '') ?? []
    if (id === undefined) return false
    const isOurs = new URLSearchParams(query).get('player') === '1'
    answer(req, res, id, directory, requests).catch((error: unknown) => {
      const known = toNearcastError(error, log)
      // Our own player asks on the off chance, and browsers complain about every 404 in the page's console.
      const isNone = isOurs && known.status === 404
      requests.inc({ status: isNone ? '204' : String(known.status) })
      if (isNone) res.writeHead(204, { 'Cache-Control': 'no-store' }).end()
      else refuse(res, known)
    })
    return true
  }
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  id: string,
  directory: PosterDirectory,
  requests: Counter,
): Promise<void> {
  allowEveryOrigin(res)
  if (req.method === 'OPTIONS') return preflight(res)
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('Allow', 'GET, HEAD, OPTIONS')
    throw new NearcastError('method-not-allowed')
  }
  const picture = await directory.poster(id, { token: bearerToken(req.headers.authorization) })
  if (!picture) throw new NearcastError('media-not-found', 'There is no picture of this broadcast yet.')
  res.setHeader('Cache-Control', CACHING)
  res.setHeader('ETag', picture.etag)
  const known = isNotModified(req.headers['if-none-match'], picture.etag)
  requests.inc({ status: known ? '304' : '200' })
  if (known) {
    res.writeHead(304).end()
    return
  }
  res.setHeader('Content-Type', 'image/jpeg')
  sendBuffers(req, res, 200, [picture.bytes])
}
