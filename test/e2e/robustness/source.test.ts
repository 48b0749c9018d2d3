/** Sources that stop, come back, change or lose packets: who reads over HTTP waits and goes on, and every rule holds. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, waitForPlayer, waitForStudio } from '../../helpers/broadcast.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { beginToLook, sights } from '../../helpers/eyewitness.ts'
import { HttpAudience } from '../../helpers/httpAudience.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { evaluate } from '../../helpers/page.ts'
import { listenForTone } from '../../helpers/tone.ts'
import { otherProblems, withoutDevice } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** What a page says of a network that a test takes away. */
const NETWORK = /WebRTC|ICE|net::ERR/

describe('a source', () => {
  it('that is away for ten seconds is waited for, and goes on after one discontinuity everywhere', async ({
    annotate,
  }) => {
    await using audience = await HttpAudience.create()
    const { uplink, playlists, server, created } = audience
    const newest = playlists.newest
    const away = Date.now()
    uplink.impair({ outage: true })
    await waitFor('the broadcast is interrupted', async () => (await stateOf(audience)) === 'interrupted')
    await waitFor('ten seconds are over', () => Date.now() - away >= 10_000, { deadline: 15_000 })
    const healed = Date.now()
    uplink.impair({})
    await audience.goesOn(healed)
    await annotate(`the viewer sees it ${Date.now() - healed} ms after it healed: ${(await audience.states()).join()}`)
    await audience.breaksTogether(newest + 1)
    expect((await broadcastFacts(server.url, created.id)).state).toBe('live')
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(audience.browser, NETWORK)).toEqual([])
  })

  it('that is away for longer than the grace period has ended, for every playlist and viewer', async () => {
    await using audience = await HttpAudience.create({ NEARCAST_GRACE_PERIOD: '5' })
    audience.uplink.impair({ outage: true })
    await waitForPlayer(audience.viewer, { state: 'ended' }, 60_000)
    await waitFor('all playlists end', () => audience.playlists.ended)
    expect(await stateOf(audience)).toBe('ended')
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(audience.browser, NETWORK)).toEqual([])
  })

  it('that is replaced by another device goes on for the same viewers', async () => {
    await using audience = await HttpAudience.create()
    const { browser, server, created, route, playlists } = audience
    const newest = playlists.newest
    await audience.studio.close()
    await waitFor('the broadcast is interrupted', async () => (await stateOf(audience)) === 'interrupted')
    // The studio that comes in time goes on by itself.
    const other = await browser.newPage([clockCameraScript({ source: 3 }), route])
    await other.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    await waitForStudio(other, 'live')
    expect((await audience.goesOn(Date.now())).source).toBe(3)
    await audience.breaksTogether(newest + 1)
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })

  it('that comes back without its camera is heard at once, under its last picture', async ({ annotate }) => {
    await using audience = await HttpAudience.create()
    const { browser, server, created, route, viewer, playlists } = audience
    await beginToLook(viewer)
    // A layer that was never there has no picture to stand in.
    await waitFor('the lowest layer is listed', () => playlists.last.has('v0'))
    await audience.studio.close()
    await waitFor('the broadcast is interrupted', async () => (await stateOf(audience)) === 'interrupted')
    const left = Date.now()
    const other = await browser.newPage([clockCameraScript(), withoutDevice('video'), route])
    await other.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    // Judged at once: the last picture stands in for ten seconds only.
    const pictures = async () => (await fetch(`${server.url}/hls/${created.id}/v0/playlist.m3u8`)).text()
    const pictureAfter = async () => {
      const runs = (await pictures()).split('#EXT-X-DISCONTINUITY\n')
      const at = runs.findIndex((run) => Date.parse(/DATE-TIME:(.*)/.exec(run)?.[1] ?? '') > left)
      const [before, after] = [runs.slice(0, at).join(), runs.slice(at).join()]
      return at > 0 && /#EXT-X-PART:.*INDEPENDENT=YES/.test(after) && { before, after }
    }
    const [back, { before, after }] = await Promise.all([
      waitForStudio(other, 'live').then(() => Date.now()),
      waitFor('a picture is listed after the discontinuity', pictureAfter, { deadline: 60_000 }),
    ])
    // Whoever comes now is offered the sound alone; those who had pictures go on with the last of them.
    // A layer that came later than the others lists gaps for what was before.
    const segments = before.split('#EXT-X-PROGRAM-DATE-TIME')
    expect(segments.slice(segments.findIndex((segment) => segment.includes('INDEPENDENT=YES'))).join()).not.toContain(
      'GAP',
    )
    expect(after).not.toContain('GAP')

    const player = "document.querySelector('nearcast-player')"
    const isNow = `${player}.latency !== null && Date.now() - ${player}.latency * 1000 > ${back}`
    await waitFor('the viewer plays what is sent now', () => evaluate<boolean>(viewer, isNow), { deadline: 30_000 })
    await annotate(`played ${Date.now() - back} ms after the studio was live: ${(await audience.states()).join()}`)
    expect(await listenForTone(viewer)).toMatchObject({ heard: true })
    const seen = await sights(viewer)
    expect(seen.some(({ ms }) => ms !== null)).toBe(true)
    expect(seen.filter(({ ms }) => ms !== null && ms > left)).toEqual([])
    expect(seen.at(-1)?.isBlack).toBe(false)

    // Who waits longer is told that there are none, and goes on with the sound.
    await waitFor('no picture is listed any more', async () => (await pictures()).includes('#EXT-X-GAP'))
    expect(await listenForTone(viewer)).toMatchObject({ heard: true })
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })

  it('that loses one packet in twenty on its way plays on', async ({ annotate }) => {
    await using audience = await HttpAudience.create()
    const { uplink, playlists } = audience
    const newest = playlists.newest
    uplink.impair({ loss: 0.05 })
    await waitFor('ten more segments are listed', () => playlists.newest >= newest + 10, { deadline: 60_000 })
    await audience.goesOn(Date.now())
    const gaps = [...playlists.seen.keys()].map((id) => playlists.since(id, newest + 1).filter(({ gap }) => gap).length)
    await annotate(`gaps ${gaps.join()}; the viewer was ${(await audience.states()).join()}`)
    expect(await audience.faults()).toEqual([])
    expect(otherProblems(audience.browser)).toEqual([])
  })
})

async function stateOf({ server, created }: HttpAudience): Promise<string> {
  return (await broadcastFacts(server.url, created.id)).state
}
