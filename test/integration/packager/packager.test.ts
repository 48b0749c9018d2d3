import { describe, expect, it } from 'vitest'
import { decode, type Probe, picture, probe, sound, withFolder } from './media.ts'
import { NOON, Stage } from './stage.ts'

const SECONDS = 12

/** Decode times of a stream must step by exactly each packet's duration. */
function holes({ packets }: Probe): number {
  return packets.slice(1).filter((packet, index) => {
    const before = packets[index]
    return Number(packet.dts) !== Number(before?.dts) + Number(before?.duration)
  }).length
}

describe('two layers and their sound from real FFmpeg', () => {
  it('become playlists with common boundaries that ffprobe and a decoder take without a word', async () => {
    const stage = new Stage()
    const [low, high, voice] = await Promise.all([
      picture({ size: '320x180', seconds: SECONDS, capturedAt: NOON, origin: 3 }),
      picture({ size: '640x360', seconds: SECONDS, capturedAt: NOON + 2, origin: 7 }),
      sound({ seconds: SECONDS, capturedAt: NOON }),
    ])
    stage.play(stage.video(0, low), stage.video(1, high), stage.audio(voice))
    stage.packager.end()

    expect(stage.faults).toEqual([])
    expect(stage.packager.renditions()).toMatchObject([
      { id: 'v0', codecs: 'avc1.42c00d', width: 320, height: 180, frameRate: 30 },
      { id: 'v1', codecs: 'avc1.42c01e', width: 640, height: 360, frameRate: 30 },
      { id: 'audio', codecs: 'mp4a.40.2', channels: 2 },
    ])
    expect(stage.lines('v0', '#EXTINF')).toEqual(stage.lines('v1', '#EXTINF'))
    expect(stage.lines('audio', '#EXTINF')).toHaveLength(6)
    for (const [id, width] of [
      ['v0', 320],
      ['v1', 640],
    ] as const) {
      const found = await probe(stage.bytes(id))
      expect(found.streams).toMatchObject([{ codec_name: 'h264', width, time_base: '1/90000', has_b_frames: 0 }])
      expect(found.packets).toHaveLength(SECONDS * 30)
      expect(holes(found)).toBe(0)
    }
    expect(holes(await probe(stage.bytes('audio')))).toBe(0)
    await withFolder(async (folder) => {
      const index = await stage.publish(folder)
      expect(await decode(index, 'v')).toBe(SECONDS * 30)
      expect(await decode(index, 'a')).toBeGreaterThan(SECONDS * 46)
    })
  })
})
