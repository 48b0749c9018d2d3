/** A viewer on MSE while the source changes under way: no reload, no other transport, no black. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { broadcastFacts, createBroadcast, goLive, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { readClock } from '../../helpers/clockPicture.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { callSource, evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import { listenForTone } from '../../helpers/tone.ts'
import {
  expectKept,
  expectMoving,
  noteStandstills,
  otherProblems,
  pictureSince,
  smallScreenScript,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { pictureRecord, witnessPicture, witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** What the init script leaves in the page. */
declare const senders: RTCRtpSender[]

describe('a viewer on MSE', () => {
  it('is moved to a lower rung and back, follows another picture and sound, and waits for the source', async ({
    annotate,
  }) => {
    await using server = await startServer({ workers: 1 })
    await using studios = await launchChromium()
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const scripts = [clockCameraScript(), smallScreenScript, callSource(keepSenders)]
    const studio = await goLive(studios, server.url, created, scripts)
    const page = await watch(browser, server.url, created.id, '', [
      witnessScript(),
      'delete globalThis.RTCPeerConnection',
    ])
    await expectMoving(page, 'mse')
    const width = (wanted: number) =>
      waitFor(
        `the picture is ${wanted} wide`,
        async () => (await evaluate(page, `${pictureElement}.videoWidth`)) === wanted,
        {
          deadline: 60_000,
        },
      )
    await width(960)
    await noteStandstills(page)
    await witnessPicture(page)

    for (const active of [false, true]) {
      const changed = Date.now()
      await evaluate(studio, callSource(switchTop, `${active}`))
      await width(active ? 960 : 480)
      await annotate(`the top layer ${active ? 'on' : 'off'}: followed after ${Date.now() - changed} ms`)
      await pictureSince(page, Date.now())
    }

    for (const source of [2, 1]) {
      const clicked = Date.now()
      await studio.click('#share-screen')
      await waitFor(`picture ${source} is seen`, async () => (await readClock(page))?.source === source, {
        deadline: 30_000,
      })
      await annotate(`picture ${source} after ${Date.now() - clicked} ms`)
      await expectMoving(page, 'mse', [source])
      expect(await listenForTone(page)).toMatchObject({ heard: true })
    }

    await studio.reload()
    await waitForStudio(studio, 'live')
    const back = Date.now()
    await pictureSince(page, back, 60_000)
    await annotate(`the picture is back ${Date.now() - back} ms after the studio`)
    const seen = await expectMoving(page, 'mse')
    await annotate(`age afterwards: ${Math.round(seen.ageP50)} ms`)
    expect(await listenForTone(page)).toMatchObject({ heard: true })

    await expectKept(page, 'mse')
    expect((await pictureRecord(page)).black).toBe(0)
    const viewers = async () => (await broadcastFacts(server.url, created.id)).viewers
    await expect.poll(viewers).toMatchObject({ total: 1, mse: 1 })
    expect(otherProblems(browser)).toEqual([])
  }, 400_000)
})

/** Runs in the page; refers to nothing outside itself. */
function keepSenders(): void {
  const found: RTCRtpSender[] = []
  Object.assign(globalThis, { senders: found })
  const add = RTCPeerConnection.prototype.addTransceiver
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    const transceiver = add.call(this, track, init)
    if (init?.sendEncodings?.length === 3) found.push(transceiver.sender)
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
