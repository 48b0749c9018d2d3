/** Real FFmpeg output for the packager's tests: the tap's output options, with capture instants that a test decides. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { childBoxes } from '../../../server/packager/boxReader.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'

const run = promisify(execFile)

/** As the tap writes them. */
const OUTPUT = [
  ...['-avoid_negative_ts', 'disabled', '-use_editlist', '0', '-write_prft', 'wallclock'],
  ...['-movflags', 'empty_moov+default_base_moof+frag_every_frame+frag_discont', '-f', 'mp4', '-y'],
]

/** Bytes and the moment in milliseconds when they reach the packager. */
export interface Arrival {
  readonly at: number
  readonly bytes: Buffer
}

export interface StreamOptions {
  /** Instant of the media's first frame, milliseconds since the Unix epoch. */
  readonly capturedAt: number
  /** From capture to the packager, milliseconds. */
  readonly delay?: number
}

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'packager-test-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface PictureOptions extends StreamOptions {
  readonly size: string
  readonly rate?: number
  readonly seconds: number
  /** Seconds between key frames. */
  readonly keyEvery?: number
  /** Media time of the first frame, seconds: each stream has an origin of its own. */
  readonly origin?: number
  readonly encoder?: readonly string[]
}

/** A layer as a tap delivers it: H.264 copied, 90 kHz, delimiters and parameter sets in band. */
export function picture(options: PictureOptions): Promise<Arrival[]> {
  const { size, rate = 30, seconds, keyEvery = 1, origin = 0, encoder = ['-tune', 'zerolatency'] } = options
  return withFolder(async (folder) => {
    const raw = join(folder, 'in.ts')
    const out = join(folder, 'out.mp4')
    const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`]
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-sc_threshold', '0', '-g', '9999']
    const keys = ['-force_key_frames', `expr:gte(t,n_forced*${keyEvery})`, ...encoder]
    await run('ffmpeg', [
      '-v',
      'error',
      ...source,
      ...codec,
      ...keys,
      '-muxdelay',
      '0',
      '-muxpreload',
      '0',
      '-f',
      'mpegts',
      raw,
      '-y',
    ])
    const copy = ['-copyts', '-i', raw, '-c:v', 'copy', '-output_ts_offset', String(origin)]
    await run('ffmpeg', ['-v', 'error', ...copy, ...OUTPUT, out])
    return arrivals(await read(out), { ...options, origin })
  })
}

export interface SoundOptions extends StreamOptions {
  readonly seconds: number
  readonly frequency?: number
}

/** The sound as its tap delivers it: Opus in; AAC and the copied Opus out. */
export function sound({
  seconds,
  frequency = 440,
  ...options
}: SoundOptions): Promise<{ aac: Arrival[]; opus: Arrival[] }> {
  return withFolder(async (folder) => {
    const [ogg, aac, opus] = ['in.ogg', 'aac.mp4', 'opus.mp4'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const source = ['-f', 'lavfi', '-i', `sine=${frequency}:r=48000:d=${seconds}`]
    await run('ffmpeg', ['-v', 'error', ...source, '-c:a', 'libopus', '-ac', '2', ogg, '-y'])
    const outputs = [...['-c:a', 'aac', '-b:a', '96k', ...OUTPUT, aac], ...['-c:a', 'copy', ...OUTPUT, opus]]
    await run('ffmpeg', ['-v', 'error', '-copyts', '-i', ogg, ...outputs])
    return {
      aac: arrivals(await read(aac), { ...options, origin: 0 }),
      opus: arrivals(await read(opus), { ...options, origin: 0 }),
    }
  })
}

async function read(path: string): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises')
  return readFile(path)
}

/** Cuts a file into fragments, puts the capture instant into each reference, and says when each is complete. */
function arrivals(file: Buffer, { capturedAt, delay = 60, origin }: StreamOptions & { origin: number }): Arrival[] {
  const reader = new FragmentReader()
  let timescale = 0
  const found: Arrival[] = []
  let start = 0
  let offset = 0
  for (const { type, body } of childBoxes(file)) {
    const end = offset + 8 + body.length
    let at = capturedAt + delay - 1000
    if (type === 'prft') {
      const wall = capturedAt + (Number(body.readBigInt64BE(16)) / timescale - origin) * 1000
      body.writeUInt32BE(Math.floor(wall / 1000) + 2_208_988_800, 8)
      body.writeUInt32BE(Math.floor(((wall / 1000) % 1) * 2 ** 32), 12)
    }
    for (const event of reader.push(file.subarray(offset, end))) {
      if ('track' in event) timescale = event.track.timescale
      else at = capturedAt + delay + ((event.frame.dts + event.frame.duration) / timescale - origin) * 1000
    }
    if (type === 'moov' || type === 'mdat') {
      found.push({ at, bytes: file.subarray(start, end) })
      start = end
    }
    offset = end
  }
  return found
}

export interface Probe {
  readonly streams: readonly Record<string, string | number>[]
  readonly packets: readonly Record<string, string | number>[]
}

/** What ffprobe reads from bytes; rejects when it complains. */
export function probe(bytes: Buffer): Promise<Probe> {
  return withFolder(async (folder) => {
    const path = join(folder, 'probed.mp4')
    await writeFile(path, bytes)
    const show = ['-show_streams', '-show_packets', '-of', 'json']
    const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...show, path], { maxBuffer: 64 * 1024 * 1024 })
    if (stderr !== '') throw new Error(stderr)
    return JSON.parse(stdout) as Probe
  })
}

/** Decodes a stream of a file, playlist or manifest fully; resolves with the number of frames, rejects when the decoder complains. */
export async function decode(path: string, stream: 'v' | 'a', index = 0): Promise<number> {
  const allow = path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : []
  const args = [
    '-v',
    'warning',
    '-nostdin',
    ...allow,
    '-i',
    path,
    '-map',
    `0:${stream}:${index}`,
    '-f',
    'framecrc',
    '-',
  ]
  const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 64 * 1024 * 1024 })
  if (stderr !== '') throw new Error(stderr)
  return stdout.split('\n').filter((line) => /^\d/.test(line)).length
}
