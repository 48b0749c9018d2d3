/** In charge of the header blocks of HLS answers: flat lists for `writeHead`, made once and sent to thousands. No I/O. */
import { caching } from './mediaAnswer.ts'

/** Names and values in turn. Node takes it as it is; nobody may change it. */
export type HeaderBlock = string[]

/** RFC 8216 4. */
export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
/** For audio too: what a CMAF file may be called whatever is in it (Apple's HLS authoring specification, 1.x). */
const MEDIA_TYPE = 'video/mp4'

/** What `allowEveryOrigin` sets, for answers that are written as a block. */
const everyOrigin: HeaderBlock = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'Content-Length, Content-Range, Date, ETag',
  'Cross-Origin-Resource-Policy',
  'cross-origin',
  'Timing-Allow-Origin',
  '*',
  'X-Content-Type-Options',
  'nosniff',
]

interface PlaylistHeaders {
  readonly etag: string
  readonly gzip: boolean
  /** Bytes. */
  readonly length: number
  /** Seconds; without it the playlist is as short-lived as a plain one. */
  readonly maxAge?: number
}

export function playlistHeaders({ etag, gzip, length, maxAge }: PlaylistHeaders): HeaderBlock {
  return [
    ...unchangedPlaylistHeaders(etag, maxAge),
    'Content-Type',
    PLAYLIST_TYPE,
    'Content-Length',
    String(length),
    ...(gzip ? ['Content-Encoding', 'gzip'] : []),
  ]
}

/** Of a 304: what a cache refreshes its copy with (RFC 9110, 15.4.5). */
export function unchangedPlaylistHeaders(etag: string, maxAge?: number): HeaderBlock {
  const cacheControl = maxAge === undefined ? caching.playlist : `public, max-age=${maxAge}`
  return [...everyOrigin, 'Cache-Control', cacheControl, 'Vary', 'Accept-Encoding', 'ETag', etag]
}

/** `length` is that of the body; none for a 304. */
export function mediaHeaders(etag: string, length: number | null, range?: string): HeaderBlock {
  const headers = [...everyOrigin, 'Cache-Control', caching.media, 'ETag', etag, 'Accept-Ranges', 'bytes']
  if (length !== null) headers.push('Content-Type', MEDIA_TYPE, 'Content-Length', String(length))
  if (range !== undefined) headers.push('Content-Range', range)
  return headers
}

/** Of a 416, which says how long the file is (RFC 9110, 15.5.17) and is not to be kept. */
export function badRangeHeaders(size: number): HeaderBlock {
  return [
    ...everyOrigin,
    'Cache-Control',
    'no-store',
    'Accept-Ranges',
    'bytes',
    'Content-Length',
    '0',
    'Content-Range',
    `bytes */${size}`,
  ]
}
