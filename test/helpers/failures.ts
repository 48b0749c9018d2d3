/** In charge of what may go wrong while somebody watches, one story each, and of what that person sees of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { PlayerTransport } from '../../shared/signaling.ts'
import { createBroadcast, goLive, playerFacts, waitForPlayer, waitForStudio, watch } from './broadcast.ts'
import { launchChromium, type TestBrowser } from './browsers.ts'
import { clockCameraScript } from './clockCamera.ts'
import { startCoturn } from './coturn.ts'
import { type Account, accountOf, beginToLook, sights } from './eyewitness.ts'
import { processesOf, signalAll } from './frozenTime.ts'
import { evaluate } from './page.ts'
import { type ServerOptions, startServer, type TestServer } from './server.ts'
import { routeIceThroughRelay, UdpRelay } from './udpRelay.ts'
import { waitFor } from './waitFor.ts'

/** Where the story is told: somebody watches over WebRTC, through a relay that is the only way for UDP. */
export interface Scene {
  readonly server: TestServer
  readonly relay: UdpRelay
  readonly studio: Page
  readonly page: Page
  /** All processes of the viewer's browser. */
  readonly viewerPids: () => number[]
  /** Sends again after the studio's page was closed. */
  readonly sendAgain: () => Promise<Page>
  readonly stopTurn: () => Promise<unknown>
  /** Stops the server and starts it again on the same ports, with what it had stored. */
  readonly restartServer: () => Promise<unknown>
  /** Milliseconds that the failure lasts. */
  readonly lasts: number
}

export interface Failure {
  readonly name: string
  /** Milliseconds for which it lasts when there is time for all of it. */
  readonly fully: number
  /** Whether all media goes through TURN. */
  readonly relayOnly?: boolean
  /** Whether there is TCP beside the UDP that goes through the relay. */
  readonly tcp?: boolean
  /** What is watched by in the end, where that is not WebRTC: what failed stays away. */
  readonly endsOn?: PlayerTransport
  readonly happen: (scene: Scene) => Promise<void>
}

export interface FailureOutcome extends Account {
  readonly name: string
  /** The transport at the end. */
  readonly last: string | null
  /** From when it began to when the picture that moves was seen again for good; milliseconds. */
  readonly stood: number
}

/** After the failure is over it may take so long until all is as before, in milliseconds; for figures, which want it over. */
const AFTERMATH_MS = 12_000

const impaired = (name: string, impairment: Parameters<UdpRelay['impair']>[0], fully = 20_000): Failure => ({
  name,
  fully,
  happen: async ({ relay, lasts }) => {
    relay.impair(impairment, 'down')
    await after(lasts)
    relay.impair({})
  },
})

export const failures: readonly Failure[] = [
  {
    name: 'UDP cut, TCP left',
    fully: 8_000,
    tcp: true,
    happen: async ({ relay, lasts }) => {
      relay.impair({ outage: true })
      await after(lasts)
    },
  },
  impaired('all WebRTC cut and healed', { outage: true }, 8_000),
  impaired('10 % of packets lost', { loss: 0.1 }),
  impaired('30 % of packets lost', { loss: 0.3 }),
  impaired('500 ms of jitter', { jitter: 500 }),
  impaired('300 kbit/s', { rate: 300_000 }, 25_000),
  {
    name: 'TURN down',
    fully: 8_000,
    relayOnly: true,
    endsOn: 'mse',
    happen: async ({ stopTurn, lasts }) => {
      await stopTurn()
      await after(lasts)
    },
  },
  {
    name: 'server restarted',
    fully: 1_000,
    happen: async ({ restartServer }) => {
      await restartServer()
    },
  },
  {
    name: 'broadcaster gone and back',
    fully: 10_000,
    happen: async ({ studio, sendAgain, lasts }) => {
      await studio.close()
      await after(lasts)
      await sendAgain()
    },
  },
  {
    name: "viewer's machine asleep",
    fully: 60_000,
    happen: async ({ viewerPids, lasts }) => {
      const pids = viewerPids()
      signalAll(pids, 'SIGSTOP')
      await after(lasts)
      signalAll(pids, 'SIGCONT')
    },
  },
  {
    name: 'tab hidden',
    fully: 60_000,
    happen: async ({ page, lasts }) => {
      // Headless Chromium hides no page by itself: frozen, it is told that it is hidden, and its timers stand.
      const devtools = await page.context().newCDPSession(page)
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
      await after(lasts)
      await devtools.send('Page.setWebLifecycleState', { state: 'active' })
      await devtools.detach()
    },
  },
  {
    name: 'network changed',
    fully: 3_000,
    happen: async ({ page, relay, lasts }) => {
      // Nothing arrives on the way there was, and the browser says that it is online again.
      relay.impair({ outage: true })
      await after(lasts)
      relay.impair({})
      await evaluate(page, "dispatchEvent(new Event('online'))")
    },
  },
]

