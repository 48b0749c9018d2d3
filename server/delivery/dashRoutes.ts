/** In charge of `/dash/…`: the manifest over the segment files of HLS, and the clock by which players read it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'
import { viewerSessionSchema } from '../../shared/ids.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import { bearerToken } from '../auth/bearer.ts'
import { newViewerSession } from '../auth/keys.ts'
import type { Clock } from '../lib/clock.ts'
import type { Counter, Metrics } from '../ops/metrics.ts'
import { CLOCK_PATH } from '../packager/dashManifest.ts'
import type { DashDirectory } from './DashDirectory.ts'
import type { KeptDirectory } from './KeptDirectory.ts'
import { allowEveryOrigin, caching, preflight, type RequestDoor, refuse, sendBuffers, sendText } from './mediaAnswer.ts'
import { makePlaylistBytes, PlaylistCache } from './PlaylistCache.ts'

export interface DashRoutesDeps {
  readonly directory: DashDirectory & Pick<KeptDirectory, 'kept' | 'isRecording'>
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: ErrorLog
}

/** ISO/IEC 23009-1, Annex C. */
const MANIFEST_TYPE = 'application/dash+xml'

/** Ids are made of characters that are never percent-encoded. */
const MANIFEST = /^\/dash\/([\w-]{16})\/manifest\.mpd$/

/** A listener for a bare `node:http` server, to be asked before Express: players ask every second. */
export function dashRoutes(deps: DashRoutesDeps): RequestDoor {
  const delivery = new DashDelivery(deps)
  return (req, res) => {
    if (!req.url?.startsWith('/dash/')) return false
    void delivery.answer(req, res)
    return true
  }
}

class DashDelivery {
  readonly #deps: DashRoutesDeps
  readonly #manifests = new PlaylistCache()
  readonly #requests: Counter

  constructor(deps: DashRoutesDeps) {
    this.#deps = deps
    this.#requests = deps.metrics.counter(
      'nearcast_dash_requests_total',
      'Requests below /dash/, by what was asked for.',
    )
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
    const [path = '', search = ''] = (req.url ?? '').split('?', 2)
    if (path === CLOCK_PATH) return this.#tellTime(req, res)
    const [, id] = MANIFEST.exec(path) ?? []
    if (id === undefined) throw new NearcastError('media-not-found')
    const { directory } = this.#deps
    if (directory.isRecording(id)) return this.#sendRecording(req, res, id)
    const source = directory.dash(id, { token: bearerToken(req.headers.authorization) })
    const asked = new URLSearchParams(search)
    const session = asked.get('session')
    const known = v.is(viewerSessionSchema, session) ? session : null
    // The first manifest of a player names the address of the later ones, which tells it from others and counts it. It is
    // made for this player alone; the later ones are the same for everybody.
    const personal = known === null && asked.get('player') !== '1'
    const location = personal ? { location: `manifest.mpd?session=${newViewerSession()}` } : {}
    const text = source.manifest({ baseUrl: `../../hls/${id}/`, ...location })
    if (text === null) throw new NearcastError('not-live')
    if (known !== null && req.method === 'GET') directory.countHttpViewer(id, known)
    const sent = await sendText(req, res, personal ? makePlaylistBytes(text) : this.#manifests.get(text), {
      type: MANIFEST_TYPE,
      cache: personal ? caching.personal : caching.playlist,
    })
    this.#requests.inc({ kind: 'manifest', status: String(sent.status) })
  }

  /** What is over is the same for everybody, and nobody is counted. */
  async #sendRecording(req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
    const kept = await this.#deps.directory.kept(id, { token: bearerToken(req.headers.authorization) })
    const text = await kept?.manifest(`../../hls/${id}/`)
    if (!text) throw new NearcastError('no-recording')
    const sent = await sendText(req, res, this.#manifests.get(text), { type: MANIFEST_TYPE, cache: caching.playlist })
    this.#requests.inc({ kind: 'manifest', status: String(sent.status) })
  }

  /** What `UTCTiming` names: the clock of everything here, in milliseconds (a `Date` header has only seconds). */
  #tellTime(req: IncomingMessage, res: ServerResponse): void {
    this.#requests.inc({ kind: 'time', status: '200' })
    res.setHeader('Content-Type', 'text/plain; charset=utf-8')
    res.setHeader('Cache-Control', 'no-store')
    sendBuffers(req, res, 200, [Buffer.from(new Date(this.#deps.clock.now()).toISOString())])
  }
}
