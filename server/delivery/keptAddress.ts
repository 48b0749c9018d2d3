/** In charge of the addresses of playlists of what is on disk. No I/O. */

export type KeptAddress =
  /** The multivariant playlist of the window. */
  | { readonly kind: 'window'; readonly id: string }
  /** The link to a broadcast itself: what it means depends on whether it is over. */
  | { readonly kind: 'index'; readonly id: string }
  | { readonly kind: 'media'; readonly id: string; readonly rendition: string; readonly file: 'window' | 'recording' }

/** See hlsAddress: nothing here is ever percent-encoded. */
const form = /^\/hls\/([\w-]{16})\/(?:(index|window)\.m3u8|([\w-]{1,32})\/(window|recording)\.m3u8)$/

/** Null for what is no address of ours. `path` is without the query. */
export function parseKeptAddress(path: string): KeptAddress | null {
  const [matched, id, multivariant, rendition, file] = form.exec(path) ?? []
  if (matched === undefined || id === undefined) return null
  if (multivariant === 'index' || multivariant === 'window') return { kind: multivariant, id }
  if (rendition === undefined) return null
  return { kind: 'media', id, rendition, file: file === 'window' ? 'window' : 'recording' }
}
