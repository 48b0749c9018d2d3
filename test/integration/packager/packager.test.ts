import { describe, expect, it } from 'vitest'
import { expectTruePlaylists } from '../../helpers/packager/expectTruePlaylists.ts'
import {
  type Arrival,
  decode,
  type Probe,
  picture,
  probe,
  sound,
  withFolder,
} from '../../helpers/packager/ffmpegMedia.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'

/** How often a packet does not begin where the one before it ended; ffprobe leaves the first durations of a file out. */
function holes({ packets }: Probe): number {
  return packets.slice(1).filter((packet, index) => {
    const before = packets[index]
    return before?.duration !== undefined && Number(packet.dts) !== Number(before.dts) + Number(before.duration)
  }).length
}

/** Later arrivals of a stream: an attempt that FFmpeg began then, with its own header. */
function from(arrivals: readonly Arrival[], time: number): Arrival[] {
  const [header, ...frames] = arrivals
  return header ? [{ ...header, at: time }, ...frames.filter((frame) => frame.at > time)] : []
}

function until(arrivals: readonly Arrival[], time: number): Arrival[] {
  return arrivals.filter((frame) => frame.at <= time)
}

/** Durations of a playlist, in its order; gaps are negative. */
function durations(stage: Stage, id: string): number[] {
  const entries = stage.text(id).matchAll(/(#EXT-X-GAP\n)?#EXTINF:([\d.]+),/g)
  return [...entries].map((entry) => Number(entry[2]) * (entry[1] ? -1 : 1))
}

/** The common beginning of most rows: a low layer and sound. */
async function lowAndSound(seconds: number, capturedAt = START) {
  const low = picture({ size: '320x180', seconds, capturedAt, origin: 3 })
  const [layer, voice] = await Promise.all([low, sound({ seconds, capturedAt })])
  return { low: layer, voice }
}

/** A silent AAC frame of FFmpeg's encoder is this small. */
const SILENT_BYTES = 6

describe('what real FFmpeg makes of two layers and their sound', () => {
  it('becomes playlists with common boundaries that ffprobe and a decoder take without a word', async () => {
    const seconds = 12
    const stage = new Stage()
    const [high, { low, voice }] = await Promise.all([
      picture({ size: '640x360', seconds, capturedAt: START + 2, origin: 7 }),
      lowAndSound(seconds),
    ])
    stage.play(stage.video(0, low), stage.video(1, high), stage.audio(voice))
    stage.packager.end()
    expectTruePlaylists(stage)

    expect(stage.faults).toEqual([])
    expect(stage.packager.renditions()).toMatchObject([
      { id: 'v0', codecs: 'avc1.42c00d', width: 320, height: 180, frameRate: 30 },
      { id: 'v1', codecs: 'avc1.42c01e', width: 640, height: 360, frameRate: 30 },
      { id: 'audio', codecs: 'mp4a.40.2', channels: 2 },
    ])
    expect(stage.lines('v0', '#EXTINF')).toEqual(stage.lines('v1', '#EXTINF'))
    expect(durations(stage, 'v0').slice(0, 5)).toEqual([2, 2, 2, 2, 2])
    for (const [index, duration] of durations(stage, 'audio').entries()) {
      expect(Math.abs(duration - (durations(stage, 'v0')[index] ?? 0))).toBeLessThan(0.0214)
    }
    for (const [id, width] of [
      ['v0', 320],
      ['v1', 640],
    ] as const) {
      const found = await probe(stage.bytes(id))
      expect(found.streams).toMatchObject([{ codec_name: 'h264', width, time_base: '1/90000', has_b_frames: 0 }])
      expect(found.packets).toHaveLength(seconds * 30)
      expect(holes(found)).toBe(0)
    }
    expect(holes(await probe(stage.bytes('audio')))).toBe(0)
    await withFolder(async (folder) => {
      const index = await stage.publish(folder)
      expect(await decode(index, 'v')).toBe(seconds * 30)
      expect(await decode(index, 'a')).toBeGreaterThan(seconds * 46)
    })
  })

  it('promises bit rates that no segment exceeds by a quarter', async () => {
    const stage = new Stage()
    const { low, voice } = await lowAndSound(14)
    stage.play(stage.video(0, low), stage.audio(voice))
    for (const { id, bandwidth, averageBandwidth } of stage.packager.renditions()) {
      const rates = stage
        .files(id)
        .slice(1)
        .map((name, index) => {
          return (stage.bytes(id, [name]).length * 8) / Math.abs(durations(stage, id)[index] ?? 1)
        })
      expect(Math.max(...rates)).toBeLessThan(bandwidth * 1.25)
      expect(bandwidth).toBeLessThan(Math.max(...rates) * 1.25)
      expect(averageBandwidth).toBeLessThanOrEqual(bandwidth)
    }
  })

  it('keeps B-frames in order when there are only pictures', async () => {
    const stage = new Stage()
    const encoder = ['-bf', '2', '-profile:v', 'main']
    stage.play(stage.video(0, await picture({ size: '320x180', seconds: 8, capturedAt: START, encoder })))
    stage.packager.end()
    expectTruePlaylists(stage)
    expect(stage.packager.multivariantPlaylist()).not.toContain('AUDIO')
    const found = await probe(stage.bytes('v0'))
    expect(found.streams).toMatchObject([{ codec_name: 'h264', has_b_frames: 2, profile: 'Main' }])
    expect(found.packets.some((packet) => Number(packet.pts) > Number(packet.dts))).toBe(true)
    expect(holes(found)).toBe(0)
    await withFolder(async (folder) => expect(await decode(await stage.publish(folder), 'v')).toBe(240))
  })

  it('is cut by time when there is only sound', async () => {
    const stage = new Stage()
    stage.play(stage.audio(await sound({ seconds: 9, capturedAt: START })))
    stage.packager.end()
    expectTruePlaylists(stage)
    for (const duration of durations(stage, 'audio').slice(0, -1)) expect(Math.abs(duration - 2)).toBeLessThan(0.0214)
    expect(stage.packager.multivariantPlaylist()).toMatch(/CODECS="mp4a.40.2",AUDIO="audio"\naudio\/playlist.m3u8\n$/)
    expect(holes(await probe(stage.bytes('audio')))).toBe(0)
    await withFolder(async (folder) => expect(await decode(await stage.publish(folder), 'a')).toBeGreaterThan(400))
  })
})

describe('what happens on the way', () => {
  it('a layer that goes away keeps its last picture to the end of the segment, is closed over with gaps, and returns at a common key frame without a discontinuity', async () => {
    const stage = new Stage()
    const [high, { low, voice }] = await Promise.all([
      picture({ size: '640x360', seconds: 16, capturedAt: START }),
      lowAndSound(16),
    ])
    stage.play(
      stage.video(0, low),
      stage.audio(voice),
      stage.video(1, until(high, START + 4500), { close: true }),
      stage.video(1, from(high, START + 9300)),
    )
    stage.packager.end()
    expectTruePlaylists(stage)
    expect(durations(stage, 'v1').slice(0, 5)).toEqual([2, 2, 2, -2, -2])
    expect(durations(stage, 'v1').slice(5)).toEqual(durations(stage, 'v0').slice(5))
    expect(durations(stage, 'v0').every((duration) => duration > 0)).toBe(true)
    expect(stage.text('v1')).not.toContain('#EXT-X-DISCONTINUITY\n')
    const [reference, found] = [await probe(stage.bytes('v0')), await probe(stage.bytes('v1'))]
    const common = new Set(reference.packets.map((packet) => packet.dts))
    expect(found.packets.every((packet) => common.has(packet.dts ?? ''))).toBe(true)
  })

  it('a layer whose FFmpeg died goes on after a discontinuity that stands at the same place in all renditions', async () => {
    const stage = new Stage()
    const [high, { low, voice }] = await Promise.all([
      picture({ size: '640x360', seconds: 14, capturedAt: START }),
      lowAndSound(14),
    ])
    stage.play(
      stage.video(0, low),
      stage.audio(voice),
      stage.video(1, until(high, START + 4500), { close: true }),
      stage.video(1, from(high, START + 5100), { cause: 'restart' }),
    )
    stage.packager.end()
    expectTruePlaylists(stage)
    const segmentsBefore = (id: string) => {
      const lines = stage.text(id).split('\n')
      return lines.slice(0, lines.indexOf('#EXT-X-DISCONTINUITY')).filter((line) => line.startsWith('#EXTINF')).length
    }
    for (const id of ['v0', 'v1', 'audio']) {
      expect(stage.lines(id, '#EXT-X-DISCONTINUITY').filter((line) => !line.includes(':'))).toHaveLength(1)
    }
    expect(segmentsBefore('v1')).toBe(segmentsBefore('v0'))
    expect(segmentsBefore('audio')).toBe(segmentsBefore('v0'))
    expect(durations(stage, 'v0').every((duration) => duration > 0)).toBe(true)
  })

  it('a hole in the sound is filled with silence, and the pictures wait for it at most once, for half a second', async () => {
    const stage = new Stage()
    const { low, voice } = await lowAndSound(14)
    const outside = (arrivals: readonly Arrival[]) =>
      arrivals.filter(({ at }) => at < START + 4500 || at > START + 9100)
    const listed: number[] = []
    stage.packager.on('segment', () => listed.push((stage.clock.now() - START) / 1000))
    stage.play(stage.video(0, low), stage.audio({ aac: outside(voice.aac), opus: outside(voice.opus) }))
    stage.packager.end()
    expectTruePlaylists(stage)
    for (const [index, time] of listed.slice(0, 6).entries()) expect(time).toBeLessThan((index + 1) * 2 + 0.6)
    const found = await probe(stage.bytes('audio'))
    expect(holes(found)).toBe(0)
    const silent = found.packets.filter((packet) => Number(packet.size) === SILENT_BYTES).length * (1024 / 48_000)
    expect(silent).toBeGreaterThan(4.4)
    expect(silent).toBeLessThan(4.8)
    await withFolder(async (folder) => expect(await decode(await stage.publish(folder), 'a')).toBeGreaterThan(500))
  })

  it('pictures that change their size get a new init segment, and all renditions a discontinuity', async () => {
    const stage = new Stage()
    const [high, small, { low, voice }] = await Promise.all([
      picture({ size: '640x360', seconds: 5, capturedAt: START }),
      picture({ size: '480x270', seconds: 7, capturedAt: START + 5000, origin: 5 }),
      lowAndSound(12),
    ])
    stage.play(stage.video(0, low), stage.audio(voice), stage.video(1, [...high, ...small.slice(1)]))
    stage.packager.end()
    expectTruePlaylists(stage)
    for (const id of ['v0', 'v1', 'audio']) {
      expect(stage.text(id)).toMatch(/r1-2.m4s\n#EXT-X-DISCONTINUITY\n(.*MAP.*\n)?.*T00:00:0(5.000|4.99\d)Z/)
    }
    expect(stage.files('v1').filter((name) => name.includes('init'))).toEqual(['r1-init-0.mp4', 'r1-init-1.mp4'])
    expect(stage.files('v0').filter((name) => name.includes('init'))).toEqual(['r1-init-0.mp4'])
    expect(stage.packager.renditions()[1]).toMatchObject({ id: 'v1', width: 480, height: 270, codecs: 'avc1.42c015' })
    const after = await probe(stage.bytes('v1', ['r1-init-1.mp4', 'r1-3.m4s', 'r1-4.m4s']))
    expect(after.streams).toMatchObject([{ width: 480, height: 270 }])
  })

  it('all pictures dying leaves the sound going, and loses no picture that had come', async () => {
    const stage = new Stage({ windowSegments: 12 })
    const { low, voice } = await lowAndSound(16)
    stage.play(
      stage.video(0, until(low, START + 5000), { close: true }),
      stage.video(0, from(low, START + 8000)),
      stage.audio(voice),
    )
    stage.packager.end()
    expectTruePlaylists(stage)
    const pictures = durations(stage, 'v0')
    expect(pictures.slice(0, 2)).toEqual([2, 2])
    expect(pictures[2]).toBeCloseTo(0.93, 1)
    expect(pictures.slice(3, 5).every((duration) => duration < 0)).toBe(true)
    expect(pictures.slice(5).every((duration) => duration > 0)).toBe(true)
    expect(durations(stage, 'audio').every((duration) => duration > 0)).toBe(true)
    expect(holes(await probe(stage.bytes('audio')))).toBe(0)
    for (const id of ['v0', 'audio']) {
      expect(stage.text(id)).toMatch(/#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:.*T00:00:08.000Z/)
    }
  })

  it('an interruption ends the segment under way, and the next source goes on after a discontinuity', async () => {
    const stage = new Stage()
    const [before, after] = await Promise.all([lowAndSound(5), lowAndSound(5, START + 12_345)])
    stage.play(
      stage.video(0, before.low, { close: true }),
      stage.audio(before.voice, { close: true }),
      [{ at: START + 6000, act: () => stage.packager.interrupt() }],
      stage.video(0, after.low),
      stage.audio(after.voice),
    )
    stage.packager.end()
    expectTruePlaylists(stage)
    expect(durations(stage, 'v0').map((duration) => Math.round(duration))).toEqual([2, 2, 1, 2, 2, 1])
    for (const id of ['v0', 'audio']) {
      const playlist = stage.text(id)
      expect(playlist).toMatch(/r1-2.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:12.3\d\dZ/)
      expect(holes(await probe(stage.bytes(id)))).toBe(1)
    }
    expect([...new Set(stage.persisted.map((next) => next.discontinuitySequence))]).toEqual([1, 2])
  })
})
