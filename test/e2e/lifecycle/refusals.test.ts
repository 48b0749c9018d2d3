/** Wrong keys and unknown ids: pages say so in words, HTTP answers with codes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, waitForStudio } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { startServer } from '../../helpers/server.ts'
import { otherProblems, wordsOf } from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('who has no business here', () => {
  it('is told so, in words on pages and in codes over HTTP', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const [mine, other] = [await createBroadcast(server.url), await createBroadcast(server.url)]
    const unknown = 'A'.repeat(16)

    const studio = await browser.newPage([clockCameraScript()])
    const refusedStudios: [path: string, words: RegExp][] = [
      [`/studio/${mine.id}#key=${other.publishKey}`, /key does not fit/],
      [`/studio/${other.id}#key=nonsense`, /key does not fit/],
      [`/studio/${unknown}#key=${other.publishKey}`, /no such broadcast/],
    ]
    for (const [path, words] of refusedStudios) {
      await studio.goto(`${server.url}${path}`)
      await waitFor(`${path} says why`, async () => words.test(await wordsOf(studio)))
      await waitForStudio(studio, 'idle')
      expect(await studio.$('#go-live')).toBeNull()
    }
    const keyless = await browser.newPage([clockCameraScript()])
    await keyless.goto(`${server.url}/studio/${mine.id}`)
    await waitFor('it asks for the key', async () => /no key/.test(await wordsOf(keyless)))

    const viewer = await browser.newPage()
    for (const id of [unknown, 'nonsense']) {
      await viewer.goto(`${server.url}/watch/${id}`)
      await waitFor('the watch page says so', async () => /no such broadcast/.test(await wordsOf(viewer)))
    }
    await viewer.goto(`${server.url}/watch/${mine.id}`)
    await waitFor('nothing to see yet', async () => /has not started yet/.test(await wordsOf(viewer)))

    const withKey = (key: string) => ({
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
    const answers: [path: string, init: RequestInit, status: number, code: string][] = [
      [`/hls/${unknown}/index.m3u8`, {}, 404, 'broadcast-not-found'],
      [`/hls/${mine.id}/index.m3u8`, {}, 404, 'not-live'],
      [`/hls/${mine.id}/v0/playlist.m3u8`, {}, 404, 'not-live'],
      [`/api/broadcasts/${unknown}`, {}, 404, 'broadcast-not-found'],
      [`/api/broadcasts/${mine.id}`, { method: 'DELETE' }, 401, 'key-missing'],
      [`/api/broadcasts/${mine.id}`, { method: 'DELETE', ...withKey(other.publishKey) }, 403, 'wrong-key'],
      [`/api/broadcasts/${mine.id}`, { method: 'PATCH', body: '{}', ...withKey(other.publishKey) }, 403, 'wrong-key'],
      [`/api/broadcasts/${unknown}`, { method: 'DELETE', ...withKey(other.publishKey) }, 404, 'broadcast-not-found'],
    ]
    for (const [path, init, status, code] of answers) {
      const answer = await fetch(`${server.url}${path}`, init)
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        status,
        { error: expect.objectContaining({ code }) },
      ])
    }
    expect(otherProblems(browser, /status of 404/)).toEqual([])
  })
})
