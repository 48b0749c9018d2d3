/** The composition root: makes every part in order, hands each what it asks for, closes in reverse. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { NetworkInterfaceInfo } from 'node:os'
import express from 'express'
import { NearcastError } from '../shared/errors.ts'
import { apiRoutes } from './api/apiRoutes.ts'
import { clientAddress } from './api/clientAddress.ts'
import { errorHandler } from './api/errorAnswer.ts'
import { TokenBuckets } from './api/rateLimit.ts'
import { createPolicyOf } from './auth/createToken.ts'
import { BroadcastRegistry } from './broadcast/BroadcastRegistry.ts'
import type { Config } from './config.ts'
import { readClientFiles } from './delivery/clientFiles.ts'
import { hlsRoutes } from './delivery/hlsRoutes.ts'
import { pageRoutes } from './delivery/pageRoutes.ts'
import type { Clock } from './lib/clock.ts'
import { Disposer } from './lib/Disposer.ts'
import { defaultHttpLimits, hardenServer, httpServerOptions } from './ops/hardenServer.ts'
import { healthRoutes } from './ops/health.ts'
import { listen } from './ops/listen.ts'
import type { Logger } from './ops/logger.ts'
import { Metrics } from './ops/metrics.ts'
import { listenInfos, localAddresses, networkAddress } from './sfu/addresses.ts'
import { WorkerPool } from './sfu/WorkerPool.ts'
import { createIceServers } from './signaling/iceServers.ts'
import { SocketGateway } from './signaling/SocketGateway.ts'
import { Store } from './store/Store.ts'
import { PortPool } from './tap/PortPool.ts'

export interface AppOptions {
  config: Config
  interfaces: Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>
  clock: Clock
  log: Logger
}

/** Where the built client lies. */
const CLIENT_FILES = new URL('../client/dist/', import.meta.url).pathname

const DAY = 86_400_000

interface Parts {
  disposer: Disposer
  pool: WorkerPool
  port: number
  url: string
  networkUrl: string | null
  createToken: string | null
}

export class App {
  readonly #parts: Parts
  #closing: Promise<void> | undefined

