/** In charge of the HLS door of a server over a source that a test moves, and of asking it over keep-alive connections. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { startHttpServer, type TestHttpServer } from '../httpServer.ts'
import { ManualClock } from '../packager/ManualClock.ts'
import { waitFor } from '../waitFor.ts'
import { FakeSource } from './FakeSource.ts'

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** At most 8 requests are held, 6 of them of one address; `X-Client` says whose it is. */
export class HlsDoor implements AsyncDisposable {
  readonly id = 'AAAAbbbbCCCCdddd'
  readonly source = new FakeSource()
  readonly clock = new ManualClock()
  readonly metrics = new Metrics()
  /** What the directory was told of players without our signaling. */
  readonly counted: [session: string, heldFor: number | undefined][] = []
  readonly agent = new Agent({ keepAlive: true, maxSockets: 100 })
  #server: TestHttpServer | null = null

  static async create(): Promise<HlsDoor> {
    const made = new HlsDoor()
    const door = hlsRoutes({
      directory: {
        hls: () => made.source,
        countHttpViewer: (_id, session, heldFor) => void made.counted.push([session, heldFor]),
      },
      addressOf: (req) => req.headers['x-client']?.toString() ?? 'one',
      maxHeld: 8,
      maxHeldPerAddress: 6,
      metrics: made.metrics,
      clock: made.clock,
      log: { error: (fields) => expect.fail(JSON.stringify(fields)) },
    })
    made.#server = await startHttpServer((req, res) => void door(req, res))
    return made
  }

  get port(): number {
    return this.#server?.port ?? 0
  }

  /** Asks below the broadcast; `leave` closes the connection without waiting for the answer. */
  ask(path: string, headers: Record<string, string> = {}, method = 'GET'): { answer: Promise<Answer>; leave(): void } {
    const url = `http://127.0.0.1:${this.port}/hls/${this.id}/${path}`
    const req = request(url, { headers, method, agent: this.agent })
    const answer = new Promise<Answer>((done, failed) => {
      req.on('error', failed).on('response', async (res) => {
        const bytes = Buffer.concat(await res.toArray())
        const body = res.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
        done({ status: res.statusCode ?? 0, headers: res.headers, text: body.toString() })
      })
    })
    req.end()
    return { answer, leave: () => req.destroy() }
  }

  playlist(query = '', rendition = 'v0'): ReturnType<HlsDoor['ask']> {
    return this.ask(`${rendition}/playlist.m3u8${query}`)
  }

  /** The value of a metric without labels. */
  metric(name: string): number {
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(this.metrics.render())?.[1])
  }

  /** Resolves when so many requests are held. */
  async held(count: number): Promise<void> {
    await waitFor(`${count} requests are held`, () => this.metric('nearcast_hls_held') === count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.destroy()
    await this.#server?.[Symbol.asyncDispose]()
  }
}
