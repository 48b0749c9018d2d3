/** What is kept of one broadcast on disk: chunks in a folder, found by name, read by range, listed in playlists. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import type { RenditionFacts } from '../packager/multivariantPlaylist.ts'
import type { ArchivedRendition, ArchivedSegment } from './archiveIndex.ts'
import { renderArchiveManifest } from './archiveManifest.ts'
import {
  fromFirstPicture,
  offeredRenditions,
  type PlaylistKind,
  renderArchivePlaylist,
  renderArchiveVariants,
  standIns,
} from './archivePlaylist.ts'
import { Chunk, type ListedSegment } from './Chunk.ts'
import { makeFiller } from './fillers.ts'
import { fillHoles } from './fillHoles.ts'
import type { KeptPlaylist } from './KeptMedia.ts'
import { readWhole, type StoredBytes, storedInFile, storedInMemory } from './storedBytes.ts'

/** What a playlist shows. `from` is the oldest wall clock of a segment, in milliseconds. */
export interface PlaylistView {
  readonly kind: PlaylistKind
  readonly from: number
}

/** A new chunk begins when one of these is reached. */
export interface ChunkLimits {
  readonly bytes: number
  /** Milliseconds. */
  readonly time: number
}

/** Writes (`append`, `trim`, `seal`, `remove`) must not overlap; reading is always possible. */
export class Archive {
  readonly #folder: string
  #chunks: readonly Chunk[]
  /** Segments by file name, each with the chunk it is in. */
  readonly #byName = new Map<string, { chunk: Chunk; segment: ArchivedSegment }>()
  readonly #rendered = new Map<string, KeptPlaylist>()
  readonly #offered = new Map<PlaylistKind, readonly RenditionFacts[]>()
  #manifest: { readonly baseUrl: string; readonly text: Promise<string> } | null = null
  #segments: readonly ArchivedSegment[] | null = null
  #filled: readonly ArchivedSegment[] | null = null
  /** Takes what comes; null until something comes. */
  #open: Chunk | null = null
  /** The next segment goes on where something broke off: at a start after a crash. */
  #breakNext: boolean
  #nextNumber: number
  /** Chunks up to this number are there to stay. */
  #keptNumber = 0

  /** Reads what is in the folder, which need not exist. @throws what the file system says */
  static async open(folder: string): Promise<Archive> {
    const names = await readdir(folder).catch(() => [])
    const numbers = names.map((name) => Number(/^(\d{6})\.index$/.exec(name)?.[1] ?? Number.NaN))
    const chunks: Chunk[] = []
    for (const number of numbers.filter(Number.isInteger).toSorted((a, b) => a - b)) {
      const chunk = await Chunk.read(folder, number)
      if (chunk) chunks.push(chunk)
    }
    return new Archive(folder, chunks, Math.max(0, ...numbers.filter(Number.isInteger)) + 1)
  }

  private constructor(folder: string, chunks: readonly Chunk[], nextNumber: number) {
    this.#folder = folder
    this.#chunks = chunks
    this.#nextNumber = nextNumber
    this.#breakNext = chunks.some((chunk) => chunk.segments.length > 0)
    for (const chunk of chunks) {
      for (const segment of chunk.segments) this.#byName.set(segment.name, { chunk, segment })
    }
  }

  /** On disk. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
  }

  /** Oldest first. */
  get segments(): readonly ArchivedSegment[] {
    this.#segments ??= this.#chunks.flatMap((chunk) => chunk.segments)
    return this.#segments
  }

