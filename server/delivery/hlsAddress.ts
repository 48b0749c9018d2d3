/** In charge of the addresses below `/hls/`: which broadcast, which rendition, which file. No I/O. */

/** What an address asks for. */
type HlsAddress =
  | { readonly kind: 'multivariant'; readonly id: string }
  | { readonly kind: 'playlist' | 'iframes'; readonly id: string; readonly rendition: string }
  | { readonly kind: 'media'; readonly id: string; readonly rendition: string; readonly name: string }

/** Ids and names are made of characters that are never percent-encoded, so no decoding can change what was matched. */
const form =
  /^\/hls\/([\w-]{16})\/(?:index\.m3u8|([\w-]{1,32})\/(?:(playlist|iframes)\.m3u8|([\w-][\w.-]{0,95}\.(?:mp4|m4s))))$/

/** Null for what is no address of ours. `path` is without the query. */
export function parseHlsAddress(path: string): HlsAddress | null {
  const [matched, id, rendition, playlist, name] = form.exec(path) ?? []
  if (matched === undefined || id === undefined) return null
  if (rendition === undefined) return { kind: 'multivariant', id }
  if (name === undefined) return { kind: playlist === 'iframes' ? 'iframes' : 'playlist', id, rendition }
  return { kind: 'media', id, rendition, name }
}
