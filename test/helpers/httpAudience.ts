/** In charge of what tests of trouble begin with: a broadcast over an uplink that can be impaired, and who reads it over HTTP. */
import type { CreatedBroadcast } from '../../shared/broadcast.ts'
import { conform } from '../conformance/conform.ts'
import { faultsOf, type Report } from '../conformance/report.ts'
import { createBroadcast, goLive, waitForPlayer, watch } from './broadcast.ts'
import { launchChromium } from './browsers.ts'
import { clockCameraScript } from './clockCamera.ts'
import type { ClockReading } from './clockGrid.ts'
import { PlaylistWitness } from './PlaylistWitness.ts'
import { startServer, type TestServer } from './server.ts'
import { routeIceThroughRelay, UdpRelay } from './udpRelay.ts'
import { isSamePage, markPage, noteStates, pictureSince, statesOf } from './viewing.ts'
import { waitFor } from './waitFor.ts'

/** A strict client reads along for at most this long, in seconds: longer than any of these tests takes. */
const LONGEST = 300

type Browser = Awaited<ReturnType<typeof launchChromium>>
type Page = Awaited<ReturnType<Browser['newPage']>>

export class HttpAudience implements AsyncDisposable {
  readonly server: TestServer
  readonly browser: Browser
  readonly created: CreatedBroadcast
  /** Between the broadcaster and the SFU. */
  readonly uplink: UdpRelay
  /** The broadcaster's page goes this way and no other. */
  readonly route: string
  readonly studio: Page
  readonly viewer: Page
  readonly playlists: PlaylistWitness
  readonly #stop = new AbortController()
  readonly #conformance: Promise<Report>
  readonly #stack: AsyncDisposableStack

  /** Live, with the sound and at least two layers listed (a busy machine's Chromium may leave the top one out), the viewer's picture moving, and a strict client reading along. */
  static async create(env: Record<string, string> = {}): Promise<HttpAudience> {
    await using stack = new AsyncDisposableStack()
    const server = stack.use(await startServer({ workers: 1, env }))
    const [port = 0] = server.rtcPorts
    const uplink = stack.use(await UdpRelay.create(port))
    const browser = stack.use(await launchChromium())
    const created = await createBroadcast(server.url)
    const route = routeIceThroughRelay({ [port]: uplink.port })
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), route])
    const playlists = stack.use(PlaylistWitness.create(server.url, created.id))
    await waitFor('several layers and the sound are listed', () => playlists.last.size >= 3, { deadline: 30_000 })
    const viewer = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(viewer, { state: 'playing' })
    await noteStates(viewer)
    await markPage(viewer)
    return new HttpAudience({ server, uplink, browser, created, route, studio, viewer, playlists }, stack.move())
  }

  private constructor(
    parts: Pick<
      HttpAudience,
      'server' | 'uplink' | 'browser' | 'created' | 'route' | 'studio' | 'viewer' | 'playlists'
    >,
    stack: AsyncDisposableStack,
  ) {
    this.server = parts.server
    this.uplink = parts.uplink
    this.browser = parts.browser
    this.created = parts.created
    this.route = parts.route
    this.studio = parts.studio
    this.viewer = parts.viewer
    this.playlists = parts.playlists
    this.#stack = stack
    const url = `${this.server.url}/hls/${this.created.id}/index.m3u8?player=1`
    this.#conformance = conform(url, { seconds: LONGEST, signal: this.#stop.signal })
  }

  /** Resolves with the first picture captured after a moment (milliseconds) that the viewer sees, on the page it had all the time. */
  async goesOn(since: number): Promise<ClockReading> {
    const picture = await pictureSince(this.viewer, since, 60_000)
    if (!(await isSamePage(this.viewer))) throw new Error('the page was loaded anew')
    return picture
  }

  /** The states of the viewer's player so far. */
  states(): Promise<string[]> {
    return statesOf(this.viewer)
  }

  /** Resolves when there are discontinuities from a number on, each in all renditions that list its segment. */
  async breaksTogether(sequence: number): Promise<void> {
    const listed = () => [...this.playlists.seen.keys()].map((id) => ({ id, all: this.playlists.since(id, sequence) }))
    await waitFor(
      'discontinuities stand at the same places',
      () => {
        const segments = listed().flatMap(({ all }) => all)
        const places = new Set(segments.filter(({ breaks }) => breaks).map((segment) => segment.sequence))
        return places.size > 0 && segments.every((segment) => segment.breaks === places.has(segment.sequence))
      },
      { deadline: 20_000 },
    ).catch((error: unknown) => {
      const words = listed().map(
        ({ id, all }) => `${id} ${all.map((one) => `${one.sequence}${one.breaks ? '!' : ''}`)}`,
      )
      throw new Error(`they (!) stand at ${words.join('; ')}`, { cause: error })
    })
  }

  /** What the strict client found wrong until now, and the witness of all playlists. */
  async faults(): Promise<string[]> {
    this.#stop.abort()
    return [...faultsOf(await this.#conformance), ...this.playlists.faults]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#conformance
    await this.#stack.disposeAsync()
  }
}
