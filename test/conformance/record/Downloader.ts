/** In charge of the media that one playlist lists: everything is downloaded once, read, and compared. */
import { MediaError } from '../media/boxes.ts'
import { readFragments } from '../media/fragments.ts'
import { readInit } from '../media/init.ts'
import type { ListedPart, ListedSegment, MediaPlaylist } from '../playlist/model.ts'
import { type Answer, fingerprint, type HttpClient } from './http.ts'
import {
  type FileRecord,
  type HintRecord,
  type InitRecord,
  note,
  type PartRecord,
  type Recording,
  type RenditionRecord,
  resolveUrl,
  type SegmentRecord,
  type Snapshot,
} from './Record.ts'

/** Every how manieth part that came by a hint is asked for again. */
const AGAIN_EVERY = 5
/** Seconds by which durations of parts may miss that of their segment, by rounding in the playlist. */
const ROUNDING = 0.005

export class Downloader {
  readonly #recording: Recording
  readonly #rendition: RenditionRecord
  readonly #http: HttpClient
  readonly #signal: AbortSignal
  readonly #inits = new Map<string, Promise<InitRecord>>()
  readonly #hints = new Map<string, { record: HintRecord | null; done: Promise<{ file: FileRecord; body: Buffer }> }>()
  readonly #segments = new Set<number>()
  readonly #parts = new Map<string, PartRecord>()
  readonly #partsOf = new Map<number, PartRecord[]>()
  /** Bytes of parts whose segment has not come yet. */
  readonly #bytes = new Map<string, Promise<Buffer | null>>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(recording: Recording, rendition: RenditionRecord, http: HttpClient, signal: AbortSignal) {
    this.#recording = recording
    this.#rendition = rendition
    this.#http = http
    this.#signal = signal
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  take({ playlist, exchange }: Snapshot): void {
    const now = exchange.endedAt
    const base = exchange.url
    for (const hint of playlist.hints) if (hint.type === 'PART') this.#askAhead(resolveUrl(hint.uri, base), playlist)
    const listed = new Set<string>()
    for (const segment of [...playlist.segments, ...(playlist.underWay ? [playlist.underWay] : [])]) {
      for (const [index, part] of segment.parts.entries()) {
        const url = resolveUrl(part.uri, base)
        listed.add(url)
        if (!this.#parts.has(url)) this.#addPart(segment, index, part, url, base, now)
      }
      if (segment.uri !== null && !this.#segments.has(segment.msn)) this.#addSegment(segment, base, now)
    }
    for (const part of this.#parts.values()) if (!listed.has(part.url)) part.removedAt ??= now
    this.#forget(playlist)
  }

  #addPart(segment: ListedSegment, index: number, listed: ListedPart, url: string, base: string, now: number): void {
    const { msn } = segment
    const hint = this.#hints.get(url)
    const facts = { msn, index, listed, url, listedAt: now, removedAt: null, file: null, again: null }
    const part: PartRecord = { ...facts, hinted: hint !== undefined }
    this.#parts.set(url, part)
    this.#rendition.parts.push(part)
    this.#partsOf.set(msn, [...(this.#partsOf.get(msn) ?? []), part])
    if (listed.gap) return
    this.#keep(url, this.#loadPart(part, hint?.done, this.#init(segment, base)))
    if (hint?.record) hint.record.listedAt ??= now
  }

  async #loadPart(
    part: PartRecord,
    hinted: Promise<{ file: FileRecord; body: Buffer }> | undefined,
    init: Promise<InitRecord | null>,
  ): Promise<Buffer | null> {
    let early = await hinted
    if (early?.file.exchange.status !== 200) early = undefined
    const direct = !early || part.index % AGAIN_EVERY === 0 ? await this.#load(part.url) : null
    const facts = await init
    if (direct) {
      const file = read(direct, facts)
      if (early) part.again = file
      else part.file = file
    }
    if (!early) part.hinted = false
    if (early) part.file = read({ exchange: early.file.exchange, body: early.body }, facts)
    const body = early?.body ?? direct?.body ?? null
    return part.file?.exchange.status === 200 ? body : null
  }

  #addSegment(listed: ListedSegment, base: string, now: number): void {
    const url = resolveUrl(listed.uri ?? '', base)
    this.#segments.add(listed.msn)
    this.#track(
      this.#init(listed, base).then(async (init) => {
        const parts = this.#partsOf.get(listed.msn) ?? []
        const segment: SegmentRecord = { listed, url, init, listedAt: now, file: null, parts, joined: null }
        this.#rendition.segments.set(listed.msn, segment)
        if (listed.gap) return
        const answer = await this.#load(url, listed)
        segment.file = read(answer, init, listed.range !== null)
        if (answer.exchange.status === 200) await this.#join(segment, answer.body)
      }),
    )
  }

  /** Compares the parts, one behind the other, with the segment. */
  async #join(segment: SegmentRecord, whole: Buffer): Promise<void> {
    const parts = [...segment.parts].sort((a, b) => a.index - b.index)
    const bytes = await Promise.all(parts.map(({ url }) => this.#bytes.get(url) ?? null))
    const length = parts.reduce((sum, { listed }) => sum + listed.duration, 0)
    const seen = parts.length > 0 && Math.abs(length - (segment.listed.duration ?? 0)) < ROUNDING * parts.length
    const there = bytes.filter((part) => part !== null)
    if (seen && there.length === parts.length) segment.joined = Buffer.concat(there).equals(whole)
    for (const { url } of parts) this.#bytes.delete(url)
  }

  /** Asks for a part before it exists. */
  #askAhead(url: string, playlist: MediaPlaylist): void {
    if (this.#hints.has(url) || this.#parts.has(url) || playlist.ended) return
    const timeout = playlist.targetDuration * 4000 + 10_000
    const done = this.#http.send(url, { signal: this.#signal, timeout }).then((answer) => {
      if (!this.#signal.aborted || answer.exchange.status > 0) {
        note(this.#recording, 'media', answer.exchange)
        const part = this.#parts.get(url)
        // Listed as a gap, it was never made.
        const listedAt = part && !part.listed.gap ? part.listedAt : null
        entry.record = { url, file: read(answer, null), listedAt }
        this.#rendition.hints.push(entry.record)
      }
      return { file: read(answer, null), body: answer.body }
    })
    const entry: { record: HintRecord | null; done: typeof done } = { record: null, done }
    this.#hints.set(url, entry)
    this.#track(done)
  }

  #init(segment: ListedSegment, base: string): Promise<InitRecord | null> {
    if (segment.map === null) return Promise.resolve(null)
    const url = resolveUrl(segment.map, base)
    const known = this.#inits.get(url)
    if (known) return known
    const loaded = this.#load(url).then(({ exchange, body }) => {
      const init: InitRecord = { exchange, ...attempt(() => readInit(body)) }
      this.#rendition.inits.set(url, init)
      return init
    })
    this.#inits.set(url, loaded)
    this.#track(loaded)
    return loaded
  }

  async #load(url: string, { range }: Partial<ListedSegment> = {}): Promise<Answer> {
    const headers = range ? { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {}
    const answer = await this.#http.send(url, { headers })
    note(this.#recording, 'media', answer.exchange)
    return answer
  }

  #keep(url: string, bytes: Promise<Buffer | null>): void {
    this.#bytes.set(url, bytes)
    this.#track(bytes)
  }

  #track(work: Promise<unknown>): void {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work)).catch(() => {})
  }

  /** What no playlist will name again is needed for nothing more. */
  #forget({ mediaSequence }: MediaPlaylist): void {
    for (const [url, { msn }] of this.#parts) {
      if (msn >= mediaSequence - 2) continue
      this.#bytes.delete(url)
      this.#hints.delete(url)
      this.#parts.delete(url)
    }
    for (const msn of this.#partsOf.keys()) if (msn < mediaSequence - 2) this.#partsOf.delete(msn)
  }
}

function read({ exchange, body }: Answer, init: InitRecord | null, allowCut = false): FileRecord {
  const good = exchange.status === 200 || exchange.status === 206
  if (!good) return { exchange, fingerprint: null, facts: null, problem: exchange.error ?? `status ${exchange.status}` }
  const { facts: initFacts } = init ?? {}
  if (!initFacts) return { exchange, fingerprint: fingerprint(body), facts: null, problem: 'no init segment' }
  return { exchange, fingerprint: fingerprint(body), ...attempt(() => readFragments(body, initFacts, allowCut)) }
}

/** Whatever bytes a server sends, the recording goes on. */
function attempt<T>(work: () => T): { facts: T | null; problem: string | null } {
  try {
    return { facts: work(), problem: null }
  } catch (error) {
    if (error instanceof MediaError) return { facts: null, problem: error.message }
    if (error instanceof RangeError) return { facts: null, problem: `unreadable: ${error.message}` }
    throw error
  }
}
