/** One mediasoup worker a core; new routers go to the least loaded, and a worker that dies is replaced. */
import { NearcastError } from '../../shared/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { Disposer } from '../lib/Disposer.ts'
import type { Logger } from '../ops/logger.ts'
import { MediaWorker, type MediaWorkerOptions } from './MediaWorker.ts'
import type { SfuRouter } from './SfuRouter.ts'

export interface WorkerPoolOptions extends Pick<MediaWorkerOptions, 'limits' | 'loadLimit' | 'guarded' | 'log'> {
  /** How many workers. */
  size: number
  /** Sockets of the worker in a slot, 0 ≤ slot < size: each needs a port of its own. */
  listenInfos(slot: number): MediaWorkerOptions['listenInfos']
  clock: Clock
}

/** Milliseconds before a worker that did not start is tried again; doubled each time, up to the last. */
const RETRY_DELAYS = [0, 250, 500, 1000, 2000, 5000] as const

export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #log: Logger
  readonly #slots: (MediaWorker | null)[]
  readonly #replacements = new Set<Promise<void>>()
  readonly #closing = Promise.withResolvers<void>()
  #closed = false

  /** Rejects when any worker does not start: a half-filled pool would hide a wrong setting. */
  static async create(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options)
    const opened = new Disposer()
    opened.add(() => pool.close())
    try {
      await Promise.all(pool.#slots.map((_, slot) => pool.#fill(slot)))
      return pool
    } catch (error) {
      await opened.close()
      throw error
    }
  }

  private constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#log = options.log
    this.#slots = Array.from({ length: options.size }, () => null)
  }

  /** Process ids of the workers that run now. */
  get pids(): number[] {
    return this.#running.map((worker) => worker.pid)
  }

  /** Whether every worker runs. */
  get isWhole(): boolean {
    return this.#slots.every((worker) => worker !== null)
  }

  /** Throws `sfu-unavailable` when no worker runs; waits for a replacement that is already under way. */
  async createRouter(): Promise<SfuRouter> {
    if (this.#running.length === 0 && this.#replacements.size > 0) await Promise.race(this.#replacements)
    const worker = this.#running.toSorted((a, b) => a.load - b.load)[0]
    if (worker === undefined || this.#closed) throw new NearcastError('sfu-unavailable')
    return worker.createRouter()
  }

  /** Resolves when all worker processes are gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.#closing.resolve()
    await Promise.all(this.#replacements)
    await Promise.all(this.#running.map((worker) => worker.close()))
    this.#slots.fill(null)
  }

  get #running(): MediaWorker[] {
    return this.#slots.filter((worker) => worker !== null)
  }

  async #fill(slot: number): Promise<void> {
    const { size: _, listenInfos, ...options } = this.#options
    const worker = await MediaWorker.create({ ...options, listenInfos: listenInfos(slot) })
    if (this.#closed) return worker.close()
    this.#slots[slot] = worker
    worker.once('died', () => {
      this.#slots[slot] = null
      if (!this.#closed) this.#replace(slot, 0)
    })
  }

  #replace(slot: number, attempt: number): void {
    const delay = RETRY_DELAYS[Math.min(attempt, RETRY_DELAYS.length - 1)] ?? 0
    const replacement = this.#wait(delay)
      .then(() => (this.#closed ? undefined : this.#fill(slot)))
      .catch((error: unknown) => {
        this.#log.error({ slot, attempt, error: String(error) }, 'media worker could not be replaced')
        if (!this.#closed) this.#replace(slot, attempt + 1)
      })
      .finally(() => this.#replacements.delete(replacement))
    this.#replacements.add(replacement)
  }

  async #wait(ms: number): Promise<void> {
    if (ms === 0) return
    const elapsed = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(ms, elapsed.resolve)
    await Promise.race([elapsed.promise, this.#closing.promise])
    cancel()
  }
}
