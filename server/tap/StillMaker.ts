/** Turns a key frame into a JPEG, by FFmpeg: one at a time in the process, in limited time, after everything else. */
import { constants, setPriority } from 'node:os'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { describeExit, FfmpegProcess } from './FfmpegProcess.ts'
import type { FfmpegCommand } from './ffmpegArgs.ts'

export interface StillMakerOptions {
  readonly ffmpegPath: string
  readonly clock: Clock
}

/** Who asks while so many wait is refused. */
const MAX_WAITING = 32
/** A picture takes 0.2 s; a machine that needs so much longer has other things to do. Milliseconds. */
const TIME_LIMIT = 5_000
/** A JPEG of this size in pixels is far smaller. Bytes. */
const MAX_BYTES = 2 * 1024 * 1024
/** Widest picture, in pixels: what link previews and lists show. */
const MAX_WIDTH = 640

const command: FfmpegCommand = {
  input: {
    url: 'pipe:0',
    options: ['-hide_banner', '-nostats', '-loglevel', 'level+error', '-threads', '1', '-f', 'mp4'],
  },
  outputs: [
    // Commas within an expression would end the filter.
    [
      '-map',
      '0:v:0',
      '-frames:v',
      '1',
      '-vf',
      `scale=min(${MAX_WIDTH}\\,iw):-2`,
      '-q:v',
      '5',
      '-c:v',
      'mjpeg',
      '-f',
      'mjpeg',
    ],
  ],
}

export class StillMaker {
  readonly #options: StillMakerOptions
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #running: FfmpegProcess | null = null
  #closed = false

  constructor(options: StillMakerOptions) {
    this.#options = options
  }

  /** A JPEG of the first picture in bytes of fragmented MP4: an init segment and an IDR. Rejects when that fails. */
  async make(media: readonly Buffer[]): Promise<Buffer> {
    if (this.#closed || this.#waiting >= MAX_WAITING) throw new Error('no more pictures are made now')
    this.#waiting += 1
    const turn = this.#queue.then(() => this.#run(media))
    this.#queue = turn.catch(() => {})
    return turn.finally(() => {
      this.#waiting -= 1
    })
  }

  /** What is being made is given up. Resolves when its process is gone. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running?.stop()
    await this.#queue
  }

  async #run(media: readonly Buffer[]): Promise<Buffer> {
    if (this.#closed) throw new Error('no more pictures are made')
    const { ffmpegPath, clock } = this.#options
    const output: Buffer[] = []
    let size = 0
    const onOutput = (_output: number, chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BYTES) output.push(chunk)
    }
    const ffmpeg = await FfmpegProcess.create({ ffmpegPath, command, onOutput, clock })
    this.#running = ffmpeg
    const cancelLimit: CancelTimer = clock.after(TIME_LIMIT, () => void ffmpeg.stop())
    try {
      giveWay(ffmpeg.pid)
      // It may have what it wants before it has read all.
      await ffmpeg.feed(pieces(media)).catch(() => {})
      const exit = await ffmpeg.closed
      if (exit.stopped || size === 0 || size > MAX_BYTES) throw new Error(`no picture: ${describeExit(exit)}`)
      return Buffer.concat(output)
    } finally {
      cancelLimit()
      this.#running = null
    }
  }
}

async function* pieces(media: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of media) yield piece
}

function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already.
  }
}
