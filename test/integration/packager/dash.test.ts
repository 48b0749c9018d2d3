import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectTrueManifest } from '../../helpers/packager/expectTrueManifest.ts'
import { decode, picture, sound, withFolder } from '../../helpers/packager/ffmpegMedia.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'

describe('the DASH manifest of what real FFmpeg makes of two layers and their sound', () => {
  it('is read to its end by FFmpeg, every rung and the sound, without a word', async () => {
    const seconds = 12
    const stage = new Stage()
    const [low, high, voice] = await Promise.all([
      picture({ size: '320x180', seconds, capturedAt: START, origin: 3 }),
      picture({ size: '640x360', seconds, capturedAt: START + 2, origin: 7 }),
      sound({ seconds, capturedAt: START }),
    ])
    stage.play(stage.video(0, low), stage.video(1, high), stage.audio(voice))
    stage.packager.end()
    stage.clock.advanceTo(stage.clock.now() + 5000)
    expectTrueManifest(stage)
    await withFolder(async (folder) => {
      await stage.publish(folder)
      const path = join(folder, 'manifest.mpd')
      await writeFile(path, stage.packager.dash.manifest({ baseUrl: './' }) ?? '')
      expect(await decode(path, 'v')).toBe(seconds * 30)
      expect(await decode(path, 'v', 1)).toBe(seconds * 30)
      expect(await decode(path, 'a')).toBeGreaterThan(seconds * 46)
    })
  })
})
