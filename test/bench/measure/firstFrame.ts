/** In charge of the figure "first frame after opening the link". */
import type { PlayerTransport } from '../../../shared/signaling.ts'
import { waitForPlayer } from '../../helpers/broadcast.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecorderScript, readPictureRecord } from '../pageRecorder.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** `query` makes the player choose `transport`. */
export async function measureFirstFrame(
  { signal, samples: runs, say }: BenchContext,
  { transport, query }: { transport: PlayerTransport; query: string },
): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const { id } = await stand.goLive()
  const samples: number[] = []
  // Run 0 is not counted: the browser runs already, but its network and GPU services start with the first page.
  for (let run = 0; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    const page = await stand.viewer.newPage([pictureRecorderScript])
    await page.goto(`${stand.server.url}/watch/${id}${query}`)
    const first = await waitFor('the first frame is presented', async () => (await readPictureRecord(page)).first, {
      deadline: 30_000,
    })
    await waitForPlayer(page, { state: 'playing', transport })
    const seen = await watchClock(page, { samples: 1 })
    if (seen.sources[0] !== 1) throw new Error('the picture is not the one that was sent')
    if (run > 0) samples.push(first)
    await page.context().close()
  }
  const sent = await stand.requireRungs(id)
  const notes = [`from the start of the navigation, empty cache, browser running; ${sent}`]
  return { kind: 'measured', samples, notes }
}
