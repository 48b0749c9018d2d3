/** In charge of the figure "network heals → back on WebRTC": from the first packet that gets through to the picture. */
import { setTimeout as after } from 'node:timers/promises'
import { waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { accountOf, beginToLook, type Sight, sights } from '../../helpers/eyewitness.ts'
import { seededRandom } from '../../helpers/impairment.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { percentile } from '../figures.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** How long the network is dead for WebRTC, in milliseconds: up to where the player has begun to try less often. */
const [SHORTEST_MS, LONGEST_MS] = [3_000, 25_000] as const
const DEADLINE_MS = 60_000

export async function measureHealing({ signal, samples: runs, say }: BenchContext): Promise<Outcome> {
  await using network = await TestNetwork.create()
  await using stand = await Stand.create({ signal, network })
  const { id } = await stand.goLive()
  const random = seededRandom(7)
  const samples: number[] = []
  const gaps: number[] = []
  const pauses: number[] = []
  let [black, backwards] = [0, 0]
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    // A WebRTC that does not last is let wait on purpose: each run has a network of its own, as far as the page knows.
    const page = await openPage(stand, id)
    const since = Date.now()
    await network.block(['udp', 'tcp'], stand.server.rtcPorts)
    await waitForPlayer(page, { state: 'playing', transport: 'mse' }, DEADLINE_MS)
    await after(SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS), undefined, { signal })
    await network.unblock()
    const healed = Date.now()
    const back = await waitFor('WebRTC is seen', async () => returned(await sights(page), healed), {
      every: 100,
      deadline: DEADLINE_MS,
    })
    samples.push(back - healed)
    const account = accountOf(await sights(page), since)
    black += account.black
    backwards += account.backwards
    gaps.push(account.gaps.at(-1) ?? Number.NaN)
    pauses.push(account.pauses.at(-1) ?? Number.NaN)
    await page.context().close()
  }
  const sent = await stand.requireRungs(id)
  const notes = [
    `UDP and TCP of WebRTC dropped by the kernel for ${SHORTEST_MS / 1000} to ${LONGEST_MS / 1000} s; ${sent}`,
    `MSE → WebRTC: missed ${inWords(gaps)}, the picture stood ${inWords(pauses)}; ${black} black looks, ${backwards} steps back`,
  ]
  return { kind: 'measured', samples, notes }
}

async function openPage(stand: Stand, id: string) {
  const page = await watch(stand.viewer, stand.viewerUrl, id)
  await waitForPlayer(page, { state: 'playing', transport: 'webrtc' })
  await beginToLook(page)
  await waitFor('the picture is read', async () => (await sights(page)).length > 30)
  return page
}

/** When WebRTC was first seen after a moment. */
function returned(all: readonly Sight[], since: number): number | undefined {
  return all.find(({ at, transport }) => at > since && transport === 'webrtc')?.at
}

function inWords(values: readonly number[]): string {
  return `p50 ${Math.round(percentile(values, 0.5))} ms, p95 ${Math.round(percentile(values, 0.95))} ms`
}
