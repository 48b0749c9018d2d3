import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../../server/archive/Archive.ts'
import { makeFolder } from '../../helpers/archive/folder.ts'
import { BEGIN, bytesOf, FACTS, listed, type SegmentOptions } from '../../helpers/archive/segments.ts'

const WHOLE = { kind: 'recording', from: 0 } as const

async function write(
  archive: Archive,
  numbers: readonly number[],
  more: SegmentOptions & { bytes?: number } = {},
  chunk = 1e9,
) {
  for (const number of numbers) {
    await archive.append(listed(number, more), FACTS, { targetDuration: 3, limits: { bytes: chunk, time: 1e9 } })
  }
}

async function read(archive: Archive, rendition: string, name: string): Promise<Buffer | null> {
  const stored = archive.find(rendition, name)
  return stored ? buffer(await stored.open()) : null
}

const names = (archive: Archive) => archive.segments.map((segment) => segment.name)

describe('an archive', () => {
  it('gives back what was added, byte for byte, whole and by range', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(join(folder.path, 'not-there-yet'))
    await write(archive, [0, 1, 2])
    expect(await read(archive, 'v0', 'run-1.m4s')).toEqual(bytesOf(listed(1), 'v0'))
    expect(await read(archive, 'audio', 'run-2.m4s')).toEqual(bytesOf(listed(2), 'audio'))
    expect(await read(archive, 'audio', 'run-init-0.mp4')).toEqual(Buffer.from('init of audio'))
    const stored = archive.find('v0', 'run-1.m4s')
    expect(stored?.size).toBe(bytesOf(listed(1), 'v0').length)
    const part = await stored?.open({ first: 3, last: 5 })
    expect(await buffer(part as Readable)).toEqual(bytesOf(listed(1), 'v0').subarray(3, 6))
    await archive.seal()
  })

  it('finds nothing but what it listed', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0], { gaps: ['audio'] })
    for (const name of [
      'run-1.m4s',
      '000001.media',
      '../000001.media',
      '000001.index',
      'run-init-1.mp4',
      '__proto__',
    ]) {
      expect(archive.find('v0', name)).toBeNull()
    }
    expect(archive.find('v9', 'run-0.m4s')).toBeNull()
    expect(archive.find('audio', 'run-0.m4s')).toBeNull()
    await archive.seal()
  })

  it('is read again by the next start, which goes on after a discontinuity and counts on', async () => {
    await using folder = await makeFolder()
    const first = await Archive.open(folder.path)
    await write(first, [0, 1])
    await first.seal()
    const second = await Archive.open(folder.path)
    expect(names(second)).toEqual(['run-0.m4s', 'run-1.m4s'])
    expect(second.renditions).toEqual(FACTS)
    await write(second, [33, 34], { runId: 'next' })
    await second.seal()
    const third = await Archive.open(folder.path)
    expect(
      third.segments.map(({ ordinal, discontinuity, discontinuitySequence }) => [
        ordinal,
        discontinuity,
        discontinuitySequence,
      ]),
    ).toEqual([
      [0, false, 0],
      [1, false, 0],
      [2, true, 1],
      [3, false, 1],
    ])
    expect(await read(third, 'v0', 'next-34.m4s')).toEqual(bytesOf(listed(34, { runId: 'next' }), 'v0'))
    expect(third.playlist('v0', WHOLE)?.text.match(/#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1)
  })

  it('loses at most its last segment wherever a killed server left it', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0, 1, 2])
    await archive.seal()
    const index = join(folder.path, '000001.index')
    const text = await readFile(index)
    const whole = text.lastIndexOf('\n', text.length - 2) + 1
    for (const length of [whole, whole + 1, whole + 40, text.length - 1]) {
      await writeFile(index, text.subarray(0, length))
      const again = await Archive.open(folder.path)
      expect(names(again)).toEqual(['run-0.m4s', 'run-1.m4s'])
      expect(await read(again, 'v0', 'run-1.m4s')).toEqual(bytesOf(listed(1), 'v0'))
    }
  })

  it('goes on in another chunk after a torn line', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0])
    await archive.seal()
    await appendFile(join(folder.path, '000001.index'), '{"type":"segm')
    const again = await Archive.open(folder.path)
    await write(again, [1])
    await again.seal()
    expect(names(await Archive.open(folder.path))).toEqual(['run-0.m4s', 'run-1.m4s'])
  })

  it('does not list what a power cut took, though its line was kept', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0, 1])
    await archive.seal()
    const media = join(folder.path, '000001.media')
    await truncate(media, (await stat(media)).size - 1)
    expect(names(await Archive.open(folder.path))).toEqual(['run-0.m4s'])
  })

  it('trims whole chunks by age, and by size, and what is left plays from its own init', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0, 1, 2, 3, 4, 5], {}, 2000)
    expect(await readdir(folder.path)).toHaveLength(6)
    await archive.trim({ before: BEGIN + 4_500, bytes: 1e9 })
    expect(names(archive)).toEqual(['run-2.m4s', 'run-3.m4s', 'run-4.m4s', 'run-5.m4s'])
    expect(archive.find('v0', 'run-0.m4s')).toBeNull()
    await archive.trim({ before: 0, bytes: archive.bytes - 1 })
    expect(names(archive)).toEqual(['run-4.m4s', 'run-5.m4s'])
    expect(await readdir(folder.path)).toEqual(['000003.index', '000003.media'])
    expect(await read(archive, 'v0', 'run-init-0.mp4')).toEqual(Buffer.from('init of v0'))
    expect(archive.playlist('v0', { kind: 'window', from: 0 })?.text).toContain('#EXT-X-MEDIA-SEQUENCE:4\n')
    await archive.remove()
    expect(await readdir(folder.path).catch(() => 'gone')).toBe('gone')
  })

  it('never trims what was to be kept', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0, 1])
    await archive.keepSoFar()
    await write(archive, [2, 3, 4], {}, 1)
    await archive.trim({ before: Number.MAX_SAFE_INTEGER, bytes: 1e9 })
    expect(names(archive)).toEqual(['run-0.m4s', 'run-1.m4s', 'run-4.m4s'])
    await archive.dropAfterKept()
    expect(names(archive)).toEqual(['run-0.m4s', 'run-1.m4s'])
  })

  it('lets a reader finish a file that is deleted meanwhile, and rejects the next one', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0], { bytes: 1_000_000 })
    const stored = archive.find('v0', 'run-0.m4s')
    const reading = await stored?.open()
    await archive.remove()
    expect((await buffer(reading as Readable)).length).toBe(stored?.size)
    await expect(stored?.open()).rejects.toThrow('ENOENT')
  })

  it('renders a playlist once a change, for all who ask', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    expect(archive.playlist('v0', WHOLE)).toBeNull()
    expect(archive.multivariant(WHOLE)).toBeNull()
    await write(archive, [0])
    const before = archive.playlist('v0', WHOLE)
    expect(archive.playlist('v0', WHOLE)).toBe(before)
    expect(archive.multivariant(WHOLE)).toBe(archive.multivariant(WHOLE))
    await write(archive, [1])
    expect(archive.playlist('v0', WHOLE)).not.toBe(before)
    expect(archive.playlist('v7', WHOLE)).toBeNull()
    await archive.seal()
  })

  it('shows of a window what is not older than it', async () => {
    await using folder = await makeFolder()
    const archive = await Archive.open(folder.path)
    await write(archive, [0, 1, 2, 3])
    const text = archive.playlist('audio', { kind: 'window', from: BEGIN + 4000 })?.text
    expect(text?.match(/^run.*/gm)).toEqual(['run-2.m4s', 'run-3.m4s'])
    await archive.seal()
  })
})
