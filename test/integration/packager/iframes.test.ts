import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { decode, picture, probe, sound, withFolder } from '../../helpers/packager/ffmpegMedia.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'

const seconds = 9

/** The hash of the first picture that a file holds; FFmpeg may say that the file is cut short behind it. */
async function firstFrame(path: string): Promise<string> {
  const args = ['-v', 'fatal', '-nostdin', '-i', path, '-frames:v', '1', '-f', 'framehash', '-']
  const { stdout } = await promisify(execFile)('ffmpeg', args)
  const [line = ''] = stdout.split('\n').filter((each) => /^0,/.test(each))
  expect(line).toMatch(/[0-9a-f]{64}$/)
  return line.slice(-64)
}

async function play(): Promise<Stage> {
  const stage = new Stage()
  const [low, voice] = await Promise.all([
    picture({ size: '320x180', seconds, capturedAt: START, origin: 3 }),
    sound({ seconds, capturedAt: START }),
  ])
  stage.play(stage.video(0, low), stage.audio(voice))
  stage.packager.end()
  return stage
}

describe('of what real FFmpeg makes', () => {
  it('each range of the I-frame playlist is one whole picture together with its init segment', async () => {
    const stage = await play()
    const text = stage.packager.playlist('v0')?.iframes() ?? ''
    const listed = [...text.matchAll(/#EXT-X-BYTERANGE:(\d+)@0\n(.*)\n/g)]
    expect(listed.length).toBeGreaterThanOrEqual(4)
    const init = /#EXT-X-MAP:URI="(.+)"/.exec(text)?.[1] ?? ''
    await withFolder(async (folder) => {
      for (const [, bytes, name = ''] of listed) {
        const range = stage.bytes('v0', [name]).subarray(0, Number(bytes))
        const path = join(folder, `${name}.mp4`)
        await writeFile(path, Buffer.concat([stage.bytes('v0', [init]), range]))
        const whole = join(folder, `${name}.whole.mp4`)
        await writeFile(whole, stage.bytes('v0', [init, name]))
        expect(await firstFrame(path)).toBe(await firstFrame(whole))
      }
    })
  })

  it('the audio-only variant plays to its end, within the 192 kbit/s that cellular networks ask for', async () => {
    const stage = await play()
    const multivariant = stage.packager.multivariantPlaylist() ?? ''
    const [, bandwidth, average] =
      /BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),CODECS="mp4a\.40\.2",AUDIO="audio"\naudio\/playlist/.exec(
        multivariant,
      ) ?? []
    expect(Number(bandwidth)).toBeLessThanOrEqual(192_000)
    expect(Number(average)).toBeLessThan(1.1 * 96_000)
    const { streams } = await probe(stage.bytes('audio'))
    expect(streams).toMatchObject([{ codec_name: 'aac', profile: 'LC', channels: 2, sample_rate: '48000' }])
    await withFolder(async (folder) => {
      await stage.publish(folder)
      expect(await decode(join(folder, 'audio/playlist.m3u8'), 'a')).toBeGreaterThan(seconds * 46)
    })
  })
})
