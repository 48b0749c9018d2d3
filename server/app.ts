/** The composition root: makes every part in order, hands each what it asks for, closes in reverse. */
import { randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { NetworkInterfaceInfo } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clientAddress } from './api/clientAddress.ts'
import { Recordings } from './archive/Recordings.ts'
import { createPolicyOf } from './auth/createToken.ts'
import { BroadcastRegistry } from './broadcast/BroadcastRegistry.ts'
import { type SeatCounters, seatCounters } from './broadcast/seatCounters.ts'
import type { Config } from './config.ts'
import { buildOf, readClientFiles } from './delivery/clientFiles.ts'
import { MsePush } from './delivery/MsePush.ts'
import type { Clock } from './lib/clock.ts'
import { Disposer } from './lib/Disposer.ts'
import { defaultHttpLimits, type HttpLimits } from './ops/hardenServer.ts'
import { closeHttpServer, createHttpServer, listen } from './ops/httpServer.ts'
import type { Logger } from './ops/logger.ts'
import { Metrics } from './ops/metrics.ts'
import { type Origins, origins, reachableAt } from './origins.ts'
import { listenInfos } from './sfu/addresses.ts'
import { WorkerPool } from './sfu/WorkerPool.ts'
import { createIceServers } from './signaling/iceServers.ts'
import { SocketGateway } from './signaling/SocketGateway.ts'
import { Store } from './store/Store.ts'
import { PortPool } from './tap/PortPool.ts'
import { StillMaker } from './tap/StillMaker.ts'
import { createTranscoding, type Transcoding } from './transcoding.ts'
import { createWeb } from './web.ts'

export interface AppOptions {
  config: Config
  interfaces: Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>
  clock: Clock
  log: Logger
}

const CLIENT_FILES = fileURLToPath(new URL('../client/dist/', import.meta.url))
const DAY = 86_400_000

export class App {
  /** The port it is bound to. */
  readonly port: number
  readonly origins: Origins
  /** The token that creating asks for, or null when anyone may create. */
  readonly createToken: string | null
  readonly #pool: WorkerPool
  readonly #disposer: Disposer
  #closing: Promise<void> | undefined

