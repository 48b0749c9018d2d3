/** In charge of a packager of a test: parts come when told to, in renditions `v0` and `audio` alike. */
import type { HlsSource, LivePlaylist } from '../../../server/delivery/HlsDirectory.ts'
import { TypedEmitter } from '../../../server/lib/TypedEmitter.ts'

/** Parts of each segment of a fake playlist: those of whole ones, and of the one under way. */
export interface FakeSegments {
  /** Media sequence number of the first. */
  readonly first: number
  readonly whole: readonly number[]
  readonly open: number
}

/** A playlist that says the numbers of its newest part; its delta is other text when `skips`. */
export function fakePlaylist(
  { first, whole, open }: FakeSegments,
  rest: Partial<Pick<LivePlaylist, 'version' | 'ended' | 'hint'>> & { skips?: boolean } = {},
): LivePlaylist {
  const last = first + whole.length - 1
  const partsOfLast = whole.at(-1) ?? 0
  const has = (msn: number, part?: number): boolean => {
    if (msn < last) return true
    if (msn === last) return part === undefined || part < partsOfLast || open > 0
    return msn === last + 1 && part !== undefined && part < open
  }
  const text = `#EXTM3U\n#${last + 1}.${open}\n`
  return {
    version: 1,
    lastMediaSequence: open > 0 ? last + 1 : last,
    lastPart: (open > 0 ? open : partsOfLast) - 1,
    hint: `run-${last + 1}.${open}.m4s`,
    ended: false,
    targetDuration: 3,
    partTarget: 0.35,
    has,
    text: () => text,
    delta: () => (rest.skips ? `${text}#skipped\n` : text),
    iframes: () => `${text}#pictures\n`,
    ...rest,
  }
}

export class FakeSource extends TypedEmitter<{ progress: []; closed: [] }> implements HlsSource {
  #segments: FakeSegments = { first: 0, whole: [6, 6, 6], open: 2 }
  #version = 1
  #ended = false
  #closed = false
  /** How often a playlist was rendered. */
  renderings = 0

  multivariantPlaylist({ session }: { session?: string } = {}): string {
    return `#EXTM3U\nv0/playlist.m3u8${session ? `?session=${session}` : ''}\n`
  }

  playlist(id: string): LivePlaylist | null {
    if (this.#closed || !['v0', 'audio'].includes(id)) return null
    const hint = this.#ended ? { hint: null } : {}
    const playlist = fakePlaylist(this.#segments, { version: this.#version, ended: this.#ended, skips: true, ...hint })
    const text = () => {
      this.renderings++
      return playlist.text()
    }
    return { ...playlist, text }
  }

  resource(id: string, name: string): readonly Buffer[] | 'gone' | null {
    const [, msn, part] = /^run-(\d+)\.(\d+)\.m4s$/.exec(name) ?? []
    if (msn === undefined || part === undefined) return name === 'old.m4s' ? 'gone' : null
    const { first, whole, open } = this.#segments
    const parts = Number(msn) === first + whole.length ? open : (whole[Number(msn) - first] ?? 0)
    return Number(part) < parts ? [Buffer.from(`${id} ${name}`)] : null
  }

  /** The next part comes; `last` when its segment is whole with it. */
  addPart(last = false): void {
    const { first, whole, open } = this.#segments
    this.#change(last ? { first, whole: [...whole, open + 1], open: 0 } : { first, whole, open: open + 1 })
  }

  /** The segment under way is whole as it is. */
  finishSegment(): void {
    const { first, whole, open } = this.#segments
    this.#change({ first, whole: [...whole, open], open: 0 })
  }

  end(): void {
    this.#ended = true
    this.#change(this.#segments)
  }

  close(): void {
    this.#closed = true
    this.emit('closed')
    this.removeAllListeners()
  }

  #change(segments: FakeSegments): void {
    this.#segments = segments
    this.#version++
    this.emit('progress')
  }
}
