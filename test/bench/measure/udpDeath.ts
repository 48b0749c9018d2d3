/** In charge of the figure "UDP dies mid-play → picture moves again": how long the picture stood still. */
import { playerFacts, waitForPlayer, watch } from '../../helpers/broadcast.ts'
import { readClock, watchClock } from '../../helpers/clockPicture.ts'
import { TestNetwork } from '../../helpers/netns.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { longestStandstill, pictureRecorderScript, readPageClock, readPictureRecord } from '../pageRecorder.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** A pause as long as this, in milliseconds, is the standstill that is looked for; shorter ones a busy machine makes. */
const STANDSTILL_MS = 300
/** The picture moves again when it has done so for as long as this, in milliseconds. */
const MOVING_MS = 1_500

export async function measureUdpDeath({ signal, samples: runs, say }: BenchContext): Promise<Outcome> {
  // Packets are dropped by the kernel, in a network of the viewer's own; TCP still gets through, as in real life.
  await using network = await TestNetwork.create()
  await using stand = await Stand.create({ signal, network })
  const { id } = await stand.goLive()
  const samples: number[] = []
  const savedBy = new Map<string, number>()
  let looks = 0
  let blank = 0
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    const page = await watch(stand.viewer, stand.viewerUrl, id, '', [pictureRecorderScript])
    await waitForPlayer(page, { state: 'playing', transport: 'webrtc' })
    await watchClock(page, { samples: 60 })

    const since = await readPageClock(page)
    await network.block(['udp'], stand.server.rtcPorts)
    const still = await waitFor(
      'the picture moves again',
      async () => {
        looks++
        if ((await readClock(page)) === null) blank++
        const { shown } = await readPictureRecord(page)
        const longest = longestStandstill(shown, since)
        const last = shown.at(-1) ?? 0
        return longest && longest.to - longest.from >= STANDSTILL_MS && last - longest.to >= MOVING_MS ? longest : null
      },
      { deadline: 30_000 },
    )
    samples.push(still.to - still.from)
    const { transport } = await playerFacts(page)
    savedBy.set(`${transport}`, (savedBy.get(`${transport}`) ?? 0) + 1)
    await page.context().close()
    await network.unblock()
  }
  const sent = await stand.requireRungs(id)
  const saved = [...savedBy].map(([transport, times]) => `${transport} ${times}×`).join(', ')
  const notes = [
    `UDP dropped by the kernel, TCP left alone; afterwards on ${saved}; ${sent}`,
    `${blank} of ${looks} looks at the picture meanwhile found no readable one (black or torn)`,
  ]
  return { kind: 'measured', samples, notes }
}
