import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Recorder } from '../../../server/archive/Recorder.ts'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { KeptRoutes } from '../../../server/delivery/keptRoutes.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { makeFolder, type TestFolder } from '../../helpers/archive/folder.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

const id = 'AAAAbbbbCCCCdddd'
const SECONDS = 60.5

let folder: TestFolder
let stage: Stage
let recorder: Recorder
let server: TestHttpServer
/** Bytes of each segment by name, as they were listed. */
const listed = new Map<string, Buffer>()

beforeEach(async () => {
  folder = await makeFolder()
  stage = new Stage({ windowSegments: 15 })
  recorder = new Recorder({
    folder: join(folder.path, id),
    limits: { window: 7_200_000, windowBytes: 1e9, recordingBytes: 1e9 },
    isRecorded: () => false,
    targetDuration: 3,
    clock: stage.clock,
    log: { info() {}, error: (facts) => expect.fail(JSON.stringify(facts)) },
  })
  recorder.on('written', (mediaSequence) => stage.packager.release(mediaSequence))
  stage.packager.on('segment', (event) => {
    recorder.add(event.listed, stage.packager.renditions())
    for (const { rendition, segment } of event.listed) {
      listed.set(`${rendition}/${segment.name}`, Buffer.concat(segment.parts.map(({ bytes }) => bytes)))
    }
  })
  const directory = {
    hls: () => stage.packager,
    kept: () => recorder.kept(),
    isRecording: () => false,
    countHttpViewer() {},
  }
  const common = {
    directory,
    metrics: new Metrics(),
    log: { error: (facts: object) => expect.fail(JSON.stringify(facts)) },
  }
  const kept = new KeptRoutes(common)
  const hls = hlsRoutes({
    ...common,
    addressOf: () => 'one',
    maxHeld: 8,
    maxHeldPerAddress: 8,
    clock: stage.clock,
    older: (req, res) => kept.answerMedia(req, res),
  })
  server = await startHttpServer((req, res) => {
    if (!kept.door(req, res) && !hls(req, res)) res.writeHead(299).end()
  })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await recorder.remove()
  await folder[Symbol.asyncDispose]()
})

const get = (path: string) => fetch(`${server.url}/hls/${id}/${path}`)

describe('segments of a live broadcast that have left the memory', () => {
  it('are sent from the disk, byte for byte, as long as the window or the live playlist lists them', async () => {
    stage.play(pictures(stage, { until: SECONDS, keyFrames: every(2, SECONDS) }), sound(stage, SECONDS))
    await recorder.kept()
    expect(stage.packager.resource('v0', 'r1-15.m4s')).toBe('gone')
    for (const rendition of ['v0', 'audio']) {
      const window = await (await get(`${rendition}/window.m3u8`)).text()
      const live = await (await get(`${rendition}/playlist.m3u8`)).text()
      const names = window.match(/^r1-\d+\.m4s$/gm) ?? []
      expect(names.length).toBeGreaterThan(28)
      expect(names).toEqual(expect.arrayContaining(live.match(/^r1-\d+\.m4s$/gm) ?? ['none']))
      for (const name of names) {
        const answer = await get(`${rendition}/${name}`)
        expect([name, answer.status, answer.headers.get('content-type')]).toEqual([name, 200, 'video/mp4'])
        expect(
          Buffer.from(await answer.arrayBuffer()).equals(listed.get(`${rendition}/${name}`) ?? Buffer.alloc(0)),
        ).toBe(true)
      }
    }
    expect((await get('v0/r1-15.0.m4s')).status).toBe(410)
    expect((await get('v0/iframes.m3u8')).status).toBe(200)
    expect((await get('v0/r1-99.m4s')).status).toBe(404)
  })
})
