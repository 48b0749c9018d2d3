/**
 * In charge of what the first playlist offers. hls.js never reads it again, but layers, the camera or the microphone may
 * come and go at any time: this looks, and says when there is more than the player knows, or less.
 */
import type { CancelTimer, Clock } from '../lib/clock.ts'

export interface HlsOfferOptions {
  /** Absolute URL of the multivariant playlist. */
  readonly url: string
  readonly clock: Clock
  /** There is something that the player has never heard of: it has to begin anew. */
  readonly onMore: () => void
  /** Which of the media playlists that the player knows are listed now; said when that has changed. */
  readonly onListed: (urls: ReadonlySet<string>) => void
  /** Resolves with the text of the playlist, or null when it cannot be had. */
  readonly read?: (url: string) => Promise<string | null>
}

/** Milliseconds between two looks: short while there is no picture or no sound, since somebody waits for that. */
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
  #listed = ''
  #cancel: CancelTimer | undefined
  #closed = false

  constructor(options: HlsOfferOptions) {
    this.#options = options
    this.#read = options.read ?? readText
  }

  /** What the player has read: media playlists of any kind. `lacks`: no picture among them, or no sound. */
  know(urls: Iterable<string>, lacks: boolean): void {
    const { url, clock } = this.#options
    this.#known = new Set([...urls].map((each) => withoutQuery(each, url)))
    this.#listed = [...this.#known].sort().join()
    this.#cancel?.()
    if (!this.#closed) this.#cancel = clock.every(lacks ? LACKING_INTERVAL_MS : INTERVAL_MS, () => void this.#look())
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  async #look(): Promise<void> {
    const { url, onMore, onListed } = this.#options
    const known = this.#known
    const text = await this.#read(url)
    // It may have begun anew meanwhile, and know more.
    if (this.#closed || text === null || known === null || known !== this.#known) return
    const listed = mediaPlaylistsOf(text, url)
    if ([...listed].some((each) => !known.has(each))) {
      this.#cancel?.()
      onMore()
      return
    }
    const now = [...listed].sort().join()
    if (now === this.#listed) return
    this.#listed = now
    onListed(listed)
  }
}

async function readText(url: string): Promise<string | null> {
  const answer = await fetch(url).catch(() => null)
  return answer?.ok ? await answer.text().catch(() => null) : null
}

function withoutQuery(url: string, base: string): string {
  const { origin, pathname } = new URL(url, base)
  return origin + pathname
}
