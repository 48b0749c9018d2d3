/** In charge of one version of a media playlist in the forms in which it is sent, each made once and shared by all. */
import { gzipSync } from 'node:zlib'
import type { LivePlaylist } from './HlsDirectory.ts'
import { type HeaderBlock, playlistHeaders } from './hlsHeaders.ts'

/** A body, and the header blocks that it is sent with. */
export interface PlaylistForm {
  readonly body: Buffer
  /** For what there is now: short-lived. */
  readonly newest: HeaderBlock
  /** For what a URL asked for that will never mean anything else. */
  readonly awaited: HeaderBlock
}

/** A playlist of 4 KB shrinks to an eighth at the lowest level already, in a third of the default level's time. */
const GZIP_LEVEL = 1

/** Target durations that a cache may keep the answer to a blocking request: 8216bis, 6.2.5.2. */
const AWAITED_TARGETS = 6

export class PlaylistEdition {
  readonly playlist: LivePlaylist
  /** Weak, since it is the same for the compressed and the plain form. */
  readonly etag: string
  /** Full and delta, plain and compressed. */
  readonly #forms: (PlaylistForm | undefined)[] = []

  /** @param run tells this packager's versions from those of others */
  constructor(playlist: LivePlaylist, run: string) {
    this.playlist = playlist
    this.etag = `W/"${run}-${playlist.version}"`
  }

  form(skip: boolean, gzip: boolean): PlaylistForm {
    const slot = (skip ? 2 : 0) + (gzip ? 1 : 0)
    const known = this.#forms[slot]
    if (known) return known
    const form = this.#make(skip, gzip)
    this.#forms[slot] = form
    return form
  }

  #make(skip: boolean, gzip: boolean): PlaylistForm {
    const { playlist, etag } = this
    const text = skip ? playlist.delta() : playlist.text()
    if (skip && text === playlist.text()) return this.form(false, gzip)
    const body = gzip ? gzipSync(text, { level: GZIP_LEVEL }) : Buffer.from(text)
    const maxAge = AWAITED_TARGETS * playlist.targetDuration
    const headers = { etag, gzip, length: body.byteLength }
    return { body, newest: playlistHeaders(headers), awaited: playlistHeaders({ ...headers, maxAge }) }
  }
}
