import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { mediasoupVersion, workerCache, workerStep } from '../../../server/setup/steps/worker.js'
import { checkWorker, startsHere } from '../../../server/setup/worker/check.js'
import { fetchPrebuilt } from '../../../server/setup/worker/prebuilt.js'
import { startHttpServer } from '../../helpers/httpServer.ts'

const run = promisify(execFile)

afterEach(() => {
  vi.unstubAllEnvs()
})

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

describe('the worker that mediasoup’s authors built', () => {
  it('is downloaded from where they put it, checked, and kept in the cache', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'prebuilt-'))
    const inUse = process.env.MEDIASOUP_WORKER_BIN ?? (await workerCache().find())?.path ?? ''
    await copyFile(inUse, join(folder, 'mediasoup-worker'))
    await run('tar', ['-czf', join(folder, 'worker.tgz'), '-C', folder, 'mediasoup-worker'])
    const archive = await readFile(join(folder, 'worker.tgz'))
    const asked: string[] = []
    await using site = await startHttpServer((request, answer) => {
      asked.push(request.url ?? '')
      answer.end(archive)
    })
    vi.stubEnv('MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL', `${site.url}/releases`)
    vi.stubEnv('MEDIASOUP_WORKER_BIN', undefined)
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
    const context = { node: process.execPath, env: { MEDIASOUP_WORKER_BIN: '' } }
    expect(await workerStep.inspect(context)).toMatchObject({ ready: false })
    const said = await workerStep.act(context, { update() {}, note: (text: string) => asked.push(text) })

    const version = mediasoupVersion()
    expect(said).toBe(`mediasoup worker ${version} downloaded and checked`)
    // As worker/scripts of the npm package name it.
    const name = new RegExp(`^/releases/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}`)
    expect(asked).toEqual([expect.stringMatching(name)])
    expect(await workerCache().find()).toEqual({ path: context.env.MEDIASOUP_WORKER_BIN, origin: 'prebuilt' })
    expect(context.env.MEDIASOUP_WORKER_BIN.startsWith(folder)).toBe(true)
    expect(await workerStep.inspect(context)).toEqual({ ready: true, detail: 'prebuilt' })
    await rm(folder, { recursive: true, force: true })
  })

  it.each([
    ['that is not there', 404, 'x', /the server answered 404/],
    ['that is no archive', 200, 'x', /tar/],
  ])('%s is done without, in one sentence', async (_, status, body, sentence) => {
    const folder = await mkdtemp(join(tmpdir(), 'prebuilt-'))
    await using site = await startHttpServer((_request, answer) => answer.writeHead(status).end(body))
    const env = { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: site.url }
    const pkg = JSON.parse(await readFile('node_modules/mediasoup/package.json', 'utf8'))
    await expect(fetchPrebuilt(pkg, join(folder, 'new'), env)).rejects.toThrow(/^prebuilt worker not available: /)
    await expect(fetchPrebuilt(pkg, join(folder, 'new'), env)).rejects.toThrow(sentence)
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

  it('says what is wrong with a worker that does not work, and with programs that are not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'no-worker-'))
    const path = join(folder, 'worker')
    await writeFile(path, '#!/bin/sh\nexit 41\n')
    await chmod(path, 0o755)
    const script = new URL('../../../server/setup/doctor.js', import.meta.url).pathname
    const env = { ...process.env, MEDIASOUP_WORKER_BIN: path, PATH: folder }
    const { stdout } = await run(process.execPath, [script], { env })
    expect(stdout).toMatch(/^part +version +from +state$/m)
    const row = (part: string) => stdout.split('\n').find((line) => line.startsWith(part)) ?? ''
    expect(row('mediasoup worker')).toMatch(/MEDIASOUP_WORKER_BIN/)
    expect(row('mediasoup worker')).not.toContain('good')
    for (const part of ['FFmpeg', 'Chromium', 'coturn']) expect(row(part)).toMatch(/not installed/)
    expect(stdout).toMatch(/^missing packages: .*ffmpeg/im)
    await rm(folder, { recursive: true, force: true })
  })
})