  /** As last described, in the order in which they came. */
  get renditions(): ArchivedRendition[] {
    const renditions = new Map<string, ArchivedRendition>()
    for (const chunk of this.#chunks) for (const each of chunk.renditions) renditions.set(each.id, each)
    return [...renditions.values()]
  }

  /** Seconds of media, interruptions not counted. */
  get duration(): number {
    return this.segments.reduce((sum, segment) => sum + segment.duration, 0)
  }

  /** Whole seconds: the longest of all chunks. */
  get targetDuration(): number {
    return Math.max(1, ...this.#chunks.map((chunk) => chunk.head.targetDuration))
  }

  /** An init segment or a segment by file name; null for what is not here, was deleted or is a gap. */
  find(rendition: string, name: string): StoredBytes | null {
    const found = this.#byName.get(name)
    const track = found?.segment.tracks.get(rendition)
    if (found && track) return track.bytes > 0 ? storedInFile(found.chunk.mediaPath, track) : null
    for (const chunk of this.#chunks.toReversed()) {
      const init = chunk.init(rendition, name)
      if (init) return storedInFile(chunk.mediaPath, init)
    }
    return null
  }

  /**
   * What fills a hole where nothing comes any more; null where there is none, or what it is made of was deleted. While more
   * comes, what it is made of may change, and one address must not have two contents.
   */
  async filler(rendition: string, name: string): Promise<StoredBytes | null> {
    const segment = this.#withoutHoles.find((each) => each.name === name)
    const track = segment?.tracks.get(rendition)
    if (!segment || !track?.fill || track.init === null) return null
    // Deleted while it is read is as good as deleted before.
    const read = (file: string) => readWhole(this.find(rendition, file)).catch(() => null)
    const [init, media] = await Promise.all([read(track.init), read(track.fill)])
    if (!init || !media) return null
    const { start, length } = track
    return storedInMemory(makeFiller({ init, media, start, length, sequence: segment.ordinal + 1 }))
  }

  /** The multivariant playlist; null while there is nothing to play. */
  multivariant(view: PlaylistView, session?: string): KeptPlaylist | null {
    const { kind } = view
    const offered = this.#offered.get(kind) ?? offeredRenditions(this.renditions, this.#seen(view))
    this.#offered.set(kind, offered)
    if (offered.length === 0) return null
    if (session !== undefined) return { text: renderArchiveVariants(offered, kind, session) }
    return this.#cached(kind, () => renderArchiveVariants(offered, kind))
  }

  /** A rendition's media playlist; null for what never had a segment. Rendered once a change. */
  playlist(rendition: string, view: PlaylistView): KeptPlaylist | null {
    return this.#cached(`${view.kind}/${rendition}`, () => {
      const segments = this.#seen(view)
      if (!segments.some((segment) => segment.tracks.has(rendition))) return null
      const { targetDuration } = this
      const others = standIns(this.renditions, rendition)
      return renderArchivePlaylist({ rendition, standIns: others, targetDuration, segments, kind: view.kind })
    })
  }

