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
    ...{ ffmpegPath: 'ffmpeg', audioBitrate: 96_000, transcode: null },
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

  it('starts what was killed again, in a new sink, and touches no other stream', async () => {
    const { sender, sink, group } = await setUp({ layers: 2 })
    const restarted: string[] = []
    group.on('restarted', ({ stream, reason }) => restarted.push(`${stream} ${reason}`))
    await group.addProducer(await sender.produceVideo())
    await waitFor('both layers run', () => group.activeLayers.length === 2)
    const pids = group.childPids
    process.kill(pids[1] ?? 0, 'SIGKILL')
    await waitFor('the layer is back', () => sink.of('video:1').length === 2 && sink.fragments('video:1') > 10)
    expect(restarted).toEqual(['video:1 ffmpeg-exited'])
    expect(sink.of('video:1')[0]?.closed).toBe(true)
    expect(sink.of('video:0').map(({ closed }) => closed)).toEqual([false])
    expect(group.childPids[0]).toBe(pids[0])
  })

  it('stops with its layer before the SFU falls back to another one, and starts again with it', async () => {
    const { sender, sink, group } = await setUp({ layers: 2 })
    const layers: number[][] = []
    group.on('layers', (active) => layers.push(active))
    await group.addProducer(await sender.produceVideo())
    await waitFor('both layers run', () => sink.fragments('video:0') > 20 && sink.fragments('video:1') > 20)
    sender.stopLayer(1)
    await waitFor('the upper layer is gone', () => group.activeLayers.length === 1)
    const before = sink.fragments('video:0')
    await waitFor('the lower layer goes on', () => sink.fragments('video:0') > before + 30)
    expect(sink.of('video:1').map(({ closed }) => closed)).toEqual([true])
    sender.resumeLayer(1)
    await waitFor('the upper layer is back', () => sink.of('video:1').length === 2 && sink.fragments('video:1') > 20)
    for (const recording of sink.of('video:1')) {
      expect(recording.size).toEqual({ width: 640, height: 360 })
      expect(recording.parameterSets.size).toBe(1)
    }
    expect(sink.of('video:0').map(({ size }) => size)).toEqual([{ width: 320, height: 180 }])
    expect(layers.slice(1)).toEqual([[0, 1], [0], [0, 1]])
  })

  it('waits for a layer that is off at the start', async () => {
    const { sender, sink, group } = await setUp({ layers: 2 })
    sender.stopLayer(1)
    await group.addProducer(await sender.produceVideo())
    await waitFor('the lower layer runs', () => sink.fragments('video:0') > 30)
    expect(group.childPids).toHaveLength(1)
    sender.resumeLayer(1)
    await waitFor('both layers run', () => sink.fragments('video:1') > 10)
    expect(sink.of('video:1')[0]?.size).toEqual({ width: 640, height: 360 })
    expect(sink.of('video:0')).toHaveLength(1)
  })

  it('asks for key frames of all layers at once', async () => {
    const { sender, group } = await setUp({ layers: 2 })
    const video = await sender.produceVideo()
    await video.enableTraceEvent(['pli'])
    await group.addProducer(video)
    await waitFor('both layers run', () => group.activeLayers.length === 2)
    const asked: number[] = []
    video.on('trace', ({ info }) => asked.push(Number(info.ssrc)))
    // Again and again, as the packager does: mediasoup swallows a request while an earlier one is unanswered.
    const ask = () => {
      group.requestKeyFrames()
      return new Set(asked).size === 2
    }
    await waitFor('both are asked for', ask, { every: 300 })
  })

  it('drops the taps of a producer that closes and goes on with the others', async () => {
    const { sender, sink, group, ports } = await setUp()
    const video = await sender.produceVideo()
    await group.addProducer(video)
    await group.addProducer(await sender.produceAudio())
    await waitFor('both run', () => sink.fragments('video:0') > 0 && sink.fragments('opus') > 0)
    video.close()
    await waitFor('the ports of the video are back', () => ports.used === 1)
    const before = sink.fragments('aac')
    await waitFor('the audio goes on', () => sink.fragments('aac') > before + 20)
    expect({ pids: group.childPids.length, layers: group.activeLayers }).toEqual({ pids: 1, layers: [] })
  })

  it('tries again with a new sink when a sink throws', async () => {
    const { sender, sink, group } = await setUp()
    const refused = sink.refuseOnce()
    await group.addProducer(await sender.produceVideo())
    await waitFor('the second one takes bytes', () => sink.fragments('video:0') > 0)
    expect(refused()).toBe(true)
    expect(sink.of('video:0')).toHaveLength(1)
  })

  it('refuses a producer for whose layers there are no ports left, and gives back those it took', async () => {
    const { sender, group, ports } = await setUp({ layers: 2, pairs: 1 })
    const video = await sender.produceVideo()
    await expect(group.addProducer(video)).rejects.toMatchObject({ code: 'no-ports' })
    expect({ used: ports.used, pids: group.childPids }).toEqual({ used: 0, pids: [] })
  })

  it('refuses video that is not H.264, and a second video', async () => {
    const { router, sender, group } = await setUp()
    const transport = await router.createDirectTransport()
    const produce = (mimeType: 'video/VP8' | 'video/H264') => {
      const parameters = mimeType === 'video/VP8' ? {} : { 'packetization-mode': 1, 'profile-level-id': '42e01f' }
      const codecs = [{ mimeType, payloadType: 96, clockRate: 90_000, parameters }]
      return transport.produce({ kind: 'video', rtpParameters: { codecs, encodings: [{ ssrc: mimeType.length }] } })
    }
    await expect(group.addProducer(await produce('video/VP8'))).rejects.toMatchObject({ code: 'not-tappable' })
    await group.addProducer(await sender.produceVideo())
    await expect(group.addProducer(await produce('video/H264'))).rejects.toMatchObject({ code: 'kind-taken' })
  })
})
