/** In charge of `/hls/…`: playlists and media of a live broadcast over plain HTTP, for any player on any page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'
import { viewerSessionSchema } from '../../shared/ids.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import { bearerToken } from '../auth/bearer.ts'
import { newViewerSession } from '../auth/keys.ts'
import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../ops/metrics.ts'
import { HeldRequests } from './HeldRequests.ts'
import { HlsAnswers } from './HlsAnswers.ts'
import type { HlsDirectory, HlsSource } from './HlsDirectory.ts'
import { parseHlsAddress } from './hlsAddress.ts'
import { noDirectives, parseDirectives } from './hlsDirectives.ts'
import { PLAYLIST_TYPE } from './hlsHeaders.ts'
import { LiveDelivery, type LiveDeps } from './LiveDelivery.ts'
import { allowEveryOrigin, caching, preflight, type RequestDoor, sendText } from './mediaAnswer.ts'
import { makePlaylistBytes, PlaylistCache } from './PlaylistCache.ts'

export interface HlsRoutesDeps {
  readonly directory: HlsDirectory
  /** Whom a request counts for. */
  readonly addressOf: (req: IncomingMessage) => string
  /** Requests that may be held back at once: in all, and of one address. */
  readonly maxHeld: number
  readonly maxHeldPerAddress: number
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: ErrorLog
  /** What to ask for media that is not in memory any more: true when it has answered. */
  readonly older?: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>
}

/** A listener for a bare `node:http` server, to be asked before Express: this is where the requests are. */
export function hlsRoutes(deps: HlsRoutesDeps): RequestDoor {
  const delivery = new HlsDelivery(deps)
  return (req, res) => {
    if (!req.url?.startsWith('/hls/')) return false
    delivery.answer(req, res)
    return true
  }
}

class HlsDelivery {
  readonly #deps: HlsRoutesDeps
  readonly #live: LiveDeps
  readonly #texts = new PlaylistCache()
  /** Of packagers that somebody has asked for something; gone with them. */
  readonly #deliveries = new Map<HlsSource, LiveDelivery>()

  constructor(deps: HlsRoutesDeps) {
    const { metrics, clock, maxHeld: max, maxHeldPerAddress: maxPerAddress } = deps
    this.#deps = deps
    const refused = metrics.counter('nearcast_hls_not_held_total', 'Requests refused since too many are held already.')
    const held = new HeldRequests({ max, maxPerAddress, refused: refused.series({}), clock })
    this.#live = { answers: new HlsAnswers(metrics), held, clock }
    metrics.observe(
      'gauge',
      'nearcast_hls_held',
      'Requests held until the part they ask for is there.',
      () => held.size,
    )
  }

  answer(req: IncomingMessage, res: ServerResponse): void {
    try {
      if (req.method === 'GET' || req.method === 'HEAD') this.#find(req, res)
      else if (req.method === 'OPTIONS') {
        allowEveryOrigin(res)
        preflight(res)
      } else {
        res.setHeader('Allow', 'GET, HEAD, OPTIONS')
        throw new NearcastError('method-not-allowed')
      }
    } catch (error) {
      void this.#refuse(req, res, error)
    }
  }

  /** What is not in memory may be on the disk. */
  async #refuse(req: IncomingMessage, res: ServerResponse, error: unknown): Promise<void> {
    if (await this.#deps.older?.(req, res)) return
    this.#live.answers.refuse(res, toNearcastError(error, this.#deps.log))
  }

  #find(req: IncomingMessage, res: ServerResponse): void {
    const { directory, addressOf } = this.#deps
    const url = req.url ?? ''
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const address = parseHlsAddress(path)
    if (!address) throw unknownAddress(path)
    const source = directory.hls(address.id, { token: bearerToken(req.headers.authorization) })
    if (address.kind === 'media') {
      this.#deliveryOf(source).media(address.rendition, address.name, res, addressOf(req))
      return
    }
    const query = mark < 0 ? null : new URLSearchParams(url.slice(mark + 1))
    if (address.kind !== 'playlist') {
      const sent =
        address.kind === 'multivariant'
          ? this.#sendMultivariant(req, res, source, query)
          : this.#sendIframes(req, res, source, address.rendition)
      sent.catch((error: unknown) => this.#live.answers.refuse(res, toNearcastError(error, this.#deps.log)))
      return
    }
    const session = query && req.method === 'GET' ? knownSession(query) : null
    this.#deliveryOf(source).playlist(address.rendition, {
      res,
      address: addressOf(req),
      directives: query ? parseDirectives(query) : noDirectives,
      seen: session === null ? null : (heldFor) => directory.countHttpViewer(address.id, session, heldFor),
    })
  }

  async #sendMultivariant(
    req: IncomingMessage,
    res: ServerResponse,
    source: HlsSource,
    query: URLSearchParams | null,
  ): Promise<void> {
    // Our own player is counted by its signaling session already.
    const isOurs = query?.get('player') === '1'
    const session = isOurs ? null : ((query && knownSession(query)) ?? newViewerSession())
    const text = source.multivariantPlaylist(session === null ? {} : { session })
    if (text === null) throw new NearcastError('not-live')
    await this.#sendText(req, res, text, isOurs)
  }

  /** Pictures only: there is none of a rendition of sound. */
  async #sendIframes(req: IncomingMessage, res: ServerResponse, source: HlsSource, rendition: string): Promise<void> {
    const playlist = rendition === 'audio' ? null : source.playlist(rendition)
    if (!playlist) throw new NearcastError('media-not-found')
    await this.#sendText(req, res, playlist.iframes(), true)
  }

  async #sendText(req: IncomingMessage, res: ServerResponse, text: string, shared: boolean): Promise<void> {
    allowEveryOrigin(res)
    const playlist = shared ? this.#texts.get(text) : makePlaylistBytes(text)
    const sent = await sendText(req, res, playlist, {
      type: PLAYLIST_TYPE,
      cache: caching[shared ? 'playlist' : 'personal'],
    })
    this.#live.answers.count('playlist', sent.status)
    this.#live.answers.countBytes('playlist', sent.bytes)
  }

  #deliveryOf(source: HlsSource): LiveDelivery {
    const known = this.#deliveries.get(source)
    if (known) return known
    const delivery = new LiveDelivery(source, this.#live, () => this.#deliveries.delete(source))
    this.#deliveries.set(source, delivery)
    return delivery
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
