import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Recorder, type RecorderLimits } from '../../../server/archive/Recorder.ts'
import { makeFolder } from '../../helpers/archive/folder.ts'
import { BEGIN, bytesOf, FACTS, listed } from '../../helpers/archive/segments.ts'
import { mountSmallDisk } from '../../helpers/archive/smallDisk.ts'

const LIMITS: RecorderLimits = { window: 60_000, windowBytes: 1e9, recordingBytes: 1e9 }

function record(folder: string, limits: Partial<RecorderLimits> = {}, isRecorded = true) {
  const told: string[] = []
  const errors: string[] = []
  const time = { now: BEGIN }
  const wish = { isRecorded }
  const recorder = new Recorder({
    folder: join(folder, 'broadcast'),
    limits: { ...LIMITS, ...limits },
    isRecorded: () => wish.isRecorded,
    targetDuration: 3,
    clock: { now: () => time.now },
    log: { info() {}, error: (_facts, message) => errors.push(message) },
  })
  recorder.on('stopped', (why) => told.push(why))
  const add = (numbers: Iterable<number>, bytes = 1000) => {
    for (const number of numbers) {
      time.now = BEGIN + 2000 * (number + 1)
      recorder.add(listed(number, { bytes }), FACTS)
    }
  }
  return { recorder, told, errors, add, wish }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
const windowOf = async (recorder: Recorder) =>
  [...((await recorder.kept())?.window?.media('v0')?.text.matchAll(/^run-(\d+)/gm) ?? [])].map((match) =>
    Number(match[1]),
  )

describe('a recorder', () => {
  it('returns at once and writes in order', async () => {
    await using folder = await makeFolder()
    const { recorder, add } = record(folder.path)
    add(range(0, 5))
    expect(recorder.waiting).toBeGreaterThan(5000)
    const archive = await recorder.end()
    expect(recorder.waiting).toBe(0)
    expect(archive?.segments.map((segment) => segment.ordinal)).toEqual(range(0, 5))
    await recorder.close()
  })

  it('shows the window and deletes what left it, a minute later and by whole chunks', async () => {
    await using folder = await makeFolder()
    const { recorder, add } = record(folder.path, {}, false)
    add(range(0, 100))
    expect(await windowOf(recorder)).toEqual(range(70, 100))
    const kept = await recorder.kept()
    expect(kept?.recording).toBeNull()
    expect(await kept?.find('v0', 'run-60.m4s')).not.toBeNull()
    expect(await kept?.find('v0', 'run-20.m4s')).toBeNull()
    expect((await readdir(join(folder.path, 'broadcast'))).length).toBeLessThan(2 * 20)
    await recorder.remove()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('keeps all of what is recorded, though only the window is shown while it goes on', async () => {
    await using folder = await makeFolder()
    const { recorder, add } = record(folder.path)
    add(range(0, 100))
    expect(await windowOf(recorder)).toEqual(range(70, 100))
    expect((await recorder.end())?.segments).toHaveLength(100)
    await recorder.close()
  })

  it('bounds a window by bytes, too', async () => {
    await using folder = await makeFolder()
    const { recorder, add } = record(folder.path, { windowBytes: 40_000 }, false)
    add(range(0, 30), 3000)
    const shown = await windowOf(recorder)
    expect(shown.at(-1)).toBe(29)
    expect(shown.length).toBeLessThan(14)
    expect(shown.length).toBeGreaterThan(5)
    await recorder.remove()
  })

  it('touches no disk when there is no time shift and nothing is to be recorded, until somebody wants it', async () => {
    await using folder = await makeFolder()
    const { recorder, add, wish } = record(folder.path, { window: 0 }, false)
    add([0, 1])
    expect(await recorder.kept()).toBeNull()
    expect(await readdir(folder.path)).toEqual([])
    wish.isRecorded = true
    add([2])
    const archive = await recorder.end()
    expect(archive?.segments.map((segment) => segment.name)).toEqual(['run-2.m4s'])
    expect((await recorder.kept())?.window).toBeNull()
    await recorder.close()
  })

  it('ends a recording that has reached its size, keeps what it has, and lets viewers go back further on', async () => {
    await using folder = await makeFolder()
    const { recorder, told, add } = record(folder.path, { recordingBytes: 20_000 })
    add(range(0, 200))
    expect((await windowOf(recorder)).at(-1)).toBe(199)
    expect(told).toEqual(['too-large'])
    const segments = (await recorder.end())?.segments.map((segment) => segment.ordinal) ?? []
    expect(segments).toEqual(range(0, segments.length))
    expect(segments.length).toBeGreaterThan(10)
    expect(segments.length).toBeLessThan(25)
    await recorder.close()
  })

  it('ends with one line and one event on a full disk; what was written plays', async () => {
    await using disk = await mountSmallDisk(300)
    const { recorder, told, errors, add } = record(disk.path)
    add(range(0, 40), 20_000)
    const archive = await recorder.end()
    expect(told).toEqual(['disk-full'])
    expect(errors).toHaveLength(1)
    const count = archive?.segments.length ?? 0
    expect(count).toBeGreaterThan(8)
    expect(count).toBeLessThan(15)
    const last = archive?.find('v0', `run-${count - 1}.m4s`)
    expect(await buffer((await last?.open()) as Readable)).toEqual(bytesOf(listed(count - 1, { bytes: 20_000 }), 'v0'))
    expect((await recorder.kept())?.window).toBeNull()
    await recorder.close()
  })

  it('takes a disk that falls behind by 64 MiB for a broken one, and stays bounded', async () => {
    await using folder = await makeFolder()
    const { recorder, told, add } = record(folder.path)
    add(range(0, 80), 1024 * 1024)
    expect(told).toEqual(['disk-failed'])
    expect(recorder.waiting).toBeLessThanOrEqual(64 * 1024 * 1024)
    await recorder.end()
    await recorder.close()
  })

  it('takes nothing after it was closed, and what is on disk is there for the next start', async () => {
    await using folder = await makeFolder()
    const first = record(folder.path)
    first.add([0, 1])
    await first.recorder.close()
    await first.recorder.close()
    first.add([2])
    const second = record(folder.path)
    second.add([32])
    const archive = await second.recorder.end()
    expect(archive?.segments.map(({ name, discontinuity }) => [name, discontinuity])).toEqual([
      ['run-0.m4s', false],
      ['run-1.m4s', false],
      ['run-32.m4s', true],
    ])
    await second.recorder.close()
  })
})
