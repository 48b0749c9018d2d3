/** The socket.io server: who may connect, from where, how often, and which role each socket gets. */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type DefaultEventsMap, Server } from 'socket.io'
import * as v from 'valibot'
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { type ClientEvents, type Handshake, handshakeSchema, type ServerEvents } from '../../shared/signaling.ts'
import { rateLimitKey, TokenBuckets } from '../api/rateLimit.ts'
import { mayWatch } from '../auth/mayWatch.ts'
import { isOwnOrigin, mayWatchFrom } from '../auth/requestOrigin.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import { AddressCount } from '../lib/AddressCount.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../ops/logger.ts'
import type { Counter } from '../ops/metrics.ts'
import { serveBroadcaster } from './BroadcasterSession.ts'
import { ChatRooms } from './ChatRooms.ts'
import type { IceServers } from './iceServers.ts'
import { type Admission, type ServerSocket, Session } from './Session.ts'
import { serveViewer } from './ViewerSession.ts'

/** What signaling asks of whoever keeps the broadcasts. */
export interface BroadcastFinder {
  /** Throws `broadcast-not-found`, or `broadcast-ended` when nothing of it can be watched or published. */
  find(id: string): Broadcast
  /** Throws `wrong-key`. */
  verifyKey(id: string, key: string): void
}

export interface SocketGatewayOptions {
  httpServers: readonly HttpServer[]
  /** Milliseconds that a broadcast waits for a source that is gone. */
  gracePeriod: number
  broadcasts: BroadcastFinder
  iceServers: IceServers
  publicUrl: string | null
  /** Origins whose pages may embed the player; empty means any. */
  embedOrigins: readonly string[]
  /** Milliseconds. */
  joinDeadline: number
  /** Messages a second a socket may go on making. */
  requestRate: number
  connectionsPerAddress: number
  addressOf(request: IncomingMessage): string
  /** Counts handshakes and requests that were refused, by code. */
  refused: Counter
  clock: Clock
  log: Logger
}

/** Bytes a message may have; the largest real one (RTP parameters of three layers) has about 6 KiB. */
const MAX_MESSAGE = 64 * 1024

/** Many sockets stand behind one address (an office, a mobile network): it may send as much as this many sockets. */
const SOCKETS_WORTH = 50

/** Milliseconds that clients have to take their last words; then their connections are cut. */
const FAREWELL = 500

type Connection = ServerSocket['conn']

export class SocketGateway {
  readonly #io: Server<ClientEvents, ServerEvents, DefaultEventsMap, Admission>
  readonly #options: SocketGatewayOptions
  readonly #log: Logger
  readonly #connections = new AddressCount()
  /** WebSockets' connections. */
  readonly #sockets = new Set<Duplex>()
  readonly #socketBuckets: TokenBuckets
  readonly #addressBuckets: TokenBuckets
  readonly #rooms: ChatRooms
  #closing: Promise<void> | undefined

