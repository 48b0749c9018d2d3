/** In charge of the figure "glass to glass": how old the picture is when it is presented. */
import type { PlayerTransport } from '../../../shared/signaling.ts'
import { playerFacts, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { type AnyPage, evaluate, pictureElement } from '../../helpers/page.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** Viewers one after the other, each in a fresh context: buffers and phases differ from one start to the next. */
const VIEWERS = 4
/** Frames read of each viewer. */
const FRAMES = 100
/** For a viewer to be given the top rung, in milliseconds. */
const TOP_RUNG_DEADLINE_MS = 10_000
/** Share of frames that may be unreadable before the reader itself is to be doubted. */
const MOST_UNREADABLE = 0.05

/** `query` and `scripts`, which run before the page's own, make the player choose `transport`. */
export async function measureGlassToGlass(
  { signal, say }: BenchContext,
  { transport, query, scripts = [] }: { transport: PlayerTransport; query: string; scripts?: readonly string[] },
): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const { id } = await stand.goLive()
  const samples: number[] = []
  const sizes = new Set<string>()
  for (let number = 1; number <= VIEWERS; number++) {
    say(`viewer ${number} of ${VIEWERS}`)
    const page = await watch(stand.viewer, stand.server.url, id, query, [...scripts])
    await waitForPlayer(page, { state: 'playing', transport })
    await waitForTopRung(page)
    for (let frame = 0; frame < FRAMES; frame++) {
      // One frame a call: reading each of thirty a second would take CPU from what is measured.
      const seen = await watchClock(page, { samples: 1 })
      sizes.add(`${seen.width}×${seen.height}`)
      if (seen.read === 0) continue
      if (!seen.upright || seen.sources[0] !== 1) throw new Error('the picture is not the one that was sent')
      samples.push(seen.ageP50)
    }
    const now = await playerFacts(page)
    if (now.transport !== transport) throw new Error(`the player went from ${transport} to ${now.transport}`)
    await page.context().close()
  }
  const sent = await stand.requireRungs(id)
  const total = VIEWERS * FRAMES
  if (samples.length < total * (1 - MOST_UNREADABLE)) {
    throw new Error(`only ${samples.length} of ${total} frames were readable`)
  }
  const notes = [
    `${VIEWERS} viewers one after the other, ${FRAMES} frames each; seen: ${[...sizes].join(', ')}; ${sent}`,
  ]
  return { kind: 'measured', samples, notes }
}

/** A viewer who is left on a lower rung is measured there: the sizes seen tell. */
async function waitForTopRung(page: AnyPage): Promise<void> {
  const width = () => evaluate<number>(page, `${pictureElement}.videoWidth`)
  await waitFor('the top rung is shown', async () => (await width()) >= 1280, {
    deadline: TOP_RUNG_DEADLINE_MS,
  }).catch(() => {})
}
