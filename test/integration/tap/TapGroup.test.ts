import { createWorker, type types } from 'mediasoup'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import { Disposer } from '../../../server/lib/Disposer.ts'
import { mediaCodecs } from '../../../server/sfu/codecs.ts'
import { PortPool } from '../../../server/tap/PortPool.ts'
import { TapGroup } from '../../../server/tap/TapGroup.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { openPorts, ourProcesses } from '../../helpers/processes.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { RecordingSink } from './recordingSink.ts'
import { RtpSender } from './rtpSender.ts'

const log = pino({ level: 'silent' })
let worker: types.Worker
let opened: Disposer

beforeAll(async () => {
  worker = await createWorker({ logLevel: 'error' })
})

afterAll(() => {
  worker.close()
})

afterEach(() => opened.close())

/** A router with a sender, and a group that taps it. */
async function setUp({ layers = 1, pairs = 8 }: { layers?: number; pairs?: number } = {}) {
  opened = new Disposer()
  const first = await findFreePorts(pairs * 2 + 1)
  const router = await worker.createRouter({ mediaCodecs })
  opened.add(() => router.close())
  const sender = await RtpSender.create(router, layers)
  opened.add(() => sender.close())
  const ports = PortPool.create({ first, last: first + pairs * 2 })
  const sink = new RecordingSink()
  const group = await TapGroup.create({
    ...{ router, sink, ports, log, clock: systemClock },
    ...{ ffmpegPath: 'ffmpeg', audioBitrate: 96_000 },
  })
  opened.add(() => group.close('test over'))
  return { router, sender, ports, sink, group }
}

describe('TapGroup', () => {
  it('delivers video as one fragment a frame with its capture time, and audio as AAC and as Opus', async () => {
    const { sender, sink, group } = await setUp()
    const video = await sender.produceVideo()
    const audio = await sender.produceAudio()
    await Promise.all([group.addProducer(video), group.addProducer(audio)])
    for (const stream of ['video:0', 'aac', 'opus']) {
      await waitFor(`${stream} has 60 fragments`, () => sink.fragments(stream) >= 60)
      const [recording] = sink.of(stream)
      const types = recording?.boxes.map(({ type }) => type) ?? []
      expect(types.slice(0, 5)).toEqual(['ftyp', 'moov', 'prft', 'moof', 'mdat'])
      expect(new Set(types.slice(2).map((type, index) => `${index % 3} ${type}`))).toEqual(
        new Set(['0 prft', '1 moof', '2 mdat']),
      )
      const times = recording?.captureTimes ?? []
      expect(times.every(({ wallMs }) => Math.abs(wallMs - Date.now()) < 20_000)).toBe(true)
      expect(times.every(({ ticks }, index) => index === 0 || ticks > (times[index - 1]?.ticks ?? 0))).toBe(true)
    }
    expect(group.activeLayers).toEqual([0])
  })

  it('binds every port of its FFmpegs to loopback', async () => {
    const { sender, sink, group } = await setUp({ layers: 2 })
    await group.addProducer(await sender.produceVideo())
    await group.addProducer(await sender.produceAudio())
    await waitFor('all run', () => ['video:0', 'video:1', 'aac'].every((stream) => sink.fragments(stream) > 0))
    const ports = openPorts(group.childPids)
    expect(group.childPids).toHaveLength(3)
    expect(ports.filter(({ protocol }) => protocol === 'udp')).toHaveLength(6)
    expect(ports.map(({ address }) => address)).toEqual(ports.map(() => '127.0.0.1'))
  })

  it('leaves no child and no port behind when it is closed, and writes nothing after', async () => {
    const { sender, sink, group, ports } = await setUp({ layers: 2 })
    await group.addProducer(await sender.produceVideo())
    const audio = await sender.produceAudio()
    await group.addProducer(audio)
    await waitFor('all run', () => ['video:0', 'video:1', 'opus'].every((stream) => sink.fragments(stream) > 0))
    const pids = group.childPids
    await group.close('broadcast ended')
    expect(ourProcesses().filter(({ pid }) => pids.includes(pid))).toEqual([])
    expect(sink.recordings.every(({ closed }) => closed)).toBe(true)
    expect({ used: ports.used, available: ports.available, pids: group.childPids }).toEqual({
      ...{ used: 0, available: 8, pids: [] },
    })
    await expect(group.addProducer(audio)).rejects.toMatchObject({ code: 'closed' })
  })
})