/** How a story is told. */
export interface Telling {
  /** How much of its full length it takes; all of it by default. */
  readonly share?: number
  /** Resolves when enough was seen of what came after it. */
  readonly aftermath?: (page: Page) => Promise<unknown>
}

/** Tells one story in a world of its own. */
export async function tellFailure(failure: Failure, telling: Telling = {}): Promise<FailureOutcome> {
  const { share = 1, aftermath = () => after(AFTERMATH_MS) } = telling
  await using stack = new AsyncDisposableStack()
  const coturn = failure.relayOnly ? stack.use(await startCoturn()) : null
  const env: ServerOptions['env'] = coturn
    ? { NEARCAST_TURN_URLS: coturn.urls.join(','), NEARCAST_TURN_SECRET: coturn.secret }
    : {}
  const dataDirectory = await mkdtemp(join(tmpdir(), 'nc-failing-'))
  stack.defer(() => rm(dataDirectory, { recursive: true, force: true }))
  const server = stack.use(await startServer({ workers: 1, env, dataDirectory }))
  const [port = 0] = server.rtcPorts
  const restartServer = async () => {
    await server.stop()
    stack.use(await startServer({ workers: 1, dataDirectory, rtcPort: port, env: { ...env, PORT: `${server.port}` } }))
  }
  const relay = stack.use(await UdpRelay.create(port))
  const sender: TestBrowser<Page> = stack.use(await launchChromium())
  const { value: viewer, pids: viewerPids } = await processesOf(() => launchChromium())
  stack.use(viewer)
  const created = await createBroadcast(server.url)
  const studio = await goLive(sender, server.url, created, [clockCameraScript()])
  // A studio that is opened again while the broadcast waits for it goes on by itself.
  const sendAgain = async () => {
    const again = await sender.newPage([clockCameraScript()])
    await again.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(again, 'live')
    return again
  }
  const scripts = coturn ? [] : [routeIceThroughRelay({ [port]: relay.port }, { tcp: failure.tcp ?? false })]
  const page = await watch(viewer, server.url, created.id, coturn ? '?ice=relay' : '', scripts)
  await waitForPlayer(page, { state: 'playing', transport: 'webrtc' })
  await waitFor('HTTP delivery is there', async () => (await fetch(created.urls.hls)).ok)
  await beginToLook(page)
  const latency = "document.querySelector('nearcast-player').latency"
  await waitFor('the player knows what it shows', async () => (await evaluate<number | null>(page, latency)) !== null)
  const since = Date.now()
  const lasts = failure.fully * share
  const stopTurn = async () => coturn?.stop()
  await failure.happen({ server, relay, studio, page, viewerPids, sendAgain, stopTurn, restartServer, lasts })
  await waitForPlayer(page, { state: 'playing' }, 60_000)
  await aftermath(page)
  const account = accountOf(await sights(page), since - 300)
  const { transport } = await playerFacts(page)
  return { ...account, name: failure.name, last: transport, stood: account.longestStandstill }
}
