/** One mediasoup worker process and its WebRtcServer: every WebRTC transport of the worker shares one port number. */
import { createWorker, type types } from 'mediasoup'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Disposer } from '../lib/Disposer.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { Counter } from '../ops/metrics.ts'
import { mediaCodecs } from './codecs.ts'
import { LoadGuard } from './LoadGuard.ts'
import { SfuRouter, type TransportLimits } from './SfuRouter.ts'

export interface MediaWorkerOptions {
  listenInfos: types.TransportListenInfo[]
  limits: TransportLimits
  /** Share of a core from which on it takes no further viewers. */
  loadLimit: number
  /** Counts how often that came about. */
  guarded: Counter
  clock: Clock
  log: Logger
}

interface Events extends Record<string, unknown[]> {
  /** The process ended without being asked to; all its routers are closed by then. */
  died: [Error]
}

/**
 * Milliseconds that a worker may take to end. It waits until its TCP connections have sent what they hold, which for a
 * viewer whose network is gone is as long as the system tries: a quarter of an hour.
 */
const CLOSE_LIMIT = 1_000

/** Milliseconds between two looks at how busy it is. */
const LOOK_INTERVAL = 1_000

/** A port or an address of WebRTC media that the operator has to free or to choose anew. */
export class ListenError extends Error {
  override readonly name = 'ListenError'

  /** @param cause what mediasoup says of it, with address and port */
  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`WebRTC media cannot listen: ${why}. NEARCAST_RTC_PORT names another first port.`, { cause })
  }
}

/** Lives as long as its process: a worker that died is never revived, the pool makes another. */
export class MediaWorker extends TypedEmitter<Events> {
  readonly #worker: types.Worker
  readonly #webRtcServer: types.WebRtcServer
  readonly #limits: TransportLimits
  readonly #clock: Clock
  readonly #log: Logger
  readonly #routers = new Set<SfuRouter>()
  readonly #guard: LoadGuard
  readonly #guarded: Counter
  readonly #cancelLook: CancelTimer
  readonly #exited: Promise<void>

  /** Rejects when the process does not start, and with a ListenError when a port cannot be had. */
  static async create(options: MediaWorkerOptions): Promise<MediaWorker> {
    const opened = new Disposer()
    try {
      const worker = await createWorker({ logLevel: 'warn' })
      opened.add(() => worker.close())
      const webRtcServer = await worker
        .createWebRtcServer({ listenInfos: options.listenInfos })
        .catch((cause) => Promise.reject(new ListenError(cause)))
      return new MediaWorker(worker, webRtcServer, options)
    } catch (error) {
      await opened.close()
      throw error
    }
  }

  private constructor(worker: types.Worker, webRtcServer: types.WebRtcServer, options: MediaWorkerOptions) {
    super()
    this.#worker = worker
    this.#webRtcServer = webRtcServer
    this.#limits = options.limits
    this.#clock = options.clock
    this.#log = options.log.child({ worker: worker.pid })
    this.#guard = new LoadGuard(options.loadLimit)
    this.#guarded = options.guarded
    this.#cancelLook = options.clock.every(LOOK_INTERVAL, () => void this.#look())
    this.#exited = new Promise((resolve) => {
      worker.on('subprocessclose', resolve)
    })
    worker.on('died', (error) => {
      this.#cancelLook()
      this.#log.error({ error: error.message }, 'media worker died')
      this.emit('died', error)
      this.removeAllListeners()
    })
    this.#log.info('media worker started')
  }

  get pid(): number {
    return this.#worker.pid
  }

  /** Routers it carries: what the pool balances by. */
  get load(): number {
    return this.#routers.size
  }

  async createRouter(): Promise<SfuRouter> {
    const router = await this.#worker.createRouter({ mediaCodecs })
    const wrapped = await SfuRouter.create(router, this.#webRtcServer, this.#limits)
    wrapped.hasRoom = this.#guard.hasRoom
    this.#routers.add(wrapped)
    wrapped.once('closed', () => this.#routers.delete(wrapped))
    return wrapped
  }

  /** Resolves when the process is really gone. */
  async close(): Promise<void> {
    this.removeAllListeners()
    this.#cancelLook()
    if (this.#worker.died) return
    this.#worker.close()
    const cancel = this.#clock.after(CLOSE_LIMIT, () => {
      this.#log.warn('media worker did not end by itself: killed')
      // The process is still ours to wait for, so its id cannot be anyone else's.
      process.kill(this.#worker.pid, 'SIGKILL')
    })
    await this.#exited
    cancel()
    this.#log.info('media worker closed')
  }

  /** How busy it is decides whether its routers take further viewers. */
  async #look(): Promise<void> {
    const usage = await this.#worker.getResourceUsage().catch(() => null)
    if (usage === null || this.#worker.closed) return
    const had = this.#guard.hasRoom
    this.#guard.saw({ cpu: usage.ru_utime + usage.ru_stime, at: this.#clock.now() })
    const { hasRoom, load } = this.#guard
    if (hasRoom === had) return
    if (!hasRoom) this.#guarded.inc()
    this.#log.warn({ load, hasRoom }, hasRoom ? 'media worker takes viewers again' : 'media worker is busy')
    for (const router of this.#routers) router.hasRoom = hasRoom
  }
}
