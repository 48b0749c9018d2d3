import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstPictureBytes } from '../../../server/packager/iframePlaylist.ts'
import type { Segment } from '../../../server/packager/SegmentStore.ts'
import { StillMaker } from '../../../server/tap/StillMaker.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { picture, probe } from '../../helpers/packager/ffmpegMedia.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { ourProcesses } from '../../helpers/processes.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Init segment and first key frame of a stream of this size. */
async function keyFrame(size: string): Promise<Buffer[]> {
  const stage = new Stage()
  let found: Segment | undefined
  stage.packager.on('segment', ({ listed }) => {
    found ??= listed[0]?.segment
  })
  stage.play(stage.video(0, await picture({ size, seconds: 5, capturedAt: START })))
  const length = found && firstPictureBytes(found)
  const [part] = found?.parts ?? []
  if (!found?.init || !part || !length) throw new Error('no segment')
  return [found.init.bytes, part.bytes.subarray(0, length)]
}

/** Its limit of time is tested beside: on a busy machine FFmpeg may take longer, and is then rightly refused. */
const maker = () => new StillMaker({ ffmpegPath: 'ffmpeg', clock: new ManualClock() })

describe('StillMaker', () => {
  it.each([
    ['320x180', 320, 180],
    ['1280x720', 640, 360],
  ])('makes a JPEG of a key frame of %s, at most 640 pixels wide', async (size, width, height) => {
    const stills = maker()
    const jpeg = await stills.make(await keyFrame(size))
    expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    expect((await probe(jpeg)).streams).toMatchObject([{ codec_name: 'mjpeg', width, height }])
    await stills.close()
  })

  it('runs one FFmpeg at a time, and refuses who comes when too many wait', async () => {
    const stills = maker()
    const media = await keyFrame('320x180')
    let most = 0
    const asked = Array.from({ length: 33 }, () =>
      stills.make(media).then(
        () => true,
        () => false,
      ),
    )
    const watch = setInterval(() => {
      most = Math.max(most, ourProcesses().filter(({ command }) => /mjpeg/.test(command)).length)
    }, 20)
    const made = await Promise.all(asked.slice(0, 3))
    clearInterval(watch)
    expect(made).toEqual([true, true, true])
    expect(await asked[32]).toBe(false)
    expect(most).toBe(1)
    await stills.close()
  })

  it('rejects for bytes that are no picture, and goes on with the next', async () => {
    const stills = maker()
    await expect(stills.make([Buffer.from('garbage')])).rejects.toThrow(/no picture/)
    expect((await stills.make(await keyFrame('320x180'))).length).toBeGreaterThan(1000)
    await stills.close()
  })

  it('leaves no timer behind', async () => {
    const clock = new ManualClock()
    const stills = new StillMaker({ ffmpegPath: 'ffmpeg', clock })
    await stills.make(await keyFrame('320x180'))
    expect(clock.timers).toBe(0)
    await stills.close()
  })

  it('makes nothing once it is closed', async () => {
    const stills = maker()
    await stills.close()
    await expect(stills.make([Buffer.from('x')])).rejects.toThrow()
  })
})
