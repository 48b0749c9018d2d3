import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Archive } from '../../../server/archive/Archive.ts'
import { isThere } from '../../../server/archive/archiveIndex.ts'
import { keptMedia } from '../../../server/archive/KeptMedia.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { makeFolder } from '../../helpers/archive/folder.ts'
import { fillArchive } from '../../helpers/archive/realArchive.ts'
import { decode } from '../../helpers/packager/ffmpegMedia.ts'

const RECORDING = { recording: { kind: 'recording', from: 0 } } as const

/** Pictures and sound; sound alone, for longer than a picture stands in; pictures and sound; pictures alone. */
const TAKES = [
  { after: 0, seconds: 4 },
  { after: 4, seconds: 14, layers: [] },
  { after: 18, seconds: 4 },
  { after: 22, seconds: 4, silent: true },
]

/** All that a rendition's playlist lists, one run after the other, each from its init segment on. */
async function runsOf(archive: Archive, rendition: string): Promise<Buffer[]> {
  const kept = keptMedia(archive, RECORDING)
  const read = async (path: string) => {
    const [name = '', folder = rendition] = path.split('/').toReversed()
    const stored = await kept.find(folder, name)
    if (!stored) throw new Error(`${path} is not there`)
    const bytes = await buffer(await stored.open())
    expect(bytes).toHaveLength(stored.size)
    const [first, last] = [10, Math.min(60, bytes.length - 1)]
    expect(await buffer(await stored.open({ first, last }))).toEqual(bytes.subarray(first, last + 1))
    return bytes
  }
  const runs: Buffer[][] = []
  for (const line of kept.recording?.media(rendition)?.text.split('\n') ?? []) {
    const map = /^#EXT-X-MAP:URI="(.+)"/.exec(line)?.[1]
    if (map !== undefined) runs.push([await read(map)])
    else if (line !== '' && !line.startsWith('#')) runs.at(-1)?.push(await read(line))
  }
  return runs.map((run) => Buffer.concat(run))
}

/** What its frames last together. (FFmpeg tells no durations of pictures, but 1 / their usual rate.) */
function secondsOf(run: Buffer): number {
  let [timescale, ticks] = [1, 0]
  for (const event of new FragmentReader().push(run)) {
    if ('track' in event) timescale = event.track.timescale
    else ticks += event.frame.duration
  }
  return ticks / timescale
}

// Two dozen starts of FFmpeg, one after the other.
describe('a recording in which pictures or sound are missing for a while', { timeout: 180_000 }, () => {
  it('has both all the time, and all of it decodes', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(join(folder.path, 'kept'), TAKES)
    const kept = keptMedia(archive, RECORDING)
    const listed = (rendition: string) => kept.recording?.media(rendition)?.text ?? ''
    for (const [rendition, stream] of [
      ['v0', 'v'],
      ['v1', 'v'],
      ['audio', 'a'],
    ] as const) {
      expect(listed(rendition)).not.toContain('#EXT-X-GAP')
      const durations = [...listed(rendition).matchAll(/^#EXTINF:([\d.]+)/gm)].map((match) => Number(match[1]))
      const seconds = durations.reduce((sum, duration) => sum + duration, 0)
      expect(Math.abs(seconds - archive.duration)).toBeLessThan(0.2)
      let lasted = 0
      for (const [index, run] of (await runsOf(archive, rendition)).entries()) {
        const path = join(folder.path, `${rendition}-${index}.mp4`)
        await writeFile(path, run)
        expect(await decode(path, stream)).toBeGreaterThan(0)
        lasted += secondsOf(run)
      }
      expect(Math.abs(lasted - seconds)).toBeLessThan(0.5)
    }
    const manifest = (await kept.manifest('./')) ?? ''
    expect(manifest.match(/contentType="video"/g)?.length).toBe(manifest.match(/<Period /g)?.length)
    expect(manifest.match(/contentType="audio"/g)?.length).toBe(manifest.match(/<Period /g)?.length)
  })

  it('is not filled while it goes on: what comes may be what fills it', async () => {
    await using folder = await makeFolder()
    const archive = await fillArchive(join(folder.path, 'kept'), TAKES)
    const live = keptMedia(archive, { window: { kind: 'window', from: 0 } })
    const text = live.window?.media('v0')?.text ?? ''
    const gap = /#EXT-X-GAP\n#EXTINF:[\d.]+,\n(.+)/.exec(text)?.[1] ?? ''
    expect(gap).toMatch(/\.m4s$/)
    expect(await live.find('v0', gap)).toBeNull()
    expect(await keptMedia(archive, RECORDING).find('v0', gap)).not.toBeNull()
  })

  it('is not there where what would fill it was deleted from the disk', async () => {
    await using folder = await makeFolder()
    const path = join(folder.path, 'kept')
    const archive = await fillArchive(path, TAKES)
    const kept = keptMedia(archive, RECORDING)
    const hole = archive.segments.find(({ tracks }) => !isThere(tracks.get('v0')))?.name ?? ''
    expect(await kept.find('v0', hole)).not.toBeNull()
    await rm(path, { recursive: true })
    expect(await kept.find('v0', hole)).toBeNull()
  })
})
