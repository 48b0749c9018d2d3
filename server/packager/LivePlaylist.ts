/** One version of a rendition's media playlist: what it says, and which requests it satisfies. */
import { renderIframePlaylist } from './iframePlaylist.ts'
import { hintedPart, type MediaPlaylist, renderDeltaUpdate, renderMediaPlaylist } from './mediaPlaylist.ts'
import { countParts } from './SegmentStore.ts'

/** Rendered once, when first asked for; what it says never changes. */
export class LivePlaylist {
  /** Grows with every change of any rendition of the broadcast. */
  readonly version: number
  readonly #playlist: MediaPlaylist
  readonly #lastListed: number
  readonly #partsOfLast: number
  /** File name of the part that comes next; null when none is promised. */
  readonly hint: string | null
  readonly #openParts: number
  #text: string | null = null
  #delta: string | null = null
  #iframes: string | null = null

  constructor(version: number, playlist: MediaPlaylist) {
    const { segments, open, ended } = playlist
    const last = segments.at(-1)
    if (!last) throw new RangeError('a media playlist needs a segment')
    this.version = version
    // The packager goes on with the list of parts; this version has those of now.
    this.#playlist = { ...playlist, open: open && { ...open, parts: [...open.parts], gapParts: [...open.gapParts] } }
    this.#lastListed = last.mediaSequence
    this.#partsOfLast = countParts(last)
    this.#openParts = open ? countParts(open) : 0
    this.hint = ended ? null : hintedPart(open)
  }

  get ended(): boolean {
    return this.#playlist.ended
  }

  /** Whole seconds. */
  get targetDuration(): number {
    return this.#playlist.targetDuration
  }

  /** Seconds. */
  get partTarget(): number {
    return this.#playlist.partTarget
  }

  /** Media sequence number of the newest segment of which there is anything. */
  get lastMediaSequence(): number {
    return this.#openParts > 0 ? this.#lastListed + 1 : this.#lastListed
  }

  /** Index of the newest part of that segment, counted from 0. */
  get lastPart(): number {
    return (this.#openParts > 0 ? this.#openParts : this.#partsOfLast) - 1
  }

  /**
   * Whether a segment, or a part of it, is there. A part index past the end of its segment means part 0 of the next one:
   * 8216bis, 6.2.5.2.
   */
  has(mediaSequence: number, part?: number): boolean {
    if (mediaSequence < this.#lastListed) return true
    if (mediaSequence === this.#lastListed) return part === undefined || part < this.#partsOfLast || this.#openParts > 0
    return mediaSequence === this.#lastListed + 1 && part !== undefined && part < this.#openParts
  }

  /** The I-frame playlist of the same segments, for a rendition with pictures. */
  iframes(): string {
    this.#iframes ??= renderIframePlaylist(this.#playlist)
    return this.#iframes
  }

  text(): string {
    this.#text ??= renderMediaPlaylist(this.#playlist)
    return this.#text
  }

  /** The answer to `_HLS_skip=YES`; equals `text()` when nothing can be skipped. */
  delta(): string {
    this.#delta ??= renderDeltaUpdate(this.#playlist)
    return this.#delta
  }
}
