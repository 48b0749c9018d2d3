/** In charge of fetching the worker that mediasoup's authors built, as mediasoup's own install script names it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../runCommand.js'

/** Time to the first answer, in milliseconds: behind a firewall this is all that is lost. */
const ANSWER_MS = 8000
/** Time for the whole download of about 3 MB, in milliseconds. */
const DOWNLOAD_MS = 60_000

/** The archive's address. `pkg` is mediasoup's package.json; the base can be set as for mediasoup's own script. Pure. */
export function prebuiltUrl(pkg, { platform, arch, kernel }, base = undefined) {
  const kernelPart = platform === 'linux' ? `-kernel${kernel.split('.')[0]}` : ''
  const releases = base || `${pkg.repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`
  return `${releases}/${pkg.version}/mediasoup-worker-${pkg.version}-${platform}-${arch}${kernelPart}.tgz`
}

/** Downloads and unpacks into `folder`; resolves with the binary's path. Rejects when that cannot be had in time. */
export async function fetchPrebuilt(pkg, folder, env = process.env) {
  const machine = { platform: process.platform, arch: process.arch, kernel: release() }
  const abort = new AbortController()
  const answer = setTimeout(() => abort.abort(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS)
  const whole = setTimeout(() => abort.abort(new Error(`not complete within ${DOWNLOAD_MS / 1000} s`)), DOWNLOAD_MS)
  try {
    const url = prebuiltUrl(pkg, machine, env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL)
    const response = await fetch(url, { signal: abort.signal })
    clearTimeout(answer)
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const archive = join(folder, 'worker.tgz')
    await mkdir(folder, { recursive: true })
    await writeFile(archive, Buffer.from(await response.arrayBuffer()))
    await runCommand('tar', ['-xzf', archive, '-C', folder])
    return join(folder, process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker')
  } catch (error) {
    throw new Error(`prebuilt worker not available: ${error.cause?.message ?? error.message}`)
  } finally {
    clearTimeout(answer)
    clearTimeout(whole)
  }
}
