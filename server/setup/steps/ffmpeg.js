/** The step that brings FFmpeg and checks that it is one that the server can use. */
import { join, resolve } from 'node:path'
import { findProgram } from '../Machine.js'
import { probeOnce } from '../marks.js'
import { cacheDir } from '../paths.js'
import { runCommand } from '../runCommand.js'
import { SetupError } from '../SetupError.js'
import { FFMPEG } from '../systemPackages.js'
import { atLeast, ffmpegVersion } from '../versions.js'

/** The oldest FFmpeg whose options the tap uses (Ubuntu 22.04 ships it). */
const MINIMUM_FFMPEG = '4.4'
/** What the tap reads and writes through. */
const PROTOCOLS = ['file', 'pipe', 'rtp', 'tcp', 'udp', 'unix']
/** AAC for HTTP viewers; x264 and Opus for sources that cannot be copied. */
const ENCODERS = ['aac', 'libopus', 'libx264']
const REVISION = [MINIMUM_FFMPEG, ...PROTOCOLS, ...ENCODERS].join(' ')

/** First words of a list that `ffmpeg -protocols` or `-encoders` prints. */
function listed(output, word) {
  return output.split(/\s+/).includes(word)
}

/** Pure: what is wrong with an FFmpeg that printed this, in words; empty when nothing is. */
export function ffmpegFaults({ version, protocols, encoders }) {
  const number = ffmpegVersion(version)
  const lacking = [
    ...PROTOCOLS.filter((name) => !listed(protocols, name)).map((name) => `protocol ${name}`),
    ...ENCODERS.filter((name) => !listed(encoders, name)).map((name) => `encoder ${name}`),
  ]
  return [
    ...(number === 'git' || atLeast(number ?? '', MINIMUM_FFMPEG)
      ? []
      : [`version ${number ?? 'unknown'} is older than ${MINIMUM_FFMPEG}`]),
    ...(lacking.length > 0 ? [`it lacks ${lacking.join(', ')}`] : []),
  ]
}

async function probe(path) {
  const ask = (option) => runCommand(path, ['-hide_banner', option])
  const [version, protocols, encoders] = await Promise.all([
    runCommand(path, ['-version']),
    ask('-protocols'),
    ask('-encoders'),
  ])
  return { version: ffmpegVersion(version) ?? 'unknown', faults: ffmpegFaults({ version, protocols, encoders }) }
}

/** The FFmpeg in use: path, version, origin and what is wrong with it; undefined when there is none. */
export async function findFfmpeg(env = process.env) {
  const wanted = env.NEARCAST_FFMPEG || 'ffmpeg'
  const path = wanted.includes('/') ? resolve(wanted) : findProgram([wanted])
  if (!path) return undefined
  const mark = join(cacheDir(env), 'probes', 'ffmpeg.json')
  const result = await probeOnce(mark, path, REVISION, probe).catch((error) => ({
    version: '?',
    faults: [error.message],
  }))
  return { path, origin: env.NEARCAST_FFMPEG ? 'NEARCAST_FFMPEG' : path, ...result }
}

export const ffmpegStep = {
  title: 'FFmpeg',

  async inspect() {
    const ffmpeg = await findFfmpeg()
    return {
      ready: ffmpeg !== undefined && ffmpeg.faults.length === 0,
      detail: ffmpeg ? `${ffmpeg.version}, ${ffmpeg.origin}` : 'not installed',
    }
  },

  async act(context, progress) {
    if (!process.env.NEARCAST_FFMPEG) await context.machine.ensure(FFMPEG, progress, context.later)
    const ffmpeg = await findFfmpeg()
    const remedy = `put FFmpeg ${MINIMUM_FFMPEG} or newer, built with libx264 and libopus, on the PATH or name it in NEARCAST_FFMPEG`
    if (!ffmpeg)
      throw new SetupError('FFmpeg was not found', `looked for ${process.env.NEARCAST_FFMPEG ?? 'ffmpeg'}`, remedy)
    if (ffmpeg.faults.length > 0)
      throw new SetupError(`FFmpeg cannot be used: ${ffmpeg.path}`, ffmpeg.faults.join('\n'), remedy)
    return `FFmpeg ${ffmpeg.version}`
  },
}
