/** The top simulcast layer is off at the start, comes, goes and comes back; nobody has to wait for it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { accountOf, beginToLook, sights } from '../../helpers/eyewitness.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { PlaylistWitness } from '../../helpers/PlaylistWitness.ts'
import { callSource, evaluate } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import {
  expectMoving,
  followTransports,
  noteStates,
  otherProblems,
  pictureSince,
  stalledFor,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { expectShortGaps } from './gaps.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds over all three changes: who waited for a layer that is gone would stand still for a segment each time. */
const STANDSTILL = 4000

/**
 * A rung that comes makes the player begin another HLS, one that goes away is left: neither is a reason for the picture to
 * stand, or to be seen again, but for a busy machine's stalls. Milliseconds.
 */
const [MOST_LONGER, MOST_BACK] = [2000, 500]

/** What the init script leaves in the page. */
declare const senders: RTCRtpSender[]

describe('a top layer', () => {
  it('may be off at the start, appear, go away and come back', async ({ annotate }) => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await goLive(browser, server.url, created, [clockCameraScript(), callSource(startWithoutTop)])
    await using playlists = PlaylistWitness.create(server.url, created.id)
    const direct = await watch(browser, server.url, created.id)
    await expectMoving(direct, 'webrtc')
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await expectMoving(smooth, 'llhls')
    await waitFor('two layers and the sound are listed', () => playlists.last.size === 3)
    expect([...playlists.last.keys()]).not.toContain('v2')
    for (const page of [direct, smooth]) await noteStates(page)
    const transports = await followTransports(direct)
    for (const page of [direct, smooth]) await beginToLook(page)

    const isPresent = async () => {
      const { renditions } = await broadcastFacts(server.url, created.id)
      return renditions.find(({ id }) => id === 'v2')?.present ?? false
    }
    for (const active of [true, false, true]) {
      const changed = Date.now()
      const newest = playlists.newest
      await evaluate(studio, callSource(switchTop, `${active}`))
      await waitFor(`the top layer is ${active}`, async () => (await isPresent()) === active, { deadline: 90_000 })
      await annotate(`top layer ${active ? 'on' : 'off'} after ${Date.now() - changed} ms`)
      const done = Date.now()
      await pictureSince(direct, done)
      await pictureSince(smooth, done)
      await expectShortGaps(playlists, ['v0', 'v1', 'audio'], { newest, done })
    }
    // Nothing stalls; but while Chromium makes its encoders anew, a busy machine may send no picture at all for a moment.
    const stalled = await Promise.all([direct, smooth].map(stalledFor))
    await annotate(`stalled for ${stalled.map(Math.round).join(' and ')} ms`)
    expect(Math.max(...stalled)).toBeLessThan(STANDSTILL)
    const [sent, shown] = [accountOf(await sights(direct)), accountOf(await sights(smooth))]
    await annotate(
      `pictures stood for up to ${sent.longestStandstill} ms over WebRTC, ${shown.longestStandstill} over HLS`,
    )
    await annotate(`HLS went back by up to ${shown.mostBackwards} ms`)
    expect(shown.longestStandstill).toBeLessThan(sent.longestStandstill + MOST_LONGER)
    expect(shown.mostBackwards).toBeLessThan(MOST_BACK)
    expect([await transports(), await transportHistory(smooth)]).toEqual([['webrtc'], ['llhls']])
    expect([...playlists.faults]).toEqual([])
    expect(otherProblems(browser)).toEqual([])
  })
})

/** Runs in the page; refers to nothing outside itself. */
function startWithoutTop(): void {
  const found: RTCRtpSender[] = []
  Object.assign(globalThis, { senders: found })
  const add = RTCPeerConnection.prototype.addTransceiver
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    const encodings = init?.sendEncodings ?? []
    const top = encodings.length === 3 ? encodings[2] : undefined
    if (top) top.active = false
    const transceiver = add.call(this, track, init)
    if (top) found.push(transceiver.sender)
    return transceiver
  }
}

/** Runs in the page; refers to nothing outside itself but the senders. */
async function switchTop(active: boolean): Promise<void> {
  for (const sender of senders) {
    const parameters = sender.getParameters()
    const top = parameters.encodings[2]
    if (top) top.active = active
    await sender.setParameters(parameters)
  }
}
