import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeClip } from '../../bench/capacity/clip.ts'
import { runOnce } from '../../bench/capacity/run.ts'
import { expectNothingLeft, snapshot } from '../../helpers/leaks.ts'

let folder: string
let clip: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capacity-'))
  clip = await encodeClip(folder, new AbortController().signal)
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

/** Parts a second of picture and sound together, at a part target of 0.35 s: some are shorter, none is longer. */
const PARTS_PER_SECOND = 2 / 0.35

function run(throughNginx: boolean, signal = new AbortController().signal) {
  return runOnce({ clip, clients: 5, throughNginx, over: 4_000, profile: null, signal })
}

describe('a run of the capacity bench', () => {
  it('brings each part to each client, and leaves nothing behind', async () => {
    const before = snapshot()
    const { delays, seconds, failed, failure, nginx } = await run(false)
    expect({ failed, failure, nginx }).toEqual({ failed: 0, failure: null, nginx: null })
    expect(delays.length).toBeGreaterThan(5 * (PARTS_PER_SECOND * seconds - 4))
    expect(delays.filter((delay) => delay === Number.POSITIVE_INFINITY)).toEqual([])
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    await expectNothingLeft(before)
  })

  it('does so through nginx', async () => {
    const before = snapshot()
    const { delays, failed, failure, nginx } = await run(true)
    expect({ failed, failure }).toEqual({ failed: 0, failure: null })
    expect(delays.filter((delay) => delay === Number.POSITIVE_INFINITY)).toEqual([])
    expect(nginx?.memory).not.toBeNaN()
    await expectNothingLeft(before)
  })

  it('ends when it is stopped, and leaves nothing behind', async () => {
    const before = snapshot()
    const stop = new AbortController()
    const running = run(false, stop.signal)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expectNothingLeft(before)
  })
})
