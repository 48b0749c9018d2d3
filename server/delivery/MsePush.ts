/** In charge of `GET /mse/:id`: which WebSockets are let in, how many, and that each of them is still alive. */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import { type ErrorLog, toNearcastError } from '../api/errorAnswer.ts'
import { rateLimitKey } from '../api/rateLimit.ts'
import { bearerToken } from '../auth/bearer.ts'
import { type EmbedPolicy, mayWatchFrom } from '../auth/requestOrigin.ts'
import { AddressCount } from '../lib/AddressCount.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { Counter, Metrics } from '../ops/metrics.ts'
import type { MseDirectory } from './MseFeed.ts'
import { MseSession } from './MseSession.ts'
import { parseMseAddress } from './mseAddress.ts'
import { refuseUpgrade } from './refuseUpgrade.ts'

export interface MsePushOptions extends EmbedPolicy {
  readonly httpServers: readonly HttpServer[]
  /** Paths whose upgrades somebody else answers; all others but ours are refused. */
  readonly others: readonly string[]
  readonly directory: MseDirectory
  readonly connectionsPerAddress: number
  /** Connections in all. */
  readonly maxConnections: number
  addressOf(request: IncomingMessage): string
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: ErrorLog
}

/** Clients have nothing to say: the least that the library takes for a bound. Bytes. */
const MAX_MESSAGE = 64
/** Milliseconds between two pings; who has not answered one by the next is gone. */
const PING_INTERVAL_MS = 15_000
/** Milliseconds that clients have to take the farewell when the server stops. */
const FAREWELL_MS = 500

interface Connection {
  readonly socket: WebSocket
  readonly session: MseSession
  answered: boolean
}

export class MsePush {
  readonly #options: MsePushOptions
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    // Answered by hand: whoever pings and does not read would make answers pile up.
    autoPong: false,
  })
  readonly #connections = new Set<Connection>()
  readonly #perAddress = new AddressCount()
  readonly #refused: Counter
  readonly #closed: Counter
  readonly #skipped: Counter
  readonly #bytes: Counter
  readonly #stopPinging: CancelTimer
  #closing: Promise<void> | undefined

  constructor(options: MsePushOptions) {
    const { metrics, clock } = options
    this.#options = options
    this.#refused = metrics.counter('nearcast_mse_refused_total', 'WebSockets refused, by code.')
    this.#closed = metrics.counter('nearcast_mse_closed_total', 'MSE sockets closed by the server, by code.')
    this.#skipped = metrics.counter('nearcast_mse_skipped_total', 'Times a slow MSE socket was put off to an IDR.')
    this.#bytes = metrics.counter('nearcast_mse_bytes_total', 'Bytes of media handed to MSE sockets.')
    metrics.observe('gauge', 'nearcast_mse_sockets', 'MSE sockets open.', () => this.size)
    this.#stopPinging = clock.every(PING_INTERVAL_MS, () => this.#ping())
    for (const server of options.httpServers) {
      server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    }
  }

  /** Connections open. */
  get size(): number {
    return this.#connections.size
  }

  /** Lets nobody in any more and closes all. Resolves when every connection is gone. */
  close(code: ErrorCode): Promise<void> {
    this.#closing ??= this.#close(code)
    return this.#closing
  }

  async #close(code: ErrorCode): Promise<void> {
    this.#stopPinging()
    const all = [...this.#connections]
    const gone = all.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)))
    for (const { session } of all) session.close(code)
    const late = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(FAREWELL_MS, late.resolve)
    await Promise.race([Promise.all(gone), late.promise])
    cancel()
    for (const { socket } of all) socket.terminate()
    await Promise.all(gone)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = request.url ?? ''
    if (!url.startsWith('/mse/')) {
      if (!this.#options.others.some((path) => url.startsWith(path)))
        this.#refuse(socket, new NearcastError('not-found'))
      return
    }
    try {
      this.#admit(request, socket, head)
    } catch (error) {
      this.#refuse(socket, toNearcastError(error, this.#options.log))
    }
  }

  /** Throws what the client is told. */
  #admit(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { directory, clock, connectionsPerAddress, maxConnections } = this.#options
    if (this.#closing) throw new NearcastError('shutting-down')
    if (!mayWatchFrom(request.headers, this.#options)) throw new NearcastError('wrong-origin')
    const address = rateLimitKey(this.#options.addressOf(request))
    if (this.#perAddress.of(address) >= connectionsPerAddress) throw new NearcastError('too-many-connections')
    if (this.size >= maxConnections) throw new NearcastError('no-seat')
    const { id, rendition, viewer } = parseMseAddress(request.url ?? '')
    const feed = directory.mse(id, { token: bearerToken(request.headers.authorization) })
    let session: MseSession | null = null
    const unseat = directory.seatMseViewer(id, viewer, () => session?.close('wrong-state'))
    const unaddress = this.#perAddress.add(address)
    socket.once('close', unaddress)
    socket.once('close', unseat)
    // Refuses a handshake that is not well formed by itself, and then does not call back.
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      session = MseSession.create({ socket: ws, feed, wanted: rendition, clock })
      this.#serve({ socket: ws, session, answered: true })
    })
  }

  #serve(connection: Connection): void {
    const { socket, session } = connection
    this.#connections.add(connection)
    session.on('skipped', () => this.#skipped.inc())
    session.on('sent', (bytes) => this.#bytes.inc({}, bytes))
    session.on('closed', (code) => {
      if (code !== null) this.#closed.inc({ code })
    })
    socket.on('message', () => session.close('bad-message'))
    socket.on('pong', () => {
      connection.answered = true
    })
    socket.on('ping', () => {
      if (socket.bufferedAmount === 0) socket.pong()
    })
    // Frames that are none: the library closes the socket with the code for it.
    socket.on('error', () => this.#refused.inc({ code: 'bad-message' }))
    socket.once('close', () => {
      session.socketClosed()
      this.#connections.delete(connection)
    })
  }

  #ping(): void {
    for (const connection of this.#connections) {
      if (!connection.answered) {
        connection.socket.terminate()
        continue
      }
      connection.answered = false
      connection.socket.ping()
    }
  }

  #refuse(socket: Duplex, error: NearcastError): void {
    this.#refused.inc({ code: error.code })
    refuseUpgrade(socket, error)
  }
}
