/** The life of one broadcast from late joiners over a reload of its studio to its end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  broadcastFacts,
  createBroadcast,
  goLive,
  waitForPlayer,
  waitForStudio,
  watch,
} from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { watchClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { startServer } from '../../helpers/server.ts'
import {
  expectMoving,
  isSamePage,
  markPage,
  otherProblems,
  pictureSince,
  smallCameraScript,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('a broadcast that goes on for a while', () => {
  it('is seen by late joiners, survives a reload of the studio, and ends for everyone', async ({ annotate }) => {
    await using server = await startServer()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), smallCameraScript])
    await using playlists = PlaylistWitness.create(server.url, created.id)
    await waitFor('ten seconds are packaged', () => playlists.newest - (playlists.breaks[0] ?? 0) > 5, {
      deadline: 40_000,
    })

    const opened = performance.now()
    const direct = await watch(browser, server.url, created.id)
    await waitForPlayer(direct, { state: 'playing', transport: 'webrtc' }, 90_000)
    await annotate(`WebRTC picture of a late joiner after ${Math.round(performance.now() - opened)} ms`)
    await expectMoving(direct, 'webrtc')
    // A busy machine may need a while to catch up with what came while it had no time.
    const isFresh = async () => (await watchClock(direct, { samples: 20 })).ageP50 < 1000
    await waitFor('the picture is less than a second old', isFresh, { deadline: 60_000 })
    const openedSmooth = performance.now()
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' }, 60_000)
    await annotate(`HLS picture of a late joiner after ${Math.round(performance.now() - openedSmooth)} ms`)
    await expectMoving(smooth, 'llhls')

    await markPage(direct)
    await markPage(smooth)
    const newest = playlists.newest
    const breaks = playlists.breaks.length
    const reloaded = Date.now()
    await studio.reload()
    await waitForStudio(studio, 'live')
    const live = Date.now()
    const [back, backSmooth] = await Promise.all([pictureSince(direct, live), pictureSince(smooth, live)])
    expect([back.upright, backSmooth.upright]).toEqual([true, true])
    await annotate(`studio live ${live - reloaded} ms after its reload`)
    await expectMoving(direct, 'webrtc')
    await expectMoving(smooth, 'llhls')
    expect([await isSamePage(direct), await isSamePage(smooth)]).toEqual([true, true])
    await waitFor('segments are listed again', () => playlists.newest > newest)
    // At least one; a layer that comes later than the others brings its own.
    await waitFor('a discontinuity is listed', () => playlists.breaks.length > breaks)
    expect(playlists.ended).toBe(false)

    await studio.click('#end-broadcast')
    await waitForStudio(studio, 'ended')
    await Promise.all([waitForPlayer(direct, { state: 'ended' }), waitForPlayer(smooth, { state: 'ended' }, 30_000)])
    expect((await broadcastFacts(server.url, created.id)).state).toBe('ended')
    await waitFor('all playlists end', () => playlists.ended)
    expect([...playlists.faults]).toEqual([])
    expect(playlists.statuses.filter((status) => status !== 404)).toEqual([200])
    expect(otherProblems(browser)).toEqual([])
  })
})
