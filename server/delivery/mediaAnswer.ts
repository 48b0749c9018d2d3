/** In charge of what the media doors (HLS, DASH) answer alike: headers for any page, caching, text in its forms, bodies. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NearcastError } from '../../shared/errors.ts'
import { sendError } from '../api/errorAnswer.ts'
import { chooseEncoding, isNotModified } from './negotiation.ts'
import type { PlaylistBytes } from './PlaylistCache.ts'

/** Answers a request that is for it and says true, or leaves it untouched and says false. */
export type RequestDoor = (req: IncomingMessage, res: ServerResponse) => boolean

export const caching = {
  /** Shorter than any reload interval (half a target duration of at least 2 s): a cache in front gives nobody an old one. */
  playlist: 'public, max-age=1',
  /** Made for one viewer: in a shared cache, everybody would be counted as that one. */
  personal: 'private, no-store',
  /** URLs are unique (run id and number), so the bytes behind one never change. */
  media: 'public, max-age=31536000, immutable',
  /** May be there in a moment. */
  missing: 'public, max-age=1',
  /** Will never come back. */
  gone: 'public, max-age=60',
} as const

/** Anybody may watch on any page; nothing here depends on who asks with what cookies, so credentials are not allowed. */
export function allowEveryOrigin(res: ServerResponse): void {
  res.setHeader('Access-Control-Allow-Origin', '*')
  res.setHeader('Access-Control-Expose-Headers', 'Content-Length, Content-Range, Date, ETag')
  res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
  res.setHeader('Timing-Allow-Origin', '*')
  res.setHeader('X-Content-Type-Options', 'nosniff')
}

export function preflight(res: ServerResponse): void {
  res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS')
  res.setHeader('Access-Control-Allow-Headers', 'Authorization, If-None-Match, If-Range, Range')
  // Chromium believes at most two hours.
  res.setHeader('Access-Control-Max-Age', '7200')
  res.writeHead(204).end()
}

/** An error, with how long a cache may keep it. */
export function refuse(res: ServerResponse, error: NearcastError): void {
  if (error.status === 404) res.setHeader('Cache-Control', caching.missing)
  if (error.status === 410) res.setHeader('Cache-Control', caching.gone)
  sendError(res, error)
}

/** A playlist or manifest, compressed for whoever takes that; says nothing new to whoever has it. Returns the status. */
export async function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  text: PlaylistBytes,
  { type, cache }: { readonly type: string; readonly cache: string },
): Promise<{ status: 200 | 304; bytes: number }> {
  res.setHeader('Cache-Control', cache)
  res.setHeader('Vary', 'Accept-Encoding')
  res.setHeader('ETag', text.etag)
  if (isNotModified(req.headers['if-none-match'], text.etag)) {
    res.writeHead(304).end()
    return { status: 304, bytes: 0 }
  }
  res.setHeader('Content-Type', type)
  const gzipped = chooseEncoding(req.headers['accept-encoding'], ['gzip']) === 'gzip'
  const body = gzipped ? await text.gzipped() : text.plain
  if (gzipped) res.setHeader('Content-Encoding', 'gzip')
  return { status: 200, bytes: sendBuffers(req, res, 200, [body]) }
}

/** A body of several pieces, or for HEAD none of them. Returns how many bytes were handed to the network. */
export function sendBuffers(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: readonly Buffer[],
): number {
  const size = body.reduce((sum, buffer) => sum + buffer.byteLength, 0)
  const sent = req.method === 'HEAD' ? 0 : size
  res.setHeader('Content-Length', size)
  res.writeHead(status)
  if (sent > 0) {
    // Views of the packager's buffers: a slow reader holds references to one segment, never a copy of it.
    res.cork()
    for (const buffer of body) res.write(buffer)
    res.uncork()
  }
  res.end()
  return sent
}
