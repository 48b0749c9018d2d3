/** Makes recordings into one MP4 file each, when somebody wants one: by FFmpeg, without re-encoding, few at a time. */
import { readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { NearcastError } from '../../shared/errors.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { describeExit, FfmpegProcess } from '../tap/FfmpegProcess.ts'
import type { Archive } from './Archive.ts'
import { planMp4 } from './mp4Plan.ts'
import { mp4Stream } from './mp4Stream.ts'
import type { RecorderLog } from './Recorder.ts'
import { readWhole } from './storedBytes.ts'

export interface Mp4MakerOptions {
  readonly ffmpegPath: string
  readonly clock: Clock
  readonly log: RecorderLog
}

/** FFmpegs at once, each as fast as the disk is. */
const MAX_AT_ONCE = 2
/** Who asks beyond that waits, so many of them. */
const MAX_WAITING = 8
/** A file that nobody asked for in this time is deleted: it can be made again. Milliseconds. */
const KEEP = 3_600_000
/** The disk must have room for the file and some more, or live recordings would end because of a download. */
const ROOM = 1.2

const FILE = 'recording.mp4'
const UNFINISHED = 'recording.mp4.part'

interface Made {
  readonly file: Promise<string>
  cancelDeleting: CancelTimer | null
}

export class Mp4Maker {
  readonly #options: Mp4MakerOptions
  readonly #made = new Map<string, Made>()
  readonly #running = new Set<FfmpegProcess>()
  readonly #turns: (() => void)[] = []
  #busy = 0
  #closed = false

  constructor(options: Mp4MakerOptions) {
    this.#options = options
  }

  /** Deletes what an earlier server left in the folder of a recording. */
  static async tidy(folder: string): Promise<void> {
    for (const name of await readdir(folder)) {
      if (name === FILE || name === UNFINISHED) await rm(join(folder, name), { force: true })
    }
  }

  /**
   * Resolves with the path of the file; made once for all who ask, and gone an hour after the last. Rejects with
   * `server-full` when too many are being made or the disk has no room, else `internal`.
   */
  async make(folder: string, archive: Archive): Promise<string> {
    if (this.#closed) throw new NearcastError('shutting-down')
    const made = this.#made.get(folder) ?? this.#begin(folder, archive)
    const file = await made.file
    made.cancelDeleting?.()
    if (this.#made.get(folder) === made) {
      made.cancelDeleting = this.#options.clock.after(KEEP, () => void this.forget(folder))
    }
    return file
  }

  /** Deletes the file, if there is one. */
  async forget(folder: string): Promise<void> {
    this.#made.get(folder)?.cancelDeleting?.()
    this.#made.delete(folder)
    await rm(join(folder, FILE), { force: true })
  }

  /** What is being made is given up. */
  async close(): Promise<void> {
    this.#closed = true
    const stopped = [...this.#running].map((ffmpeg) => ffmpeg.stop())
    for (const turn of this.#turns.splice(0)) turn()
    await Promise.all(stopped)
    await Promise.all([...this.#made].map(([folder, { file }]) => file.catch(() => {}).then(() => this.forget(folder))))
  }

  #begin(folder: string, archive: Archive): Made {
    const made: Made = { file: this.#inTurn(() => this.#run(folder, archive)), cancelDeleting: null }
    this.#made.set(folder, made)
    made.file.catch(() => {
      if (this.#made.get(folder) === made) this.#made.delete(folder)
    })
    return made
  }

  async #inTurn(task: () => Promise<string>): Promise<string> {
    if (this.#busy >= MAX_AT_ONCE) {
      if (this.#turns.length >= MAX_WAITING) throw new NearcastError('server-full', 'Too many files are being made.')
      await new Promise<void>((resolve) => this.#turns.push(resolve))
    }
    if (this.#closed) throw new NearcastError('shutting-down')
    this.#busy += 1
    try {
      return await task()
    } finally {
      this.#busy -= 1
      this.#turns.shift()?.()
    }
  }

  async #run(folder: string, archive: Archive): Promise<string> {
    const { ffmpegPath, clock, log } = this.#options
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < archive.bytes * ROOM)
      throw new NearcastError('server-full', 'The disk has no room for the file.')
    const unfinished = join(folder, UNFINISHED)
    const input = { url: 'pipe:0', options: ['-hide_banner', '-nostats', '-loglevel', 'level+error', '-f', 'mp4'] }
    const output = ['-map', '0', '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4']
    const ffmpeg = await FfmpegProcess.create({
      ffmpegPath,
      command: { input, outputs: [output], file: unfinished },
      onOutput: () => {},
      clock,
    })
    this.#running.add(ffmpeg)
    try {
      const began = clock.now()
      const pieces = planMp4(archive.renditions, archive.segments)
      await ffmpeg.feed(mp4Stream(pieces, (rendition, name) => readFrom(archive, rendition, name)))
      const exit = await ffmpeg.closed
      if (exit.code !== 0) throw new Error(describeExit(exit))
      await rename(unfinished, join(folder, FILE))
      log.info({ ms: Math.round(clock.now() - began), bytes: archive.bytes }, 'recording made into one file')
      return join(folder, FILE)
    } catch (error) {
      const exit = await ffmpeg.stop()
      await rm(unfinished, { force: true })
      log.error({ error: String(error), exit: describeExit(exit) }, 'a recording could not be made into one file')
      throw new NearcastError(this.#closed ? 'shutting-down' : 'internal', 'The file could not be made.')
    } finally {
      this.#running.delete(ffmpeg)
    }
  }
}

async function readFrom(archive: Archive, rendition: string, name: string): Promise<Buffer> {
  const bytes = await readWhole(archive.find(rendition, name))
  if (!bytes) throw new Error(`${rendition}/${name} is gone`)
  return bytes
}
