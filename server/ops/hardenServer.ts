/** In charge of what a connection may cost before it has said anything worth an answer: time, header bytes, numbers. */
import type { Server as HttpServer, IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ErrorCode, errorTable } from '../../shared/errors.ts'

/** All times in milliseconds. */
export interface HttpLimits {
  /** From the connection (or the previous answer's successor's first byte) to the end of the headers. */
  readonly headersTimeout: number
  /** From the first byte of a request to its last, body included. */
  readonly requestTimeout: number
  /** Nothing read and nothing written: above the longest answer that is held back on purpose (long polls, 25 s). */
  readonly idleTimeout: number
  /** Between an answer and the next request on the same connection. */
  readonly keepAliveTimeout: number
  /** Bytes of request line and headers together. */
  readonly maxHeaderSize: number
  /** Open connections in all. */
  readonly maxConnections: number
  /** Open connections of one address; 0 for no bound, as behind a proxy, where all have the same. */
  readonly maxConnectionsPerAddress: number
}

export const defaultHttpLimits: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  idleTimeout: 60_000,
  keepAliveTimeout: 15_000,
  maxHeaderSize: 16 * 1024,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 256,
}

/** Why a connection was cut, for metrics. */
export type ConnectionRefusal = 'too-many' | 'too-many-of-address' | 'malformed' | 'too-slow' | 'headers-too-large'

/** For the constructor of an `http` or `https` server: what cannot be set later. */
export function httpServerOptions(limits: HttpLimits): ServerOptions & { handshakeTimeout: number } {
  return {
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    maxHeaderSize: limits.maxHeaderSize,
    // TLS only: the handshake counts as part of the headers.
    handshakeTimeout: limits.headersTimeout,
    // Node looks for requests that are late only this often (30 s when not told).
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeout),
    noDelay: true,
    // What has no body gets a stream that ended before it began, not one that ends over five ticks: with 1,000 LL-HLS
    // viewers, whose requests are all of that kind, it saved a sixth of the server's CPU. `tellEnd` makes up for it.
    optimizeEmptyRequests: true,
  }
}

/** For the server so made: bounds its connections and answers what is no HTTP with an error of the table. */
export function hardenServer(
  server: HttpServer | HttpsServer,
  limits: HttpLimits,
  onRefused: (why: ConnectionRefusal) => void = () => {},
): void {
  server.timeout = limits.idleTimeout
  server.maxConnections = limits.maxConnections
  server.maxHeadersCount = 100
  server.on('request', tellEnd)
  server.on('drop', () => onRefused('too-many'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuse(error, socket, onRefused))
  if (limits.maxConnectionsPerAddress > 0) {
    boundPerAddress(server, limits.maxConnectionsPerAddress, () => onRefused('too-many-of-address'))
  }
}

/**
 * A stream that ended before it began says nothing any more, yet engine.io waits for `close` to know that the client of a
 * long poll has gone, and others for `end`. The media doors do not: they look at their response.
 */
function tellEnd(req: IncomingMessage, res: ServerResponse): void {
  if (!req.readableEnded || req.url?.startsWith('/hls/')) return
  process.nextTick(() => req.emit('end'))
  res.once('close', () => req.emit('close'))
}

function boundPerAddress(server: HttpServer | HttpsServer, max: number, onRefused: () => void): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    const count = address === undefined ? max : (open.get(address) ?? 0)
    if (address === undefined || count >= max) {
      onRefused()
      socket.destroy()
      return
    }
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

function refuse(error: NodeJS.ErrnoException, socket: Duplex, onRefused: (why: ConnectionRefusal) => void): void {
  const { why, status, code } = explain(error.code)
  if (error.code !== 'ECONNRESET') onRefused(why)
  // Bytes in the middle of an answer that is under way would be read as part of it.
  const answered = 'bytesWritten' in socket && socket.bytesWritten !== 0
  if (error.code === 'ECONNRESET' || answered || !socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ error: { code, message: errorTable[code].text } })
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function explain(nodeCode: string | undefined): { why: ConnectionRefusal; status: string; code: ErrorCode } {
  switch (nodeCode) {
    case 'HPE_HEADER_OVERFLOW':
      return { why: 'headers-too-large', status: '431 Request Header Fields Too Large', code: 'bad-request' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { why: 'too-slow', status: '408 Request Timeout', code: 'bad-request' }
    default:
      return { why: 'malformed', status: '400 Bad Request', code: 'bad-request' }
  }
}
