/** In charge of writing HLS answers, and counting them: one block of headers and one body each, none of it made here. */
import type { ServerResponse } from 'node:http'
import type { NearcastError } from '../../shared/errors.ts'
import type { CounterSeries, Metrics } from '../ops/metrics.ts'
import { parseByteRange, sliceBuffers } from './byteRange.ts'
import { badRangeHeaders, type HeaderBlock, mediaHeaders, unchangedPlaylistHeaders } from './hlsHeaders.ts'
import { allowEveryOrigin, refuse } from './mediaAnswer.ts'
import { chooseEncoding, isNotModified } from './negotiation.ts'
import type { PlaylistEdition } from './PlaylistEdition.ts'

type Kind = 'playlist' | 'media' | 'refused'

/** `Accept-Encoding` headers remembered: every copy of a browser sends the same one. */
const MAX_ENCODINGS = 64

export class HlsAnswers {
  readonly #metrics: Metrics
  readonly #requests = new Map<string, CounterSeries>()
  readonly #bytes: Readonly<Record<'playlist' | 'media', CounterSeries>>
  readonly #takesGzip = new Map<string, boolean>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    const bytes = metrics.counter('nearcast_hls_bytes_total', 'Bytes of HLS bodies handed to the network.')
    this.#bytes = { playlist: bytes.series({ kind: 'playlist' }), media: bytes.series({ kind: 'media' }) }
  }

  /** `awaited`: the answer holds what its URL asked to wait for, and may be kept for longer. */
  playlist(res: ServerResponse, edition: PlaylistEdition, skip: boolean, awaited: boolean): void {
    const { headers, method } = res.req
    const match = headers['if-none-match']
    if (match !== undefined && isNotModified(match, edition.etag)) {
      this.#end(res, 'playlist', 304, unchangedPlaylistHeaders(edition.etag))
      return
    }
    const form = edition.form(skip, this.#gzips(headers['accept-encoding']))
    this.#end(res, 'playlist', 200, awaited ? form.awaited : form.newest, method === 'HEAD' ? undefined : form.body)
  }

  /** A file, whole or the range that is asked for. */
  media(res: ServerResponse, pieces: readonly Buffer[], etag: string): void {
    const { headers, method } = res.req
    const { 'if-none-match': match, range: wanted, 'if-range': ifRange } = headers
    if (match !== undefined && isNotModified(match, etag)) {
      this.#end(res, 'media', 304, mediaHeaders(etag, null))
      return
    }
    const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    const mayBeCut = wanted !== undefined && method === 'GET' && (ifRange === undefined || ifRange === etag)
    const range = mayBeCut ? parseByteRange(wanted, size) : null
    if (range === 'unsatisfiable') this.#end(res, 'media', 416, badRangeHeaders(size))
    else if (range === null) this.#stream(res, 200, mediaHeaders(etag, size), method === 'HEAD' ? [] : pieces)
    else {
      const told = `bytes ${range.first}-${range.last}/${size}`
      this.#stream(res, 206, mediaHeaders(etag, range.last + 1 - range.first, told), sliceBuffers(pieces, range))
    }
  }

  refuse(res: ServerResponse, error: NearcastError): void {
    if (!res.headersSent) allowEveryOrigin(res)
    this.count('refused', error.status)
    refuse(res, error)
  }

  count(kind: Kind, status: number): void {
    const key = `${kind} ${status}`
    let series = this.#requests.get(key)
    if (!series) {
      const requests = this.#metrics.counter(
        'nearcast_hls_requests_total',
        'Requests below /hls/, by what was asked for.',
      )
      series = requests.series({ kind, status: String(status) })
      this.#requests.set(key, series)
    }
    series.inc()
  }

  countBytes(kind: 'playlist' | 'media', bytes: number): void {
    this.#bytes[kind].inc(bytes)
  }

  #end(res: ServerResponse, kind: 'playlist' | 'media', status: number, headers: HeaderBlock, body?: Buffer): void {
    this.count(kind, status)
    res.writeHead(status, headers)
    if (body === undefined) {
      res.end()
      return
    }
    this.countBytes(kind, body.byteLength)
    res.end(body)
  }

  /** Views of the packager's buffers: a slow reader holds references to one segment, never a copy of it. */
  #stream(res: ServerResponse, status: number, headers: HeaderBlock, pieces: readonly Buffer[]): void {
    const [only] = pieces
    if (pieces.length <= 1) {
      this.#end(res, 'media', status, headers, only)
      return
    }
    this.count('media', status)
    res.writeHead(status, headers)
    res.cork()
    for (const piece of pieces) {
      this.countBytes('media', piece.byteLength)
      res.write(piece)
    }
    res.uncork()
    res.end()
  }

  #gzips(header: string | undefined): boolean {
    if (header === undefined) return false
    const known = this.#takesGzip.get(header)
    if (known !== undefined) return known
    const takes = chooseEncoding(header, ['gzip']) === 'gzip'
    if (this.#takesGzip.size >= MAX_ENCODINGS) this.#takesGzip.clear()
    this.#takesGzip.set(header, takes)
    return takes
  }
}
