/**
 * In charge of what the first playlist offers. hls.js never reads it again, but layers, the camera or the microphone may
 * come and go at any time: this looks, and says when there is more than the player knows, or less, or no picture of it any
 * more, for which a player that has pictures would wait in silence.
 */
import type { CancelTimer, Clock } from '../lib/clock.ts'

export interface HlsOfferOptions {
  /** Absolute URL of the multivariant playlist. */
  readonly url: string
  readonly clock: Clock
  /**
   * There is something that the player has never heard of, or none of its pictures is left: only one begun anew could play
   * what there is. Said at each look, until `know` or `rest`.
   */
  readonly onOther: () => void
  /** Which of the media playlists that the player knows are listed now; said when that has changed. */
  readonly onListed: (urls: ReadonlySet<string>) => void
  /** Resolves with the text of the playlist, or null when it cannot be had. */
  readonly read?: (url: string) => Promise<string | null>
}

/** Media playlists that the first playlist named, absolute or relative to it. */
export interface Known {
  readonly pictures: readonly string[]
  readonly sounds: readonly string[]
}

/**
 * Milliseconds between two looks: short while there is no picture or no sound, since somebody waits for that. Pictures that
 * are gone for so long are gone; a sender that makes its encoders anew is silent for less.
 */
const LACKING_INTERVAL_MS = 3_000
const INTERVAL_MS = 10_000

/** Absolute URLs of the media playlists that a multivariant playlist lists (RFC 8216, 4.3.4), without their queries. */
export function mediaPlaylistsOf(playlist: string, base: string): Set<string> {
  const listed = playlist.matchAll(/^(?:#EXT-X-MEDIA:.*\bURI="([^"]+)".*|([^#\s].*))$/gm)
  return new Set([...listed].map(([, attribute, line]) => withoutQuery(attribute ?? line ?? '', base)))
}

/** Index of the highest rung that is still listed, for rungs from the lowest up; -1 when the highest of all is, or none. */
export function highestListed(
  rungs: readonly { readonly url: readonly string[] }[],
  listed: ReadonlySet<string>,
): number {
  const highest = rungs.findLastIndex(({ url }) => url.some((each) => listed.has(each.replace(/\?.*$/, ''))))
  return highest === rungs.length - 1 ? -1 : highest
}

export class HlsOffer {
  readonly #options: HlsOfferOptions
  readonly #read: (url: string) => Promise<string | null>
  #known: ReadonlySet<string> | null = null
  #pictures: readonly string[] = []
  #listed = ''
  /** Since when none of the pictures is listed, but something else is; null while it is not so. */
  #goneSince: number | null = null
  #cancel: CancelTimer | undefined
  #cancelSecondLook: CancelTimer | undefined
  #isLooking = false
  #closed = false

  constructor(options: HlsOfferOptions) {
    this.#options = options
    this.#read = options.read ?? readText
  }

  /** What the player has read. */
  know({ pictures, sounds }: Known): void {
    const { url, clock } = this.#options
    this.#pictures = pictures.map((each) => withoutQuery(each, url))
    this.#known = new Set([...this.#pictures, ...sounds.map((each) => withoutQuery(each, url))])
    this.#listed = [...this.#known].sort().join()
    this.#goneSince = null
    this.#stopLooking()
    const lacks = pictures.length === 0 || sounds.length === 0
    if (!this.#closed) this.#cancel = clock.every(lacks ? LACKING_INTERVAL_MS : INTERVAL_MS, () => void this.look())
  }

  /** Looks no more, until it is told what the player has read. */
  rest(): void {
    this.#known = null
    this.#stopLooking()
  }

  close(): void {
    this.#closed = true
    this.#stopLooking()
  }

  /** At once, for somebody who misses something; who asks meanwhile is answered by the look that is under way. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    const { url, onOther, onListed } = this.#options
    const known = this.#known
    this.#isLooking = true
    const text = await this.#read(url)
    this.#isLooking = false
    // It may have begun anew meanwhile, and know more.
    if (this.#closed || text === null || known === null || known !== this.#known) return
    const listed = mediaPlaylistsOf(text, url)
    if ([...listed].some((each) => !known.has(each)) || this.#lacksPictures(listed)) {
      onOther()
      return
    }
    const now = [...listed].sort().join()
    if (now === this.#listed) return
    this.#listed = now
    onListed(listed)
  }

  /** Whether all pictures are gone for good while something else is there. */
  #lacksPictures(listed: ReadonlySet<string>): boolean {
    const isGone = this.#pictures.length > 0 && listed.size > 0 && !this.#pictures.some((each) => listed.has(each))
    const { clock } = this.#options
    if (!isGone) {
      this.#goneSince = null
      this.#cancelSecondLook?.()
    } else if (this.#goneSince === null) {
      this.#goneSince = clock.now()
      this.#cancelSecondLook = clock.after(LACKING_INTERVAL_MS, () => void this.look())
    }
    return this.#goneSince !== null && clock.now() >= this.#goneSince + LACKING_INTERVAL_MS
  }

  #stopLooking(): void {
    this.#cancel?.()
    this.#cancelSecondLook?.()
  }
}

async function readText(url: string): Promise<string | null> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(INTERVAL_MS) }).catch(() => null)
  return answer?.ok ? await answer.text().catch(() => null) : null
}

function withoutQuery(url: string, base: string): string {
  const { origin, pathname } = new URL(url, base)
  return origin + pathname
}
