/** In charge of the figure "first playable HLS media after *Go live* is confirmed". */
import { createBroadcast, waitForStudio } from '../../helpers/broadcast.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { callSource, evaluate } from '../../helpers/page.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { percentile } from '../figures.ts'
import { mediaUris, playlistUris } from '../playlists.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** How often is looked, in milliseconds: the grain of the figure. */
const LOOK_EVERY_MS = 20

export async function measureFirstPart({ signal, samples: runs, say }: BenchContext): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const samples: number[] = []
  const confirmations: number[] = []
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    const created = await createBroadcast(stand.server.url)
    const page = await stand.sender.newPage([clockCameraScript({ full: true }), callSource(noteLive)])
    await page.goto(`${stand.server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(page, 'preview')
    const pressedAt = Date.now()
    await page.click('#go-live')
    const index = `${stand.server.url}/hls/${created.id}/index.m3u8?player=1`
    await waitFor('the first part can be played', () => isPlayable(index), {
      every: LOOK_EVERY_MS,
      deadline: 30_000,
    })
    const playableAt = Date.now()
    await waitForStudio(page, 'live')
    const liveAt = await evaluate<number>(page, 'globalThis.liveAt')
    // Media that is there before the studio says so needed no waiting for.
    samples.push(Math.max(0, playableAt - liveAt))
    confirmations.push(liveAt - pressedAt)
    await fetch(`${stand.server.url}/api/broadcasts/${created.id}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${created.publishKey}` },
    })
    await page.context().close()
  }
  const confirmed = Math.round(percentile(confirmations, 0.5))
  const notes = [
    `picture and sound downloaded, looked for every ${LOOK_EVERY_MS} ms; press of the button → confirmed: p50 ${confirmed} ms`,
  ]
  return { kind: 'measured', samples, notes }
}

/** Whether the first variant and the sound beside it have a part each that can be downloaded with its init. */
async function isPlayable(index: string): Promise<boolean> {
  const multivariant = await get(index)
  if (!multivariant) return false
  const { variants, renditions } = playlistUris(await multivariant.text())
  const needed = [...variants.slice(0, 1), ...renditions]
  if (needed.length === 0) return false
  for (const uri of needed) {
    const address = new URL(uri, index)
    const playlist = await get(address)
    if (!playlist) return false
    const { maps, segments, parts } = mediaUris(await playlist.text())
    const first = parts[0] ?? segments[0]
    if (maps[0] === undefined || first === undefined) return false
    for (const media of [maps[0], first]) {
      const answer = await get(new URL(media, address))
      if (!answer || (await answer.bytes()).byteLength === 0) return false
    }
  }
  return true
}

async function get(url: string | URL): Promise<Response | null> {
  const response = await fetch(url)
  if (response.status === 200) return response
  await response.body?.cancel()
  return null
}

/** Runs in the page; refers to nothing outside itself. Notes when the studio's root said for the first time it is live. */
function noteLive(): void {
  const look = new MutationObserver(() => {
    if (!document.querySelector('[data-state="live"]')) return
    Object.assign(globalThis, { liveAt: Date.now() })
    look.disconnect()
  })
  look.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] })
}
