import { Agent, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { picture, sound } from '../../helpers/packager/ffmpegMedia.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { type Cue, Stage } from '../../helpers/packager/Stage.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const id = 'AAAAbbbbCCCCdddd'

let stage: Stage
let metrics: Metrics
let server: TestHttpServer
let agent: Agent

beforeEach(async () => {
  stage = new Stage({ windowSegments: 15 })
  metrics = new Metrics()
  agent = new Agent({ keepAlive: true })
  const door = hlsRoutes({
    directory: { hls: () => stage.packager, countHttpViewer: () => expect.fail('nobody has a session') },
    addressOf: () => 'one',
    maxHeld: 8,
    maxHeldPerAddress: 8,
    metrics,
    clock: stage.clock,
    log: { error: (fields) => expect.fail(JSON.stringify(fields)) },
  })
  server = await startHttpServer((req, res) => void door(req, res))
})
afterEach(async () => {
  agent.destroy()
  await server[Symbol.asyncDispose]()
})

/** What is asked for below a rendition, and whether the answer is there. */
class Asked {
  answer: { status: number; body: Buffer } | null = null

  constructor(rendition: string, name: string) {
    request(`${server.url}/hls/${id}/${rendition}/${name}`, { agent }, async (res) => {
      const body = Buffer.concat(await res.toArray())
      this.answer = { status: res.statusCode ?? 0, body }
    })
      // What is held still when a test ends is cut.
      .on('error', () => {})
      .end()
  }
}

const held = () => Number(/^nearcast_hls_held (\d+)$/m.exec(metrics.render())?.[1])

/** Plays what comes until all have their answer; each step waits until whoever may be answered is. */
async function playUntilAnswered(cues: Cue[], asked: readonly Asked[]): Promise<void> {
  const settled = () => asked.filter(({ answer }) => answer !== null).length
  await waitFor('all are answered or held', () => settled() + held() === asked.length)
  while (held() > 0) {
    const cue = cues.shift()
    if (!cue) return
    stage.clock.advanceTo(cue.at)
    cue.act()
  }
  await waitFor('all are answered', () => settled() === asked.length)
}

const bodyOf = ({ answer }: Asked) => answer?.body.toString() ?? ''
const partNames = (playlist: string) =>
  [...playlist.matchAll(/^#EXT-X-PART:.*URI="([^"]+)"/gm)].map(([, name]) => name ?? '')

describe('a client that waits for every part of what real FFmpeg sends', () => {
  it('hears of each part once, as it is cut, in both renditions, and has it in the same moment', async () => {
    const seconds = 14
    const [low, voice] = await Promise.all([
      picture({ size: '320x180', seconds, capturedAt: START, origin: 3 }),
      sound({ seconds, capturedAt: START }),
    ])
    const cues = [...stage.video(0, low), ...stage.audio(voice)].sort((a, b) => a.at - b.at)
    while (stage.packager.playlist('v0') === null || stage.packager.playlist('audio') === null) {
      const cue = cues.shift()
      if (!cue) expect.fail('the first segment never came')
      stage.clock.advanceTo(cue.at)
      cue.act()
    }
    const next = { v0: { msn: 1, part: 0 }, audio: { msn: 1, part: 0 } }
    const heard = { v0: [] as string[], audio: [] as string[] }
    for (let turn = 0; turn < 60 && cues.length > 0; turn++) {
      const renditions = ['v0', 'audio'] as const
      const hints = renditions.map((rendition) => stage.packager.playlist(rendition)?.hint ?? '')
      const playlists = renditions.map(
        (rendition) =>
          new Asked(
            rendition,
            `playlist.m3u8?_HLS_msn=${next[rendition].msn}&_HLS_part=${next[rendition].part}&_HLS_skip=YES`,
          ),
      )
      const parts = renditions.map((rendition, index) => new Asked(rendition, hints[index] ?? ''))
      await playUntilAnswered(cues, [...playlists, ...parts])
      if (cues.length === 0) break
      for (const [index, rendition] of renditions.entries()) {
        const [playlist, part] = [playlists[index], parts[index]]
        if (!playlist || !part) expect.fail()
        const { msn, part: wanted } = next[rendition]
        const name = `r1-${msn}.${wanted}.m4s`
        const listed = partNames(bodyOf(playlist))
        expect(listed).toContain(name)
        expect(hints[index]).toBe(name)
        expect(part.answer?.status).toBe(200)
        expect(
          part.answer?.body.equals(Buffer.concat([...(stage.packager.resource(rendition, name) ?? [])] as Buffer[])),
        ).toBe(true)
        heard[rendition].push(name)
        const isLast = bodyOf(playlist).includes(`\nr1-${msn}.m4s\n`) && listed.at(-1) === name
        next[rendition] = isLast ? { msn: msn + 1, part: 0 } : { msn, part: wanted + 1 }
      }
    }
    for (const names of Object.values(heard)) {
      expect(new Set(names).size).toBe(names.length)
      expect(names.length).toBeGreaterThan(15)
    }
  })

  it('gets the end at once when the broadcast ends while it waits', async () => {
    const low = await picture({ size: '320x180', seconds: 5, capturedAt: START, origin: 3 })
    stage.play(stage.video(0, low))
    const newest = stage.packager.playlist('v0')
    if (!newest) expect.fail('there is no playlist')
    const asked = new Asked('v0', `playlist.m3u8?_HLS_msn=${newest.lastMediaSequence + 1}`)
    await waitFor('it is held', () => held() === 1)
    stage.packager.end()
    await waitFor('it is answered', () => asked.answer !== null)
    expect(bodyOf(asked)).toContain('#EXT-X-ENDLIST')
  })
})
