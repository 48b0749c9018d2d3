/** One piece of an archive: a media file that is only appended to, and beside it the index that says what lies where. */
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Segment } from '../packager/SegmentStore.ts'
import {
  type ArchivedRendition,
  type ArchivedSegment,
  type ArchivedTrack,
  type ChunkHead,
  derived,
  type IndexLine,
  readIndexLines,
  writeIndexLine,
} from './archiveIndex.ts'

/** A segment as the packager lists it. */
export interface ListedSegment {
  readonly rendition: string
  readonly segment: Segment
}

interface Place {
  readonly offset: number
  readonly bytes: number
}

interface Files {
  readonly media: FileHandle
  readonly index: FileHandle
}

/**
 * Bytes are written before the line that speaks of them, so that a server may be killed at any moment: what the index says
 * is there. Writes must not overlap. Everything an index line names is in the same chunk: chunks can be deleted one by one.
 */
export class Chunk {
  readonly number: number
  readonly head: ChunkHead
  readonly #folder: string
  readonly #segments: ArchivedSegment[] = []
  readonly #renditions = new Map<string, ArchivedRendition>()
  readonly #inits = new Map<string, Place>()
  #files: Files | null = null
  #mediaBytes = 0
  #indexBytes = 0

  /** Makes the two files, which must not exist. @throws what the file system says */
  static async create(folder: string, number: number, targetDuration: number): Promise<Chunk> {
    const chunk = new Chunk(folder, number, { type: 'chunk', version: 1, targetDuration })
    const media = await open(chunk.mediaPath, 'wx', 0o600)
    try {
      chunk.#files = { media, index: await open(chunk.#indexPath, 'wx', 0o600) }
      await chunk.#write([], [chunk.head])
      return chunk
    } catch (error) {
      await chunk.#files?.index.close()
      await media.close()
      throw error
    }
  }

  /** Reads what a server before this one wrote; null when not even its first line is whole. */
  static async read(folder: string, number: number): Promise<Chunk | null> {
    const path = join(folder, String(number).padStart(6, '0'))
    const [head, ...lines] = readIndexLines(await readFile(`${path}.index`, 'utf8').catch(() => ''))
    if (head?.type !== 'chunk') return null
    const chunk = new Chunk(folder, number, head)
    const { size } = await stat(chunk.mediaPath).catch(() => ({ size: 0 }))
    for (const line of lines) {
      // A power cut may keep a line and lose bytes.
      if (endOf(line) > size) break
      chunk.#note(line)
    }
    chunk.#mediaBytes = size
    chunk.#indexBytes = lines.reduce((sum, line) => sum + writeIndexLine(line).length, 0)
    return chunk
  }

  private constructor(folder: string, number: number, head: ChunkHead) {
    this.#folder = folder
    this.number = number
    this.head = head
  }

  get mediaPath(): string {
    return join(this.#folder, `${String(this.number).padStart(6, '0')}.media`)
  }

  /** On disk, both files. */
  get bytes(): number {
    return this.#mediaBytes + this.#indexBytes
  }

  /** Oldest first. */
  get segments(): readonly ArchivedSegment[] {
    return this.#segments
  }

  get renditions(): Iterable<ArchivedRendition> {
    return this.#renditions.values()
  }

  /** Where an init segment's bytes are, or null. */
  init(rendition: string, name: string): Place | null {
    return this.#inits.get(`${rendition}/${name}`) ?? null
  }

  /**
   * Adds one segment of all renditions. When it rejects, nothing is known of it and the chunk takes no more.
   * @throws what the file system says
   */
  async append(
    order: Pick<ArchivedSegment, 'ordinal' | 'discontinuitySequence' | 'discontinuity'>,
    listed: readonly ListedSegment[],
    facts: readonly ArchivedRendition[],
  ): Promise<ArchivedSegment | null> {
    const [first] = listed
    if (!first) return null
    const buffers: Buffer[] = []
    const lines: IndexLine[] = []
    let offset = this.#mediaBytes
    const place = (bytes: readonly Buffer[]): Place => {
      buffers.push(...bytes)
      const size = sizeOf(bytes)
      offset += size
      return { offset: offset - size, bytes: size }
    }
    for (const fact of facts.map(described)) {
      if (JSON.stringify(fact) !== JSON.stringify(this.#renditions.get(fact.id))) {
        lines.push({ type: 'rendition', ...fact })
      }
    }
    const tracks = new Map<string, ArchivedTrack>()
    for (const { rendition, segment } of listed) {
      const { init, startsAt, start, length, timescale } = segment
      if (init && !this.#inits.has(`${rendition}/${init.name}`)) {
        lines.push({ type: 'init', rendition, name: init.name, ...place([init.bytes]) })
      }
      const bytes = place(segment.parts.map((part) => part.bytes))
      tracks.set(rendition, { init: init?.name ?? null, startsAt, start, length, timescale, ...bytes })
    }
    const segment: ArchivedSegment = { ...order, name: first.segment.name, tracks, ...derived(tracks) }
    lines.push({ type: 'segment', ...segment })
    await this.#write(buffers, lines)
    for (const line of lines) this.#note(line)
    return segment
  }

  /** Closes the files; what was written can be read. */
  async seal(): Promise<void> {
    const files = this.#files
    this.#files = null
    await files?.media.close()
    await files?.index.close()
  }

  /** Deletes both files. Whoever reads one already may go on. */
  async remove(): Promise<void> {
    await this.seal()
    await rm(this.#indexPath, { force: true })
    await rm(this.mediaPath, { force: true })
  }

  get #indexPath(): string {
    return this.mediaPath.replace(/media$/, 'index')
  }

  #note(line: IndexLine): void {
    if (line.type === 'rendition') {
      const { type: _type, ...rendition } = line
      this.#renditions.set(rendition.id, rendition)
    } else if (line.type === 'init') {
      this.#inits.set(`${line.rendition}/${line.name}`, { offset: line.offset, bytes: line.bytes })
    } else if (line.type === 'segment') {
      const { type: _type, ...segment } = line
      this.#segments.push(segment)
    }
  }

  async #write(media: readonly Buffer[], lines: readonly IndexLine[]): Promise<void> {
    const files = this.#files
    if (!files) throw new Error('the chunk is sealed')
    try {
      await writeAll(files.media, media)
      this.#mediaBytes += sizeOf(media)
      const text = Buffer.from(lines.map(writeIndexLine).join(''))
      await writeAll(files.index, [text])
      this.#indexBytes += text.length
    } catch (error) {
      await this.seal()
      throw error
    }
  }
}

/** Nothing of what a caller knows besides. */
function described({ id, kind, codecs, width, height, frameRate, channels }: ArchivedRendition): ArchivedRendition {
  return { id, kind, codecs, width, height, frameRate, channels }
}

/** A write may take less than all: on a disk that fills up the next one says why. */
async function writeAll(file: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  let rest = buffers.filter((buffer) => buffer.length > 0)
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest)
    rest = rest.flatMap((buffer) => {
      const taken = Math.min(bytesWritten, buffer.length)
      bytesWritten -= taken
      return taken < buffer.length ? [buffer.subarray(taken)] : []
    })
  }
}

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
}

/** Last byte of the media file that a line speaks of, plus one. */
function endOf(line: IndexLine): number {
  if (line.type === 'init') return line.offset + line.bytes
  if (line.type !== 'segment') return 0
  return Math.max(...[...line.tracks.values()].map(({ offset, bytes }) => offset + bytes))
}