  constructor(options: SocketGatewayOptions) {
    this.#options = options
    this.#log = options.log
    const { requestRate: rate, clock } = options
    this.#socketBuckets = new TokenBuckets({ perSecond: rate, burst: rate * 5 }, clock)
    this.#addressBuckets = new TokenBuckets({ perSecond: rate * SOCKETS_WORTH, burst: rate * 5 * SOCKETS_WORTH }, clock)
    this.#io = new Server({
      maxHttpBufferSize: MAX_MESSAGE,
      connectTimeout: options.joinDeadline,
      pingInterval: 10_000,
      pingTimeout: 8_000,
      serveClient: false,
      cookie: false,
      // Only the HTTP long-polling transport asks; embedding pages of other origins need it, and no cookie is used.
      cors: { origin: options.embedOrigins.length > 0 ? [...options.embedOrigins] : '*', credentials: false },
      allowRequest: (request, done) => {
        const refusal = this.#refusal(request)
        if (refusal !== null) options.refused.inc({ code: refusal })
        done(refusal, refusal === null)
      },
    })
    this.#rooms = new ChatRooms(this.#io)
    this.#io.use((socket, next) => {
      try {
        socket.data = this.#admit(socket)
        next()
      } catch (error) {
        const refusal = error instanceof NearcastError ? error : new NearcastError('internal')
        if (!(error instanceof NearcastError)) this.#log.error({ error: String(error) }, 'handshake failed')
        options.refused.inc({ code: refusal.code })
        next(Object.assign(new Error(refusal.code), { data: refusal.body }))
      }
    })
    // Not before socket.io has the socket: one whose connection is gone by then never says that it disconnected.
    this.#io.on('connection', (socket) => this.#serve(socket))
    for (const server of options.httpServers) {
      this.#io.attach(server)
      server.on('upgrade', (request, socket) => {
        if (!request.url?.startsWith(this.#io.path())) return
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      })
    }
    this.#io.engine.on('connection', (connection: Connection) => {
      connection.once('close', this.#connections.add(this.#addressOf(connection.request)))
    })
  }

  /** Where its requests and upgrades go: what an address of them begins with. */
  get path(): string {
    return this.#io.path()
  }

  /** Sockets connected now. */
  get size(): number {
    return this.#io.of('/').sockets.size
  }

  /** Tells everyone why, then disconnects all. Resolves when nobody is connected any more. */
  close(code: ErrorCode): Promise<void> {
    this.#closing ??= this.#close(code)
    return this.#closing
  }

  async #close(code: ErrorCode): Promise<void> {
    this.#io.emit('closed', new NearcastError(code).body)
    this.#io.disconnectSockets(true)
    const gone = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    const late = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(FAREWELL, late.resolve)
    // Only then: closing the engine throws away what is not written yet.
    await Promise.race([Promise.all(gone), late.promise])
    cancel()
    this.#io.engine.close()
    // Who sleeps answers no closing frame, and would keep the HTTP server from closing.
    for (const socket of this.#sockets) socket.destroy()
    this.#io.removeAllListeners()
  }

  #refusal(request: IncomingMessage): ErrorCode | null {
    if (this.#closing !== undefined) return 'shutting-down'
    if (!mayWatchFrom(request.headers, this.#options)) return 'wrong-origin'
    // Those up to twice the bound are let in as far as being told why they may not stay.
    const open = this.#connections.of(this.#addressOf(request))
    return open >= 2 * this.#options.connectionsPerAddress ? 'too-many-connections' : null
  }

  /** Checks the handshake; throws what the client is told. */
  #admit(socket: ServerSocket): Admission {
    const { broadcasts, publicUrl, connectionsPerAddress } = this.#options
    if (this.#connections.of(this.#addressOf(socket.request)) > connectionsPerAddress) {
      throw new NearcastError('too-many-connections')
    }
    const handshake = parseHandshake(socket.handshake.auth)
    const { origin, host } = socket.request.headers
    if (handshake.role === 'broadcaster' && !isOwnOrigin(origin, host, publicUrl)) {
      throw new NearcastError('wrong-origin')
    }
    const broadcast = broadcasts.find(handshake.broadcastId)
    if (handshake.role === 'broadcaster') broadcasts.verifyKey(handshake.broadcastId, handshake.publishKey)
    else if (!mayWatch(broadcast.record, { token: null })) throw new NearcastError('broadcast-not-found')
    return { handshake, broadcast }
  }

  #serve(socket: ServerSocket): void {
    const { handshake, broadcast } = socket.data
    const { clock, joinDeadline, iceServers, gracePeriod, refused } = this.#options
    const address = this.#addressOf(socket.request)
    const session = new Session(socket, {
      address,
      joinDeadline,
      takeToken: () => this.#socketBuckets.take(socket.id) === 0 && this.#addressBuckets.take(address) === 0,
      refused: (code) => refused.inc({ code }),
      clock,
      log: this.#log.child({ broadcast: broadcast.id, socket: socket.id, role: handshake.role }),
    })
    const rooms = this.#rooms
    if (handshake.role === 'broadcaster') serveBroadcaster(session, broadcast, { iceServers, gracePeriod, rooms })
    else serveViewer(session, broadcast, iceServers, rooms, handshake.session)
  }

  /** One IPv4 address, or the network of an IPv6 one. */
  #addressOf(request: IncomingMessage): string {
    return rateLimitKey(this.#options.addressOf(request))
  }
}

/** Throws `protocol-mismatch` or `bad-message`. */
function parseHandshake(auth: Record<string, unknown>): Handshake {
  if (typeof auth.version === 'number' && auth.version !== PROTOCOL_VERSION)
    throw new NearcastError('protocol-mismatch')
  const parsed = v.safeParse(handshakeSchema, auth)
  if (!parsed.success) throw new NearcastError('bad-message', 'The handshake is not well formed.')
  return parsed.output
}
