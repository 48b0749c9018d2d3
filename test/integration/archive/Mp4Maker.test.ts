import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Mp4Maker } from '../../../server/archive/Mp4Maker.ts'
import { makeFolder } from '../../helpers/archive/folder.ts'
import { fillArchive } from '../../helpers/archive/realArchive.ts'
import { mountSmallDisk } from '../../helpers/archive/smallDisk.ts'
import { decode } from '../../helpers/packager/ffmpegMedia.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const run = promisify(execFile)
const HOUR = 3_600_000

function maker(ffmpegPath = 'ffmpeg') {
  const clock = new ManualClock()
  const errors: object[] = []
  const log = { info() {}, error: (facts: object) => errors.push(facts) }
  return { clock, errors, maker: new Mp4Maker({ ffmpegPath, clock, log }) }
}

interface Probed {
  readonly format: { readonly duration: string }
  readonly streams: {
    readonly codec_type: string
    readonly start_time: string
    readonly duration: string
    readonly width?: number
  }[]
}

async function probe(path: string): Promise<Probed> {
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'warning',
    '-show_format',
    '-show_streams',
    '-of',
    'json',
    path,
  ])
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Probed
}

/** Presentation times of a stream in order, seconds. */
async function times(path: string, stream: 'v' | 'a'): Promise<number[]> {
  const shown = ['-select_streams', stream, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
  const { stdout } = await run('ffprobe', ['-v', 'error', ...shown, path])
  return stdout.trim().split('\n').map(Number.parseFloat)
}

describe('one MP4 of a recording', () => {
  it('has the whole of it without what was not broadcast, in step, and decodes without a complaint', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(join(folder.path, 'one'))
    const { maker: mp4 } = maker()
    const path = await mp4.make(join(folder.path, 'one'), archive)
    const { format, streams } = await probe(path)
    expect(Math.abs(Number(format.duration) - 14)).toBeLessThan(0.1)
    expect(streams.map(({ codec_type, width }) => [codec_type, width])).toEqual([
      ['video', 640],
      ['audio', undefined],
    ])
    for (const { start_time, duration } of streams) {
      expect(Number(start_time)).toBeLessThan(0.03)
      expect(Math.abs(Number(duration) - 14)).toBeLessThan(0.1)
    }
    expect(await decode(path, 'v')).toBe(14 * 30)
    await decode(path, 'a')
    const pictures = await times(path, 'v')
    const gaps = pictures.slice(1).map((time, index) => time - (pictures[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThan(0.06)
    expect(Math.min(...gaps)).toBeGreaterThan(0)
    const sounds = await times(path, 'a')
    expect(Math.max(...sounds.slice(1).map((time, index) => time - (sounds[index] ?? 0)))).toBeLessThan(0.06)
    await mp4.close()
  })

  it('shows a smaller picture where the best rung was missing, and decodes all the same', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(folder.path, [
      { after: 0, seconds: 6 },
      { after: 10, seconds: 4, layers: [0] },
      { after: 20, seconds: 4 },
    ])
    const { maker: mp4 } = maker()
    const path = await mp4.make(folder.path, archive)
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=width', '-of', 'csv=p=0'],
      path,
    ])
    // Frames with side data have a line more.
    const widths = stdout.split('\n').map(Number.parseFloat).filter(Number.isFinite)
    expect(widths).toEqual([
      ...Array.from({ length: 180 }, () => 640),
      ...Array.from({ length: 120 }, () => 320),
      ...Array.from({ length: 120 }, () => 640),
    ])
    await mp4.close()
  })

  it('is made once for all who ask, and deleted an hour after the last of them', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(folder.path)
    const { maker: mp4, clock } = maker()
    const [one, two] = await Promise.all([mp4.make(folder.path, archive), mp4.make(folder.path, archive)])
    expect(one).toBe(two)
    const { ino } = await stat(one)
    clock.advanceTo(clock.now() + HOUR - 1)
    expect((await stat(await mp4.make(folder.path, archive))).ino).toBe(ino)
    clock.advanceTo(clock.now() + HOUR)
    await waitFor('the file is deleted', async () => !(await readdir(folder.path)).includes('recording.mp4'))
    await mp4.close()
  })

  it('leaves nothing of a file that could not be made, and tries again for the next who asks', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(folder.path)
    const chunk = join(folder.path, '000002.media')
    await run('mv', [chunk, `${chunk}.away`])
    const { maker: mp4, errors } = maker()
    await expect(mp4.make(folder.path, archive)).rejects.toMatchObject({ code: 'internal' })
    expect(errors).toHaveLength(1)
    expect((await readdir(folder.path)).filter((name) => name.startsWith('recording'))).toEqual([])
    await run('mv', [`${chunk}.away`, chunk])
    expect(await mp4.make(folder.path, archive)).toBe(join(folder.path, 'recording.mp4'))
    await mp4.close()
    await expect(mp4.make(folder.path, archive)).rejects.toMatchObject({ code: 'shutting-down' })
  })

  it('is not begun where the disk has no room: what is recorded needs it', async () => {
    await using disk = await mountSmallDisk(8000)
    const archive = await fillArchive(disk.path, [{ after: 0, seconds: 8 }])
    await run('dd', ['if=/dev/zero', `of=${join(disk.path, 'other')}`, 'bs=1k', 'count=8000']).catch(() => {})
    const { maker: mp4 } = maker()
    await expect(mp4.make(disk.path, archive)).rejects.toMatchObject({ code: 'server-full' })
    await mp4.close()
  })

  it('is given up when the server stops', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(folder.path)
    const { maker: mp4 } = maker()
    const made = mp4.make(folder.path, archive).catch((error: unknown) => error)
    await mp4.close()
    await made
    expect((await readdir(folder.path)).filter((name) => name.startsWith('recording'))).toEqual([])
  })
})
