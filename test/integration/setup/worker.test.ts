import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { workerCache } from '../../../server/setup/steps/worker.js'
import { checkWorker, startsHere } from '../../../server/setup/worker/check.js'

const run = promisify(execFile)

describe('the worker’s check', () => {
  it('lets a WebRTC client exchange encrypted packets with the worker in use', async () => {
    const worker = process.env.MEDIASOUP_WORKER_BIN ?? (await workerCache().find())?.path
    expect(await startsHere(worker)).toBe(true)
    await checkWorker(process.execPath, worker)
  })

  it('refuses a program that starts and is no worker', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'no-worker-'))
    const path = join(folder, 'worker')
    await writeFile(path, '#!/bin/sh\nexit 41\n')
    await chmod(path, 0o755)
    await expect(checkWorker(process.execPath, path)).rejects.toThrow(/ended with code 1/)
    await expect(checkWorker(process.execPath, join(folder, 'missing'))).rejects.toThrow(/does not start/)
    await rm(folder, { recursive: true, force: true })
  })
})

describe('npm run doctor', () => {
  it('prints one table that names every part', async () => {
    const script = new URL('../../../server/setup/doctor.js', import.meta.url).pathname
    const { stdout } = await run(process.execPath, [script])
    for (const part of ['Node.js', 'npm packages', 'FFmpeg', 'mediasoup worker', 'Chromium', 'Firefox', 'coturn']) {
      expect(stdout).toMatch(new RegExp(`^${part} .*good`, 'm'))
    }
  })
})
