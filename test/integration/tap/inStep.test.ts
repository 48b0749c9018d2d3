/** Sound and picture of a broadcast whose picture is encoded anew: a flash and a beep that are sent together. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWorker } from 'mediasoup'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import { BorrowedClock } from '../../../server/packager/BorrowedClock.ts'
import { Packager } from '../../../server/packager/Packager.ts'
import { mediaCodecs } from '../../../server/sfu/codecs.ts'
import { PortPool } from '../../../server/tap/PortPool.ts'
import { TapGroup } from '../../../server/tap/TapGroup.ts'
import { percentile } from '../../bench/figures.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { OpusSender } from '../../helpers/OpusSender.ts'
import { Vp8Sender } from '../../helpers/Vp8Sender.ts'
import { waitFor } from '../../helpers/waitFor.ts'

/** The first 200 ms of every two seconds are white, and loud. */
const flash = "color=black:size=640x360:rate=30,drawbox=color=white:t=fill:enable='lt(mod(t,2),0.199)'"
const beep = "aevalsrc='0.7*sin(2*PI*1000*t)*lt(mod(t,2),0.2)':s=48000"

/** Product's bound is 40 ms; a frame lasts 33 ms, so that a test of beginnings can be no sharper. */
const MOST_APART_MS = 40
/** A flash whose first frame an encoder left out, on a busy machine, is seen with its second. */
const FRAME_MS = 1000 / 30
const SEGMENTS = 6

it('keeps every rung within 40 ms of the sound, from the first segment on', async ({ annotate }) => {
  const worker = await createWorker({ logLevel: 'error' })
  const router = await worker.createRouter({ mediaCodecs })
  const log = pino({ level: 'silent' })
  const media = new Map<string, Buffer[]>()
  let segments = 0
  const packager = Packager.create({
    ...{ runId: 'r', startMediaSequence: 0, startDiscontinuitySequence: 0, liveSince: null },
    ...{ partTarget: 0.35, segmentMinimum: 1.7, targetDuration: 3, windowSegments: 8 },
    ...{ clock: systemClock, log, persistSequence: () => {} },
  })
  packager.on('segment', ({ listed }) => {
    segments += 1
    for (const { rendition, segment } of listed) {
      const bytes = media.get(rendition) ?? [segment.init?.bytes ?? Buffer.alloc(0)]
      media.set(rendition, [...bytes, ...segment.parts.flatMap((part) => part.bytes)])
    }
  })
  const first = await findFreePorts(5)
  const group = await TapGroup.create({
    ...{ router, log, clock: systemClock, ports: PortPool.create({ first, last: first + 4 }) },
    ...{ ffmpegPath: 'ffmpeg', audioBitrate: 96_000 },
    transcode: { encoder: 'libx264', preset: 'ultrafast', device: '', heights: [360, 180] },
    sink: {
      openVideo: (layer, cause) => packager.openVideo(layer, cause),
      openAudio: (cause) => packager.openAudio(cause),
      openTranscoded: (rungs, cause) =>
        new BorrowedClock(Array.from({ length: rungs }, (_, rung) => packager.openVideo(rung, cause))),
    },
  })
  const [video, audio] = await Promise.all([
    Vp8Sender.create(router, [{ width: 640, height: 360, rate: 30, source: flash }]),
    OpusSender.create(router, beep),
  ])
  // What is encoded first waits for the other: both count from here. On a busy machine one is later, and so are its flashes.
  const late = video.begin() - audio.begin()
  try {
    await group.addProducer(video.producer)
    await group.addProducer(audio.producer)
    await waitFor(`${SEGMENTS} segments are there`, () => segments >= SEGMENTS, { deadline: 40_000 })
  } finally {
    video.close()
    audio.close()
    await group.close('test over')
    packager.close('test over')
    worker.close()
  }
  expect([...media.keys()].sort()).toEqual(['audio', 'v0', 'v1'])
  const beeps = await beginnings('audio', media)
  for (const rung of ['v0', 'v1']) {
    const flashes = await beginnings(rung, media)
    const apart = flashes.flatMap((flash) => {
      const nearest = Math.min(...beeps.map((time) => Math.abs(time - flash + late)))
      return nearest < 900 ? [nearest] : []
    })
    await annotate(`${rung}: ${apart.map((ms) => ms.toFixed(1)).join(', ')} ms between flash and beep`)
    expect(apart.length).toBeGreaterThanOrEqual(3)
    expect(percentile(apart, 0.5)).toBeLessThan(MOST_APART_MS)
    expect(Math.max(...apart)).toBeLessThan(MOST_APART_MS + FRAME_MS)
  }
})

/** When flashes or beeps begin, in milliseconds of the broadcast's timeline. */
async function beginnings(rendition: string, media: ReadonlyMap<string, readonly Buffer[]>): Promise<number[]> {
  const filter =
    rendition === 'audio'
      ? ['-af', 'silencedetect=noise=-30dB:duration=0.3']
      : ['-vf', 'blackdetect=black_min_duration=0.3:picture_black_ratio_th=0.9']
  const child = spawn('ffmpeg', ['-hide_banner', '-copyts', '-i', 'pipe:0', ...filter, '-f', 'null', '-'])
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  child.stdin.end(Buffer.concat(media.get(rendition) ?? []))
  await once(child, 'close')
  return [...said.matchAll(/(?:silence|black)_end: ?([\d.]+)/g)].map((match) => Number(match[1]) * 1000)
}