  /** Resolves once it listens; rejects with everything closed when a part does not come up. */
  static async create({ config, interfaces, clock, log }: AppOptions): Promise<App> {
    const disposer = new Disposer()
    try {
      const store = Store.open(config.dataDir)
      disposer.add(() => store.close())
      const metrics = new Metrics()
      const recordings = await createRecordings(config, { store, clock, log, metrics })
      disposer.add(() => recordings.close())
      const { policy, token } = await createPolicyOf({
        mode: config.create,
        token: config.createToken,
        dataDir: config.dataDir,
        reachableAt: reachableAt(config, interfaces),
      })
      const pool = await WorkerPool.create({
        size: config.workers,
        listenInfos: (slot) => listenInfos(interfaces, config.announcedAddress, config.rtcPort + slot),
        limits: { maxIncomingBitrate: config.maxIncomingBitrate, keyFrameRequestDelay: config.keyFrameRequestDelay },
        loadLimit: config.workerLoad / 100,
        guarded: metrics.counter('nearcast_worker_guarded_total', 'Times a busy worker took no further viewers.'),
        clock,
        log,
      })
      disposer.add(() => pool.close())

      const transcoding = await createTranscoding(config, clock, log)
      const stills = new StillMaker({ ffmpegPath: config.ffmpeg, clock })
      disposer.add(() => stills.close())

      const files = await readClientFiles(CLIENT_FILES)
      let bound = config.port
      let push: MsePush | null = null
      const registry = createRegistry(config, {
        pool,
        store,
        recordings,
        transcoding,
        stills,
        seatCounters: seatCounters(metrics),
        build: buildOf(files),
        mseHasRoom: () => (push?.size ?? 0) < config.maxMseSockets,
        metrics,
        clock,
        log,
        origin: () => origins(config, interfaces, bound).shared,
      })
      disposer.add(() => registry.close())

      const addressOf = (req: IncomingMessage) => clientAddress(req, config.trustProxy ? 1 : 0)
      const listener = createWeb({
        config,
        files,
        registry,
        createPolicy: policy,
        readiness: () => ({ workers: pool.isWhole }),
        addressOf,
        metrics,
        clock,
        log,
      })
      const cut = metrics.counter(
        'nearcast_connections_refused_total',
        'Connections cut before they said anything useful.',
      )
      const server = await createHttpServer({
        ...config,
        limits: httpLimits(config),
        listener,
        onRefused: (why) => cut.inc({ why }),
      })
      const gateway = new SocketGateway({
        gracePeriod: config.gracePeriod * 1000,
        httpServers: [server],
        broadcasts: registry,
        iceServers: createIceServers(config, clock),
        publicUrl: config.publicUrl,
        embedOrigins: config.embedOrigins,
        joinDeadline: config.joinDeadline * 1000,
        requestRate: config.requestRate,
        connectionsPerAddress: config.connectionsPerAddress,
        addressOf,
        refused: metrics.counter('nearcast_signaling_refused_total', 'Handshakes and requests refused, by code.'),
        clock,
        log,
      })
      const pushes = new MsePush({
        ...config,
        httpServers: [server],
        others: [gateway.path],
        directory: registry,
        maxConnections: config.maxMseSockets,
        addressOf,
        metrics,
        clock,
        log,
      })
      push = pushes
      metrics.observe('gauge', 'nearcast_broadcasts', 'Broadcasts live or interrupted.', () => registry.active)
      metrics.observe('gauge', 'nearcast_recordings', 'Recordings that can be watched.', () => recordings.count)
      metrics.observe(
        'gauge',
        'nearcast_kept_bytes',
        'Bytes on disk of windows and recordings.',
        () => recordings.bytes,
      )
      metrics.observe('gauge', 'nearcast_viewers', 'People watching.', () => registry.viewers)
      metrics.observe('gauge', 'nearcast_webrtc_seats', 'Viewers with WebRTC.', () => registry.seats.taken)
      metrics.observe('gauge', 'nearcast_seats_waiting', 'Viewers who wait for WebRTC.', () => registry.seats.waiting)
      metrics.observe('gauge', 'nearcast_sockets', 'Signaling sockets.', () => gateway.size)

      const { slots } = transcoding
      metrics.observe('gauge', 'nearcast_transcodes', 'Broadcasts being transcoded.', () => slots.running)
      metrics.observe('gauge', 'nearcast_transcodes_waiting', 'Broadcasts that wait for a slot.', () => slots.waiting)
      metrics.observe(
        'counter',
        'nearcast_transcodes_refused_total',
        'Broadcasts that found no slot free.',
        () => slots.refused,
      )

      bound = await listen(server, config.port, config.host)
      disposer.add(() => closeHttpServer(server))
      disposer.add(() => gateway.close('shutting-down'))
      disposer.add(() => pushes.close('shutting-down'))
      return new App(bound, origins(config, interfaces, bound), token, pool, disposer)
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(port: number, at: Origins, createToken: string | null, pool: WorkerPool, disposer: Disposer) {
    this.port = port
    this.origins = at
    this.createToken = createToken
    this.#pool = pool
    this.#disposer = disposer
  }

  get workerPids(): number[] {
    return this.#pool.pids
  }

  /** Tells everyone, ends every process, closes every socket. */
  close(): Promise<void> {
    this.#closing ??= this.#disposer.close()
    return this.#closing
  }
}

/**
 * Behind a proxy all connections have one address; else an address may have those of signaling, and as many for HTTP. Each
 * request that is held needs a connection.
 */
function httpLimits({ trustProxy, connectionsPerAddress, maxHeld, maxHeldPerAddress }: Config): HttpLimits {
  const { maxConnections, maxConnectionsPerAddress } = defaultHttpLimits
  return {
    ...defaultHttpLimits,
    maxConnections: Math.max(maxConnections, maxHeld),
    maxConnectionsPerAddress: trustProxy
      ? 0
      : Math.max(maxConnectionsPerAddress, 2 * connectionsPerAddress, maxHeldPerAddress),
  }
}

interface RegistryParts {
  pool: WorkerPool
  store: Store
  recordings: Recordings
  transcoding: Transcoding
  stills: StillMaker
  build: string
  seatCounters: SeatCounters
  /** Whether one more MSE socket is taken. */
  mseHasRoom(): boolean
  metrics: Metrics
  clock: Clock
  log: Logger
  origin(): string
}

function createRegistry(config: Config, parts: RegistryParts): BroadcastRegistry {
  const { pool, transcoding, mseHasRoom, metrics, ...shared } = parts
  const { tapPort, tapPortCount, partTarget, windowSegments, maxViewers, maxBroadcasts } = config
  const tapMiddle = tapPort + Math.floor(tapPortCount / 2)
  return new BroadcastRegistry({
    settings: {
      gracePeriod: config.gracePeriod * 1000,
      partTarget,
      windowSegments,
      maxViewers,
      seats: { webrtc: config.maxSeats, mse: config.maxMseSeats, mseHasRoom },
      taps: {
        ports: PortPool.create({ first: tapPort, last: tapMiddle - 1 }, randomInt(Math.floor(tapPortCount / 4))),
        sfuPorts: { min: tapMiddle, max: tapPort + tapPortCount - 1 },
        ffmpegPath: config.ffmpeg,
        audioBitrate: config.audioBitrate,
        ...transcoding,
      },
    },
    chat: {
      rate: config.chatRate,
      history: config.chatHistory,
      counted: metrics.counter('nearcast_chat_total', 'What was said, tapped and taken away in chats.'),
      refused: metrics.counter('nearcast_chat_refused_total', 'What could not be said in chats, by why.'),
    },
    createRouter: () => pool.createRouter(),
    maxBroadcasts,
    retention: config.retention * DAY,
    ...shared,
  })
}

const MB = 1_000_000

function createRecordings(
  config: Config,
  { metrics, ...parts }: { store: Store; clock: Clock; log: Logger; metrics: Metrics },
): Promise<Recordings> {
  const stopped = metrics.counter('nearcast_recordings_stopped_total', 'Broadcasts of which no more was kept, by why.')
  return Recordings.create({
    ...parts,
    folder: resolve(config.dataDir, 'archive'),
    ffmpegPath: config.ffmpeg,
    limits: {
      window: config.timeShift * 1000,
      windowBytes: config.timeShiftMaxMb * MB,
      recordingBytes: config.recordingMaxMb * MB,
      totalBytes: config.recordingsMaxMb * MB,
      age: config.recordingDays * DAY,
    },
    stopped,
  })
}