  /** Resolves once it listens; rejects with everything closed when a part does not come up. */
  static async create({ config, interfaces, clock, log }: AppOptions): Promise<App> {
    const disposer = new Disposer()
    try {
      const store = Store.open(config.dataDir)
      disposer.add(() => store.close())
      const wildcard = config.host === '::' || config.host === '0.0.0.0'
      const { policy, token } = await createPolicyOf({
        mode: config.create,
        token: config.createToken,
        dataDir: config.dataDir,
        reachableAt: [
          ...(wildcard ? localAddresses(interfaces) : [config.host]),
          ...(config.announcedAddress === null ? [] : [config.announcedAddress]),
          ...(config.publicUrl === null ? [] : [new URL(config.publicUrl).hostname]),
        ],
      })
      const pool = await WorkerPool.create({
        size: config.workers,
        listenInfos: (slot) => listenInfos(interfaces, config.announcedAddress, config.rtcPort + slot),
        limits: { maxIncomingBitrate: config.maxIncomingBitrate, keyFrameRequestDelay: config.keyFrameRequestDelay },
        clock,
        log,
      })
      disposer.add(() => pool.close())

      const metrics = new Metrics()
      const where: { port: number } = { port: config.port }
      const scheme = config.tlsCert === null ? 'http' : 'https'
      const host = wildcard ? networkAddress(interfaces) : config.host
      const networkUrl = () => (host === null ? null : `${scheme}://${host}:${where.port}`)
      const url = () => `${scheme}://${wildcard ? 'localhost' : config.host}:${where.port}`
      const registry = new BroadcastRegistry({
        settings: {
          gracePeriod: config.gracePeriod * 1000,
          partTarget: config.partTarget,
          windowSegments: config.windowSegments,
          maxViewers: config.maxViewers,
          maxSeats: config.maxSeats,
          taps: {
            ports: PortPool.create({ first: config.tapPort, last: config.tapPort + config.tapPortCount - 1 }),
            ffmpegPath: config.ffmpeg,
            audioBitrate: config.audioBitrate,
          },
        },
        store,
        createRouter: () => pool.createRouter(),
        maxBroadcasts: config.maxBroadcasts,
        retention: config.retention * DAY,
        origin: () => config.publicUrl ?? networkUrl() ?? url(),
        clock,
        log,
      })
      disposer.add(() => registry.close('shutting-down'))

      const addressOf = (req: IncomingMessage) => clientAddress(req, config.trustProxy ? 1 : 0)
      const web = express()
      web.disable('x-powered-by')
      const limit = (perSecond: number, burst: number) => new TokenBuckets({ perSecond, burst }, clock)
      web.use(
        healthRoutes({
          metrics,
          readiness: () => ({ workers: pool.isWhole }),
          operatorToken: config.operatorToken,
          addressOf,
          log,
        }),
      )
      web.use(
        '/api',
        apiRoutes({
          directory: registry,
          createPolicy: policy,
          operatorToken: config.operatorToken,
          publicUrl: config.publicUrl,
          buckets: { request: limit(config.requestRate, config.requestRate * 5), create: limit(0.5, 20) },
          addressOf,
          metrics,
          log,
        }),
      )
      const embedOrigins = config.embedOrigins.length === 0 ? null : config.embedOrigins
      web.use(pageRoutes({ files: await readClientFiles(CLIENT_FILES), embedOrigins }))
      web.use(() => {
        throw new NearcastError('not-found')
      })
      web.use(errorHandler(log))

      const hls = hlsRoutes({ directory: registry, metrics, log })
      const limits = config.trustProxy ? { ...defaultHttpLimits, maxConnectionsPerAddress: 0 } : defaultHttpLimits
      const cut = metrics.counter(
        'nearcast_connections_refused_total',
        'Connections cut before they said anything useful.',
      )
      const server = await createHttpServer(config, (req, res) => hls(req, res) || web(req, res))
      hardenServer(server, limits, (why) => cut.inc({ why }))
      const gateway = new SocketGateway({
        httpServers: [server],
        broadcasts: registry,
        iceServers: createIceServers(config, clock),
        publicUrl: config.publicUrl,
        embedOrigins: config.embedOrigins,
        joinDeadline: config.joinDeadline * 1000,
        requestRate: config.requestRate,
        connectionsPerAddress: config.connectionsPerAddress,
        addressOf,
        refused: metrics.counter('nearcast_handshakes_refused_total', 'Signaling handshakes refused, by code.'),
        clock,
        log,
      })
      metrics.observe('gauge', 'nearcast_broadcasts', 'Broadcasts live or interrupted.', () => registry.active)
      metrics.observe('gauge', 'nearcast_viewers', 'People watching.', () => registry.viewers)
      metrics.observe('gauge', 'nearcast_sockets', 'Signaling sockets.', () => gateway.size)

      where.port = await listen(server, config.port, config.host)
      disposer.add(() => closeServer(server))
      disposer.add(() => gateway.close('shutting-down'))
      return new App({ disposer, pool, port: where.port, url: url(), networkUrl: networkUrl(), createToken: token })
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  get port(): number {
    return this.#parts.port
  }

  /** The address on this machine. */
  get url(): string {
    return this.#parts.url
  }

  /** The address others on the network can open, or null without a network. */
  get networkUrl(): string | null {
    return this.#parts.networkUrl
  }

  /** The token that creating asks for, or null when anyone may create. */
  get createToken(): string | null {
    return this.#parts.createToken
  }

  get workerPids(): number[] {
    return this.#parts.pool.pids
  }

  /** Tells everyone, ends every process, closes every socket. */
  close(): Promise<void> {
    this.#closing ??= this.#parts.disposer.close()
    return this.#closing
  }
}

type Listener = (req: IncomingMessage, res: import('node:http').ServerResponse) => unknown

async function createHttpServer({ tlsCert, tlsKey }: Config, listener: Listener): Promise<Server> {
  const options = httpServerOptions(defaultHttpLimits)
  if (tlsCert === null || tlsKey === null) return createServer(options, listener)
  const [cert, key] = await Promise.all([readFile(tlsCert), readFile(tlsKey)])
  return createTlsServer({ ...options, cert, key }, listener)
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
