/** WebRTC dies and comes back: the picture goes over to HTTP and back by itself, and nobody notices. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TransportChange } from '../../../client/player/TransportHistory.ts'
import { createBroadcast, goLive, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { beginToListen, isHeard, type Silence, silences } from '../../helpers/earwitness.ts'
import { accountOf, beginToLook, sights } from '../../helpers/eyewitness.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { routeIceThroughRelay, UdpRelay } from '../../helpers/udpRelay.ts'
import { smallCameraScript } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { routes, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

const history = (page: AnyPage) =>
  evaluate<TransportChange[]>(page, "document.querySelector('nearcast-player').transportHistory")

/** Milliseconds of silence that began between two moments. */
const silent = (all: readonly Silence[], from: number, to: number) =>
  all.reduce((sum, { at, ms }) => (at >= from && at < to ? sum + ms : sum), 0)

/** Milliseconds: product.md's floor. */
const HEAL_FLOOR = 15_000

describe('a viewer whose WebRTC dies and comes back', () => {
  it('sees MSE meanwhile and WebRTC again, with no black frame, no step back and nothing lost', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    const [port = 0] = server.rtcPorts
    await using relay = await UdpRelay.create(port)
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    const scripts = [witnessScript(), routeIceThroughRelay({ [port]: relay.port })]
    const page = await watch(browser, server.url, created.id, '', scripts)
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' })
    await waitFor('HTTP delivery is there', async () => (await fetch(created.urls.hls)).ok)
    await beginToLook(page)
    await beginToListen(page)
    await waitFor('the tone is heard', () => isHeard(page))
    await waitFor('the picture is read', async () => (await sights(page)).length > 30)
    const latency = "document.querySelector('nearcast-player').latency"
    await waitFor('the player knows what it shows', async () => (await evaluate<number | null>(page, latency)) !== null)

    for (const [round, outage] of [2_000, 6_000].entries()) {
      const since = Date.now()
      relay.impair({ outage: true })
      await waitForPlayer(page, { state: 'playing', transport: 'mse' })
      await waitFor('MSE has been seen for a while', async () => {
        const [first, last] = [(await history(page)).at(-1)?.at ?? 0, (await sights(page)).at(-1)]
        return last?.transport === 'mse' && last.at - first > outage
      })
      relay.impair({})
      const healed = Date.now()
      // What dies twice within a minute is let wait, unless the browser says that the network is another one.
      if (round > 0) await evaluate(page, "dispatchEvent(new Event('online'))")
      await waitForPlayer(page, { state: 'playing', transport: 'webrtc' }, HEAL_FLOOR)
      const back = Date.now() - healed
      await waitFor('WebRTC has been seen for a second', async () => {
        const all = await sights(page)
        const since = all.findLast(({ transport }) => transport === 'mse')?.at ?? 0
        return (all.at(-1)?.at ?? 0) - since > 1_000
      })
      const heard = await silences(page, since)
      const account = accountOf(await sights(page), since - 300)
      const told = (await history(page)).slice(-2).map(({ gap }) => gap)
      const [silentAway, silentBack] = [since, healed].map((from, index, all) =>
        silent(heard, from, all[index + 1] ?? Number.POSITIVE_INFINITY),
      )
      await annotate(
        `cut ${round + 1}: stood ${account.pauses[0]} ms, missed ${account.gaps[0]} ms (told ${told[0]}), silent ${silentAway} ms; ` +
          `back after ${back} ms: stood ${account.pauses[1]} ms, missed ${account.gaps[1]} ms (told ${told[1]}), silent ${silentBack} ms`,
      )
      expect(account).toMatchObject({ transports: ['webrtc', 'mse', 'webrtc'], black: 0, backwards: 0 })
      expect(account.gaps[1]).toBeLessThan(2_000)
      expect(account.pauses[1]).toBeLessThan(2_000)
      // A sender with too little of its machine loses sound itself, up to a second or two.
      expect(silentBack).toBeLessThan(2_500)
      // What the player tells is what the eye saw, but for a few frames.
      for (const [index, gap] of told.entries())
        expect(Math.abs((gap ?? 1e6) - (account.gaps[index] ?? 0))).toBeLessThan(500)
    }
    expect(await listenForTone(page)).toMatchObject({ heard: true })
    expect(await routes(page)).toMatchObject([{ protocol: 'udp', remotePort: relay.port }])
    expect(browser.problems).toEqual([])
  })
})
