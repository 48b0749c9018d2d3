/** VP8 that is encoded anew by a real FFmpeg: rungs, times, and what happens when something changes or dies. */
import { createWorker, type types } from 'mediasoup'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import { Disposer } from '../../../server/lib/Disposer.ts'
import { mediaCodecs } from '../../../server/sfu/codecs.ts'
import { PortPool } from '../../../server/tap/PortPool.ts'
import { TapGroup } from '../../../server/tap/TapGroup.ts'
import type { TranscodeSettings } from '../../../server/tap/TranscodeAttempt.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { ourProcesses } from '../../helpers/processes.ts'
import { type Scene, Vp8Sender } from '../../helpers/Vp8Sender.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { type Recording, RecordingSink } from './recordingSink.ts'

const wide: Scene = { width: 640, height: 360, rate: 30 }
const small: Scene = { width: 480, height: 270, rate: 30 }
const tall: Scene = { width: 300, height: 400, rate: 15 }

const transcode: TranscodeSettings = {
  encoder: 'libx264',
  preset: 'ultrafast',
  device: '/dev/dri/renderD128',
  heights: [360, 180],
}

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

async function setUp(scenes: [Scene, ...Scene[]] = [wide]) {
  opened = new Disposer()
  const first = await findFreePorts(5)
  const router = await worker.createRouter({ mediaCodecs })
  opened.add(() => router.close())
  const sender = await Vp8Sender.create(router, scenes)
  opened.add(() => sender.close())
  sender.begin()
  const ports = PortPool.create({ first, last: first + 4 })
  const sink = new RecordingSink()
  const group = await TapGroup.create({
    ...{ router, sink, ports, log, clock: systemClock },
    ...{ ffmpegPath: 'ffmpeg', audioBitrate: 96_000, transcode },
  })
  opened.add(() => group.close('test over'))
  return { sender, ports, sink, group }
}

/** Resolves when both rungs of the latest opening have this many frames, or more. */
async function framesCome(sink: RecordingSink, frames: number): Promise<[Recording, Recording]> {
  await waitFor(`both rungs have ${frames} frames`, () =>
    [0, 1].every((rung) => sink.fragments(`rung:${rung}`) >= frames),
  )
  const [low, high] = [sink.of('rung:0').at(-1), sink.of('rung:1').at(-1)]
  if (!low || !high) throw new Error('a rung is gone')
  return [low, high]
}

/** Media times of key frames, in milliseconds. */
function keyFrames(recording: Recording): number[] {
  const times = recording.captureTimes
  const samples = recording.boxes.filter(({ type }) => type === 'mdat')
  return samples.flatMap(({ body }, index) => (hasIdr(body) ? [(times[index]?.ticks ?? Number.NaN) / 90] : []))
}

function hasIdr(sample: Buffer): boolean {
  for (let at = 0; at + 4 < sample.length; at += 4 + sample.readUInt32BE(at)) {
    if (((sample[at + 4] ?? 0) & 0x1f) === 5) return true
  }
  return false
}

