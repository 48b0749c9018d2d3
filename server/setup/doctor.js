/** `npm run doctor`: one table of all parts: version, where each came from, what is wrong with it. Changes nothing. */
import { arch, platform, release } from 'node:os'
import { findProgram, isMet, Machine, systemPath } from './Machine.js'
import { cacheDir } from './paths.js'
import { runCommand } from './runCommand.js'
import { bundleState } from './steps/bundle.js'
import { findFfmpeg } from './steps/ffmpeg.js'
import { packagesStep } from './steps/packages.js'
import { findNode, MINIMUM_NODE } from './steps/runtime.js'
import { mediasoupVersion, workerCache } from './steps/worker.js'
import { BROWSERS, FFMPEG, installCommand, missing, TEST_NETWORK, TEST_SCREEN, WORKER_BUILD } from './systemPackages.js'
import { table } from './table.js'
import { parseVersion } from './versions.js'
import { checkWorker } from './worker/check.js'

/** Time for a program to say its version, in milliseconds: browsers take a while on a busy machine. */
const VERSION_MS = 20_000

/** The version that a program prints, or the start of why it did not. */
async function versionOf(path, option) {
  try {
    return parseVersion(await runCommand(path, [option], { timeoutMs: VERSION_MS }))?.join('.') ?? '?'
  } catch {
    return '?'
  }
}

async function nodeRow() {
  const node = await findNode()
  if (!node)
    return ['Node.js', process.version, process.execPath, `older than ${MINIMUM_NODE}: npm start brings a newer one`]
  return ['Node.js', node.version, node.origin, 'good']
}

async function npmRows() {
  const npm = findProgram(['npm'], systemPath())
  const packages = await packagesStep.inspect()
  return [
    ['npm', npm ? await versionOf(npm, '--version') : '-', npm ?? '-', npm ? 'good' : 'not on the PATH'],
    [
      'npm packages',
      'package-lock.json',
      'npm registry',
      packages.ready ? 'good' : 'not as in the lock file: npm start',
    ],
  ]
}

async function ffmpegRow() {
  const ffmpeg = await findFfmpeg()
  if (!ffmpeg) return ['FFmpeg', '-', '-', 'not installed']
  return ['FFmpeg', ffmpeg.version, ffmpeg.origin, ffmpeg.faults.join('\n') || 'good']
}

/** The worker is asked to do the whole handshake here, whatever was found out before. */
async function workerRow() {
  const version = mediasoupVersion()
  const set = process.env.MEDIASOUP_WORKER_BIN
  const worker = set ? { path: set, origin: 'MEDIASOUP_WORKER_BIN' } : await workerCache().find()
  if (!worker) return ['mediasoup worker', version, '-', 'none in the cache: npm start brings it']
  const node = await findNode()
  const state = node
    ? await checkWorker(node.path, worker.path).then(
        () => 'good: WebRTC handshake done',
        (error) => error.why ?? error.message,
      )
    : 'not checked: needs Node.js and the npm packages'
  return ['mediasoup worker', version, `${worker.origin}\n${worker.path}`, state]
}

/** @param option what makes it say its version; null for a program that has none */
async function programRow({ plain, programs }, option) {
  const path = findProgram(programs)
  if (!path) return [plain, '-', '-', 'not installed (needed by tests only)']
  if (option === null) return [plain, '-', path, 'good']
  const version = await versionOf(path, option)
  return [plain, version, path, version === '?' ? `does not answer to ${option}` : 'good']
}

async function main() {
  const bundle = await bundleState()
  const [chromium, firefox] = BROWSERS
  const [coturn, ip, iptables] = TEST_NETWORK
  const [screen] = TEST_SCREEN
  const rows = [
    ['system', release(), `${platform()} ${arch()}`, 'good'],
    await nodeRow(),
    ...(await npmRows()),
    await ffmpegRow(),
    await workerRow(),
    ['client pages', '-', 'client/dist', bundle.ready ? 'good' : `${bundle.detail}: npm start builds them`],
    await programRow(chromium, '--version'),
    await programRow(firefox, '--version'),
    await programRow(coturn, '--version'),
    ...(platform() === 'linux'
      ? [await programRow(ip, '-V'), await programRow(iptables, '--version'), await programRow(screen, null)]
      : []),
    ['cache', '-', cacheDir(), 'good'],
  ]
  for (const line of table(['part', 'version', 'from', 'state'], rows)) console.log(line)
  const wanted = [...FFMPEG, ...BROWSERS, ...TEST_NETWORK, ...TEST_SCREEN]
  const lacking = await missing((await workerCache().find()) ? wanted : [...wanted, ...WORKER_BUILD], isMet)
  if (lacking.length > 0) console.log(`\nmissing packages: ${installCommand(new Machine().installer, lacking)}`)
}

await main()
