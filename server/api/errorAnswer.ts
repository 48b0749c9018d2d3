/** In charge of how errors leave over HTTP: `{error: {code, message}}` with the status of the table, and nothing else. */
import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import { NearcastError } from '../../shared/errors.ts'

/** Where errors that are nobody's fault but ours are written. */
export interface ErrorLog {
  error(fields: object, message: string): void
}

/** Seconds after which a refused client may come back when nobody knows better. */
const RETRY_AFTER_S = { 429: '1', 503: '5' } as Readonly<Record<number, string>>

/**
 * What may be told about an error. Errors of Express and its body parser that blame the client keep their status in our
 * words; anything unknown is logged and becomes `internal`, without its text.
 */
export function toNearcastError(error: unknown, log: ErrorLog): NearcastError {
  if (error instanceof NearcastError) return error
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (status === 413) return new NearcastError('payload-too-large')
  if (status === 415) return new NearcastError('unsupported-media-type')
  if (error instanceof URIError) return new NearcastError('bad-request', 'The address is not well formed.')
  if (error instanceof SyntaxError && status === 400) return new NearcastError('bad-request', 'The body is not JSON.')
  if (typeof status === 'number' && status >= 400 && status < 500) return new NearcastError('bad-request')
  log.error({ err: error }, 'request failed')
  return new NearcastError('internal')
}

/** Answers with an error, or drops the connection when an answer is already under way. */
export function sendError(res: ServerResponse, error: NearcastError): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const body = Buffer.from(JSON.stringify({ error: error.body }))
  res.statusCode = error.status
  // RFC 9110 11.6.1: a 401 names the scheme it wants.
  if (error.status === 401) res.setHeader('WWW-Authenticate', 'Bearer')
  const retryAfter = RETRY_AFTER_S[error.status]
  if (retryAfter !== undefined && !res.hasHeader('Retry-After')) res.setHeader('Retry-After', retryAfter)
  if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.setHeader('Content-Length', body.byteLength)
  res.end(body)
}

/** Last in line of a router or of the whole application: whatever was thrown becomes JSON. */
export function errorHandler(log: ErrorLog): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => sendError(res, toNearcastError(error, log))
}
