import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Recordings, type RecordingsOptions } from '../../../server/archive/Recordings.ts'
import type { BroadcastRecord } from '../../../server/store/broadcastRecord.ts'
import { Store } from '../../../server/store/Store.ts'
import { makeFolder } from '../../helpers/archive/folder.ts'
import { BEGIN, FACTS, listed } from '../../helpers/archive/segments.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'

const ID = 'aaaaBBBBccccDDDD'
const OTHER = 'eeeeFFFFggggHHHH'
const DAY = 86_400_000
const quiet = { info() {}, error() {} }

function record(id: string, more: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    id,
    title: '',
    visibility: 'unlisted',
    record: true,
    keyHash: new Uint8Array(32),
    state: 'live',
    createdAt: BEGIN,
    startedAt: BEGIN,
    endedAt: null,
    mediaSequence: 0,
    discontinuitySequence: 0,
    ...more,
  }
}

async function setUp(folder: string, limits: { totalBytes?: number; age?: number } = {}) {
  const store = Store.open(folder)
  const clock = new ManualClock()
  const start = (broken: Partial<RecordingsOptions['store']> = {}) =>
    Recordings.create({
      folder: join(folder, 'archive'),
      limits: { window: 60_000, windowBytes: 1e9, recordingBytes: 1e9, totalBytes: 1e12, age: 30 * DAY, ...limits },
      store: {
        find: (id) => store.find(id),
        listRecordings: () => store.listRecordings(),
        saveRecording: (recording) => store.saveRecording(recording),
        deleteRecording: (id) => store.deleteRecording(id),
        ...broken,
      },
      ffmpegPath: 'ffmpeg',
      clock,
      log: quiet,
      stopped: { inc() {} },
    })
  return { store, clock, start }
}

function fill(recordings: Recordings, id: string, count = 3) {
  const recorder = recordings.recorder(id, { isRecorded: () => true, targetDuration: 3, log: quiet })
  for (let number = 0; number < count; number++) recorder.add(listed(number), FACTS)
}

describe('recordings', () => {
  it('finishes one, which plays, survives a restart and can be deleted', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    store.insert(record(ID))
    const first = await start()
    fill(first, ID)
    expect((await first.kept(ID))?.recording).toBeNull()
    expect(await first.finish(ID, true)).toMatchObject({ id: ID, duration: 6000, stopped: null })
    await first.close()
    const second = await start()
    expect(second.find(ID)).toMatchObject({ duration: 6000 })
    const kept = await second.kept(ID)
    expect(kept?.recording?.media('v0')?.text).toContain('#EXT-X-ENDLIST')
    expect(kept?.window?.media('v0')?.text).toContain('#EXT-X-ENDLIST')
    expect(await kept?.find('v0', 'run-2.m4s')).not.toBeNull()
    expect(await second.remove(ID)).toBe(true)
    expect(await second.remove(ID)).toBe(false)
    expect(await second.kept(ID)).toBeNull()
    expect(await readdir(join(folder.path, 'archive'))).toEqual([])
    expect(store.listRecordings()).toEqual([])
    await second.close()
    store.close()
  })

  it('finishes at its start what a crash left of a broadcast that is over', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    store.insert(record(ID))
    const crashed = await start()
    fill(crashed, ID)
    await crashed.close()
    store.update(ID, { state: 'ended', endedAt: START + 7000 })
    const next = await start()
    expect(next.find(ID)).toMatchObject({ duration: 6000, endedAt: START + 7000 })
    await next.close()
    store.close()
  })

  it('plays what a full store does not take, and finishes it again at the next start', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    store.insert(record(ID, { state: 'ended' }))
    const full = await start({
      saveRecording() {
        throw new Error('database or disk is full')
      },
    })
    fill(full, ID)
    expect(await full.finish(ID, true)).toMatchObject({ duration: 6000 })
    expect((await full.kept(ID))?.recording?.media('v0')).not.toBeNull()
    await full.close()
    const next = await start()
    expect(next.find(ID)).toMatchObject({ duration: 6000 })
    await next.close()
    store.close()
  })

  it('leaves a broadcast alone that waits for its source, and deletes what belongs to nobody', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    store.insert(record(ID))
    store.insert(record(OTHER, { record: false }))
    const crashed = await start()
    fill(crashed, ID)
    fill(crashed, OTHER)
    await crashed.close()
    await mkdir(join(folder.path, 'archive', 'nobodyKnowsThis1'))
    await writeFile(join(folder.path, 'archive', 'not ours'), '')
    store.update(OTHER, { state: 'ended', endedAt: START })
    const next = await start()
    expect((await readdir(join(folder.path, 'archive'))).sort()).toEqual([ID, 'not ours'].sort())
    expect(next.count).toBe(0)
    await next.close()
    store.close()
  })

  it('deletes what was kept of a broadcast that is over and was not recorded', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    const recordings = await start()
    fill(recordings, ID)
    expect((await recordings.kept(ID))?.window?.media('v0')).not.toBeNull()
    expect(await recordings.finish(ID, false)).toBeNull()
    expect((await recordings.kept(ID))?.window?.media('v0')?.text).toContain('#EXT-X-ENDLIST')
    await recordings.discard(ID)
    expect(await recordings.kept(ID)).toBeNull()
    expect(await readdir(join(folder.path, 'archive'))).toEqual([])
    await recordings.close()
    store.close()
  })

  it('deletes recordings by age, and the oldest ones when all are too large together', async () => {
    await using folder = await makeFolder()
    const { store, clock, start } = await setUp(folder.path, { totalBytes: 10_000 })
    clock.advanceTo(START)
    for (const id of [ID, OTHER]) store.insert(record(id, { state: 'ended' }))
    const recordings = await start()
    fill(recordings, ID)
    await recordings.finish(ID, true)
    clock.advanceTo(START + DAY)
    fill(recordings, OTHER, 5)
    await recordings.finish(OTHER, true)
    await recordings.sweep()
    expect([recordings.find(ID), recordings.find(OTHER)?.id]).toEqual([null, OTHER])
    clock.advanceTo(START + 31 * DAY + 3_600_000)
    await recordings.sweep()
    expect(recordings.count).toBe(0)
    expect(recordings.bytes).toBe(0)
    await recordings.close()
    store.close()
  })

  it('forgets a recording whose files somebody deleted', async () => {
    await using folder = await makeFolder()
    const { store, start } = await setUp(folder.path)
    store.saveRecording({ id: ID, endedAt: BEGIN, duration: 1, bytes: 1, stopped: null })
    const recordings = await start()
    expect(recordings.find(ID)).toBeNull()
    expect(store.listRecordings()).toEqual([])
    await recordings.close()
    store.close()
  })
})
