/** In charge of the clip that the origin of the capacity bench broadcasts: three rungs and sound, encoded once. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A rung of the clip; bit rates in kbit/s. */
interface Rung {
  readonly size: string
  readonly kilobits: number
}

/** As a browser sends 720p in three layers; lowest first. */
const RUNGS: readonly Rung[] = [
  { size: '320x180', kilobits: 150 },
  { size: '640x360', kilobits: 500 },
  { size: '1280x720', kilobits: 1500 },
]
/** Layers of the clip. */
export const LAYERS = RUNGS.length
const FRAME_RATE = 30
/** Frames between key frames, which all rungs have at the same frame: 2 s, as the tap asks for them. */
const GOP = 60
/** The clip is played in a loop; whole GOPs, so that the loop shows no seam. */
const SECONDS = 20

/** Encodes the clip into a folder and resolves with its path. Rejects with what FFmpeg complained of. */
export async function encodeClip(folder: string, signal: AbortSignal): Promise<string> {
  const path = join(folder, 'clip.ts')
  const picture = `testsrc2=s=1280x720:r=${FRAME_RATE}:d=${SECONDS},split=${LAYERS}${RUNGS.map((_, i) => `[s${i}]`).join('')}`
  const scaled = RUNGS.map(({ size }, i) => `[s${i}]scale=${size.replace('x', ':')}[v${i}]`)
  const video = RUNGS.flatMap(({ kilobits }, i) => [
    ...['-map', `[v${i}]`, `-b:v:${i}`, `${kilobits}k`, `-maxrate:v:${i}`, `${kilobits}k`],
    ...[`-bufsize:v:${i}`, `${kilobits}k`],
  ])
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p']
  const keys = ['-g', `${GOP}`, '-keyint_min', `${GOP}`, '-sc_threshold', '0']
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', `sine=440:r=48000:d=${SECONDS}`],
      ...['-filter_complex', [picture, ...scaled].join(';')],
      ...[...video, ...codec, ...keys, '-map', '0:a', '-c:a', 'libopus', '-b:a', '64k', '-ac', '2'],
      // Parameter sets and delimiters in band, as RTP brings them.
      ...['-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0', path],
    ],
    { signal },
  )
  return path
}