  /** The DASH manifest of all there is; null while there is nothing to play. Rendered once a change. */
  async manifest(baseUrl: string): Promise<string | null> {
    const offered = this.#offered.get('recording') ?? offeredRenditions(this.renditions, this.#withoutHoles)
    if (offered.length === 0) return null
    if (this.#manifest?.baseUrl !== baseUrl) this.#manifest = { baseUrl, text: this.#renderManifest(offered, baseUrl) }
    return this.#manifest.text
  }

  /**
   * Adds one segment of all renditions, in a new chunk where a limit is reached. After a rejection the archive takes no
   * more, and what it had stays readable. @throws what the file system says
   */
  async append(
    listed: readonly ListedSegment[],
    facts: readonly ArchivedRendition[],
    { targetDuration, limits }: { targetDuration: number; limits: ChunkLimits },
  ): Promise<void> {
    const [first] = listed
    if (!first) return
    const last = this.segments.at(-1)
    const ordinal = (last?.ordinal ?? -1) + 1
    const discontinuity = first.segment.discontinuity || this.#breakNext
    const discontinuitySequence = (last?.discontinuitySequence ?? 0) + (discontinuity ? 1 : 0)
    const chunk = await this.#chunkFor(first.segment.startsAt, targetDuration, limits)
    const segment = await chunk.append({ ordinal, discontinuity, discontinuitySequence }, listed, facts)
    if (!segment) return
    this.#breakNext = false
    this.#byName.set(segment.name, { chunk, segment })
    this.#forgetRendered()
  }

  /** Deletes the oldest chunks while all in them is older than `before` (wall clock, ms) or all together exceed `bytes`. */
  async trim({ before, bytes }: { before: number; bytes: number }): Promise<void> {
    for (;;) {
      const oldest = this.#chunks.find((chunk) => chunk.number > this.#keptNumber)
      if (!oldest || oldest === this.#open) return
      const newest = oldest.segments.at(-1)
      const isOld = !newest || newest.startsAt + newest.duration * 1000 < before
      const counted = this.#chunks.filter((chunk) => chunk.number > this.#keptNumber)
      if (!isOld && counted.reduce((sum, chunk) => sum + chunk.bytes, 0) <= bytes) return
      await this.#delete(oldest)
    }
  }

  /** Nothing of what is there now will be trimmed; what comes lies apart from it. */
  async keepSoFar(): Promise<void> {
    await this.seal()
    this.#keptNumber = this.#nextNumber - 1
  }

  /** Deletes what came after `keepSoFar`. */
  async dropAfterKept(): Promise<void> {
    await this.seal()
    for (const chunk of this.#chunks.filter(({ number }) => number > this.#keptNumber)) await this.#delete(chunk)
  }

  /** Nothing more comes for now: closes the files. */
  async seal(): Promise<void> {
    const chunk = this.#open
    this.#open = null
    await chunk?.seal()
  }

  /** Deletes everything. */
  async remove(): Promise<void> {
    await this.seal()
    this.#chunks = []
    this.#byName.clear()
    this.#forgetRendered()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #chunkFor(startsAt: number, targetDuration: number, limits: ChunkLimits): Promise<Chunk> {
    const current = this.#open
    const began = current?.segments[0]?.startsAt ?? startsAt
    const isFull = current !== null && (current.bytes >= limits.bytes || startsAt - began >= limits.time)
    if (current && !isFull && current.head.targetDuration === targetDuration) return current
    await this.seal()
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const chunk = await Chunk.create(this.#folder, this.#nextNumber++, targetDuration)
    this.#open = chunk
    this.#chunks = [...this.#chunks, chunk]
    return chunk
  }

  async #delete(chunk: Chunk): Promise<void> {
    this.#chunks = this.#chunks.filter((each) => each !== chunk)
    for (const { name } of chunk.segments) this.#byName.delete(name)
    this.#forgetRendered()
    await chunk.remove()
  }

  get #withoutHoles(): readonly ArchivedSegment[] {
    this.#filled ??= fillHoles(this.renditions, this.segments)
    return this.#filled
  }

  /** Holes are filled where nothing more comes. */
  #seen({ kind, from }: PlaylistView): readonly ArchivedSegment[] {
    const segments = kind === 'window' ? this.segments : this.#withoutHoles
    const recent = segments.filter((segment) => segment.startsAt >= from)
    return kind === 'window' ? fromFirstPicture(this.renditions, recent) : recent
  }

  #cached(key: string, render: () => string | null): KeptPlaylist | null {
    const cached = this.#rendered.get(key)
    if (cached) return cached
    const text = render()
    if (text === null) return null
    const playlist = { text }
    this.#rendered.set(key, playlist)
    return playlist
  }

  #forgetRendered(): void {
    this.#rendered.clear()
    this.#offered.clear()
    this.#segments = null
    this.#filled = null
    this.#manifest = null
  }

  async #renderManifest(offered: readonly RenditionFacts[], baseUrl: string): Promise<string> {
    const { targetDuration } = this
    const segments = this.#withoutHoles
    const inits = new Map<string, Buffer>()
    for (const { tracks } of segments) {
      for (const [id, { init }] of tracks) {
        const key = `${id}/${init}`
        if (init === null || inits.has(key)) continue
        inits.set(key, (await readWhole(this.find(id, init))) ?? Buffer.alloc(0))
      }
    }
    const init = (id: string, name: string) => inits.get(`${id}/${name}`) ?? Buffer.alloc(0)
    return renderArchiveManifest({ segments, offered, targetDuration, baseUrl, init })
  }
}
