/** In charge of what every row is measured on: a fresh server, a sender's browser and a viewer's browser. */
import { setTimeout as after } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { Disposer } from '../../server/lib/Disposer.ts'
import type { BroadcastFacts, CreatedBroadcast } from '../../shared/broadcast.ts'
import { broadcastFacts, createBroadcast, goLive } from '../helpers/broadcast.ts'
import { chromiumPath, launchChromium, type TestBrowser } from '../helpers/browsers.ts'
import { clockCameraScript } from '../helpers/clockCamera.ts'
import type { TestNetwork } from '../helpers/netns.ts'
import { startServer, type TestServer } from '../helpers/server.ts'
import { waitFor } from '../helpers/waitFor.ts'

/** What a measurement is given. */
export interface BenchContext {
  /** Aborted when the person wants to stop: everything closes, and whatever waits rejects. */
  readonly signal: AbortSignal
  readonly samples: number
  readonly minutes: number
  readonly clients: number | null
  readonly profile: string | null
  /** Tells the person what goes on. */
  readonly say: (text: string) => void
}

export interface StandOptions {
  readonly signal: AbortSignal
  /** The network that the viewer's browser lives in; the machine's own by default. It must outlive the stand. */
  readonly network?: TestNetwork
}

/** Rungs that a 720p source has. */
const RUNGS = 3
/** For the sender's bandwidth estimate to let all rungs through, in milliseconds, on a busy machine. */
const RUNGS_DEADLINE_MS = 60_000
/**
 * From the third rung's start to steady bit rates, in milliseconds: the sender's estimate grows by 8 % a second, and
 * rates are measured over whole segments.
 */
const STEADY_AFTER_MS = 10_000

export class Stand implements AsyncDisposable {
  readonly server: TestServer
  /** A browser each, as two people have; separate processes, so that neither waits for the other's. */
  readonly sender: TestBrowser<Page>
  readonly viewer: TestBrowser<Page>
  /** Address of the server as the viewer's browser reaches it. */
  readonly viewerUrl: string
  readonly #signal: AbortSignal
  readonly #disposer: Disposer
  #closing: Promise<void> | undefined

  static async create({ signal, network }: StandOptions): Promise<Stand> {
    const disposer = new Disposer()
    try {
      signal.throwIfAborted()
      const server = await startServer()
      disposer.add(() => server.close())
      signal.throwIfAborted()
      const sender = await launchChromium()
      disposer.add(() => sender.close())
      signal.throwIfAborted()
      const viewer = await launchChromium(network ? { executablePath: await network.wrap(chromiumPath) } : {})
      disposer.add(() => viewer.close())
      signal.throwIfAborted()
      const viewerUrl = network ? `http://${network.hostAddress}:${server.port}` : server.url
      const stand = new Stand({ server, sender, viewer, viewerUrl }, signal, disposer)
      signal.addEventListener('abort', stand.#onAbort)
      return stand
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(
    parts: Pick<Stand, 'server' | 'sender' | 'viewer' | 'viewerUrl'>,
    signal: AbortSignal,
    disposer: Disposer,
  ) {
    this.server = parts.server
    this.sender = parts.sender
    this.viewer = parts.viewer
    this.viewerUrl = parts.viewerUrl
    this.#signal = signal
    this.#disposer = disposer
  }

  /** Goes live with the clock picture at 720p, and resolves when all rungs are sent and packaged at steady rates. */
  async goLive(scripts: string[] = [clockCameraScript({ full: true })]): Promise<CreatedBroadcast> {
    const created = await createBroadcast(this.server.url)
    await goLive(this.sender, this.server.url, created, scripts)
    await waitFor('three rungs are packaged', async () => (await this.rungs(created.id)).length === RUNGS, {
      every: 200,
      deadline: RUNGS_DEADLINE_MS,
    })
    await after(STEADY_AFTER_MS, undefined, { signal: this.#signal })
    await this.requireRungs(created.id)
    return created
  }

  /** The video renditions that are sent now, highest first. */
  async rungs(id: string): Promise<BroadcastFacts['renditions']> {
    const { renditions } = await broadcastFacts(this.server.url, id)
    const present = renditions.filter(({ kind, present }) => kind === 'video' && present)
    return present.sort((a, b) => (b.height ?? 0) - (a.height ?? 0))
  }

  /** Rejects when the sender lost a rung, since then something else was measured; else resolves with them in words. */
  async requireRungs(id: string): Promise<string> {
    const rungs = await this.rungs(id)
    if (rungs.length !== RUNGS) throw new Error(`the sender sends ${rungs.length} of ${RUNGS} rungs`)
    const words = rungs.map(({ height, frameRate }) => `${height}p${frameRate === null ? '' : Math.round(frameRate)}`)
    const bits = rungs.reduce((sum, { bandwidth }) => sum + bandwidth, 0)
    return `sent: ${words.join(', ')}, peak ${(bits / 1e6).toFixed(1)} Mbit/s`
  }

  close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#closing ??= this.#disposer.close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  readonly #onAbort = (): void => {
    // Whoever measures meets the closed browser, unwinds, and hears there how the closing went.
    this.close().catch(() => {})
  }
}
