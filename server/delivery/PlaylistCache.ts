/** In charge of what is computed from the text of a playlist, once for each version of it however many ask. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** A version of a playlist in the forms in which it is sent. */
export interface PlaylistBytes {
  readonly plain: Buffer
  /** Strong for neither form, so weak for both: the same playlist, compressed or not. */
  readonly etag: string
  gzipped(): Promise<Buffer>
}

const compress = promisify(gzip)

/** Keeps the versions that were asked for last: a new one comes every segment and old ones are never asked for again. */
export class PlaylistCache {
  readonly #maxEntries: number
  readonly #entries = new Map<string, PlaylistBytes>()

  constructor(maxEntries = 64) {
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  get(text: string): PlaylistBytes {
    const entry = this.#entries.get(text) ?? makePlaylistBytes(text)
    this.#entries.delete(text)
    this.#entries.set(text, entry)
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return entry
  }
}

/** The same without keeping it, for playlists that are made for one viewer. */
export function makePlaylistBytes(text: string): PlaylistBytes {
  const plain = Buffer.from(text)
  let gzipped: Promise<Buffer> | undefined
  return {
    plain,
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    gzipped: () => {
      gzipped ??= compress(plain)
      return gzipped
    },
  }
}