describe('TapGroup with VP8', () => {
  it('encodes it into rungs of its shape, with key frames at the same frames and no more than 2 s apart', async () => {
    const { sender, sink, group } = await setUp()
    await group.addProducer(sender.producer)
    const [low, high] = await framesCome(sink, 150)
    expect([low.size, high.size]).toEqual([
      { width: 320, height: 180 },
      { width: 640, height: 360 },
    ])
    const [ofLow, ofHigh] = [keyFrames(low), keyFrames(high)]
    const both = Math.min(ofLow.length, ofHigh.length)
    expect(both).toBeGreaterThanOrEqual(3)
    expect(ofLow.slice(0, both)).toEqual(ofHigh.slice(0, both))
    for (const [index, time] of ofLow.entries()) {
      const gap = time - (ofLow[index - 1] ?? time)
      expect(gap === 0 || (gap >= 1790 && gap < 2000)).toBe(true)
    }
    expect(sink.fragments('rung:2')).toBe(0)
  })

  it('says when each frame was captured, frame for frame, and keeps their distances', async () => {
    const { sender, sink, group } = await setUp()
    await group.addProducer(sender.producer)
    const [low, high] = await framesCome(sink, 90)
    const told = new Map(sink.references[0]?.map(({ mediaTime, wall }) => [Math.round(mediaTime * 90), wall]))
    for (const rung of [low, high]) {
      const ticks = rung.captureTimes.map((time) => time.ticks)
      expect(ticks.filter((time) => !told.has(time))).toEqual([])
      expect(new Set(ticks.map((time, index) => time - (ticks[index - 1] ?? time - 3000)))).toEqual(new Set([3000]))
    }
    // From the first sender report on they are what the sender's clock says, however late its packets are.
    await waitFor('a second of capture times is as even as the pictures', () => {
      const offsets = (sink.references[0] ?? []).slice(-wide.rate).map(({ mediaTime, wall }) => wall - mediaTime)
      return offsets.length === wide.rate && Math.max(...offsets) - Math.min(...offsets) < 1
    })
  })

  it('keeps its rungs when the source sends smaller pictures for a while, and loses no frame over it', async () => {
    const { sender, sink, group } = await setUp([wide, small])
    await group.addProducer(sender.producer)
    const [before] = await framesCome(sink, 30)
    sender.show(small)
    const [low, high] = await framesCome(sink, before.fragments + 150)
    expect(sink.of('rung:0')).toHaveLength(1)
    expect([low.size?.width, high.size?.width]).toEqual([320, 640])
    expect([low.parameterSets.size, high.parameterSets.size]).toEqual([0, 0])
    const ticks = low.captureTimes.map((time) => time.ticks)
    expect(ticks.filter((time, index) => index > 0 && time - (ticks[index - 1] ?? 0) > 3000)).toEqual([])
  })

  it('begins anew with other rungs when the source has another shape for good', async () => {
    const { sender, sink, group } = await setUp([wide, tall])
    const begun: string[] = []
    group.on('restarted', ({ stream, reason }) => begun.push(`${stream} ${reason}`))
    await group.addProducer(sender.producer)
    await framesCome(sink, 30)
    sender.show(tall)
    await waitFor('there are new rungs', () => sink.of('rung:1').length === 2)
    const [low, high] = await framesCome(sink, 15)
    expect([low.size, high.size]).toEqual([
      { width: 180, height: 240 },
      { width: 300, height: 400 },
    ])
    expect(begun).toEqual(['video replanned'])
    expect(sink.of('rung:0')[0]?.closed).toBe(true)
  })

  it('goes on after a loss at the next key frame, with the time that passed', async () => {
    const { sender, sink, group } = await setUp()
    await group.addProducer(sender.producer)
    const [low] = await framesCome(sink, 45)
    sender.lose(3)
    const times = () => low.captureTimes.map(({ ticks }) => ticks)
    const gaps = () => {
      const all = times()
      return all.flatMap((time, index) => (index > 0 && time - (all[index - 1] ?? 0) > 3000 ? [index] : []))
    }
    await waitFor('a second follows on the loss', () => low.fragments > (gaps()[0] ?? Number.POSITIVE_INFINITY) + 30)
    const ticks = times()
    expect(gaps()).toHaveLength(1)
    expect(ticks.every((time) => (time - (ticks[0] ?? 0)) % 3000 === 0)).toBe(true)
    expect(sink.of('rung:0')).toHaveLength(1)
  })

  it('starts what was killed again, in new sinks, and leaves nothing behind when it is closed', async () => {
    const { sender, sink, group, ports } = await setUp()
    await group.addProducer(sender.producer)
    await framesCome(sink, 10)
    const [pid = 0] = group.childPids
    process.kill(pid, 'SIGKILL')
    await waitFor('another one runs', () => group.childPids.some((other) => other !== pid))
    await waitFor('new sinks are open', () => sink.of('rung:1').length === 2)
    await framesCome(sink, 10)
    expect(sink.of('rung:0')[0]?.closed).toBe(true)
    const pids = group.childPids
    expect(pids).toHaveLength(1)
    await group.close('enough')
    expect(ourProcesses().filter((entry) => pids.includes(entry.pid))).toEqual([])
    expect(ports.used).toBe(0)
    expect(sink.recordings.every((recording) => recording.closed)).toBe(true)
  })

  it('leaves the highest rung out when FFmpeg falls behind, and goes on with the others', async () => {
    const { sender, sink, group } = await setUp()
    const begun: string[] = []
    group.on('restarted', ({ stream, reason }) => begun.push(`${stream} ${reason}`))
    await group.addProducer(sender.producer)
    await framesCome(sink, 30)
    const [pid = 0] = group.childPids
    process.kill(pid, 'SIGSTOP')
    const another = () => sink.of('rung:0').length === 2 && sink.fragments('rung:0') >= 30
    await waitFor('another run has frames', another, { deadline: 30_000 })
    expect({ begun, rungs: sink.of('rung:1').length, size: sink.of('rung:0').at(-1)?.size }).toEqual({
      begun: ['video replanned'],
      rungs: 1,
      size: { width: 320, height: 180 },
    })
    expect(group.childPids).not.toContain(pid)
  })

  it('can be closed while it waits for the first key frame', async () => {
    const { sender, sink, group } = await setUp()
    const added = group.addProducer(sender.producer)
    await group.close('changed my mind')
    await added.catch(() => {})
    expect({ pids: group.childPids, opened: sink.recordings.length }).toEqual({ pids: [], opened: 0 })
  })
})
