/** In charge of the figure "in step": how far apart three viewers are who want to show the same instant. */
import { waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { spreads, waitUntilInStep } from '../../helpers/sideBySide.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** Moments that are looked at, a quarter of a second apart. */
const MOMENTS = 60
/** For three transports to agree and to get there, in milliseconds. */
const DEADLINE_MS = 180_000

/** One viewer on each transport, at the same time. */
export async function measureInStep({ signal, say }: BenchContext): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const { id } = await stand.goLive()
  const open = (query: string, scripts: string[] = []) => watch(stand.viewer, stand.server.url, id, query, scripts)
  const pages = [await open('?sync'), await open('?sync', ['delete globalThis.RTCPeerConnection'])]
  pages.push(await open('?prefer=smooth&sync'))
  for (const [index, transport] of ['webrtc', 'mse', 'llhls'].entries()) {
    const page = pages[index]
    if (page) await waitForPlayer(page, { state: 'playing', transport })
  }
  say('waiting for them to meet')
  await waitUntilInStep(pages, { bound: 200, moments: 8, deadline: DEADLINE_MS })
  const moments = await waitUntilInStep(pages, {
    bound: Number.POSITIVE_INFINITY,
    moments: MOMENTS,
    deadline: DEADLINE_MS,
  })
  const ages = moments
    .at(-1)
    ?.map((age) => Math.round(age))
    .join(', ')
  const notes = [`WebRTC, MSE and LL-HLS at once, ${moments.length} moments; ages at the last: ${ages} ms`]
  return { kind: 'measured', samples: spreads(moments), notes }
}
